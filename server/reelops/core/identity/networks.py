"""The networks whose hosts are trusted without credentials."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from reelops.core.identity.model import NETWORK, Principal, Role

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LOOPBACK: Final = "127.0.0.0/8,::1/128"


class TrustedNetworks:
    """Hosts that may call for one organisation without a token, and the origins whose pages may have them do so."""

    def __init__(self, networks: Iterable[Network], *, org_id: str, origins: Iterable[str] = ()) -> None:
        self._networks = tuple(networks)
        self._origins = frozenset(origins)
        self.principal: Final = Principal(NETWORK, Role.operator, org_id)

    def __contains__(self, address: object) -> bool:
        return isinstance(address, IPv4Address | IPv6Address) and any(address in one for one in self._networks)

    def has_page(self, origin: str) -> bool:
        """Whether pages of an origin (`http://localhost:8000`) may call: listed ones, and those of trusted hosts."""
        if origin in self._origins:
            return True
        try:
            host = urlsplit(origin).hostname or ""
        except ValueError:
            return False
        return host == "localhost" or host.endswith(".localhost") or parse_address(host) in self


def parse_networks(text: str) -> tuple[Network, ...]:
    """Reads `10.0.0.0/8,::1/128`. Raises `ValueError` that names the wrong entry."""
    networks = []
    for entry in text.split(","):
        if not entry.strip():
            continue
        try:
            networks.append(ip_network(entry.strip()))
        except ValueError as error:
            raise ValueError(f"{entry.strip()!r} is no network: {error}") from None
    return tuple(networks)


def parse_address(text: str) -> Address | None:
    """Reads an address, an IPv4 one inside IPv6 as what it is; None for anything else."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def host_of(address: Address | None) -> str:
    """Names whom an address counts for: itself, or for IPv6 its /64, which one host has all of."""
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, 64), strict=False).network_address) + "/64"
    return str(address) if address is not None else "unknown"
