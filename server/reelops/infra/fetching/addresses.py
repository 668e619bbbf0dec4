"""Which addresses belong to the public internet, and which to somebody's own network."""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# IANA's special-purpose registries, written out because what `is_global` says differs between releases of Python.
_INNER_4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' address translation; some clouds answer for metadata here
        "127.0.0.0/8",
        "168.63.129.16/32",  # a public number at which one cloud's machines find their host
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # measurements
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
_INNER_6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo among them: an IPv4 address in disguise
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "3fff::/20",  # documentation
    )
)
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


def is_public(address: Address) -> bool:
    """Says whether the address is one host of the public internet; false for what is not certain."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not any(address in network for network in _INNER_4)
    inside = embedded(address)
    if inside is not None and not is_public(inside):
        return False
    if address.ipv4_mapped is not None or address in _TRANSLATED:
        return True
    return address.is_global and address in _GLOBAL_6 and not any(address in network for network in _INNER_6)


def embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Finds the IPv4 host that an IPv6 address leads to: mapped, translated (NAT64) or tunnelled (ISATAP)."""
    low = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.ipv4_mapped is not None or address in _TRANSLATED:
        return low
    return low if int(address) >> 32 & 0xFFFF_FFFF in _ISATAP else None
