"""Reads the URLs that callers hand in: one spelling, one meaning, nothing hidden."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass

import httpx2

from reelops import errors
from reelops.infra.fetching.addresses import Address
from reelops.infra.fetching.policy import Guard

_LONGEST = 4096
_LONGEST_NAME = 253
_HIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\\\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Location:
    """A checked address of the web. `host` is in ASCII and lower case, without a closing dot or brackets.

    `address` is there where the host is written as a number. `path` carries the query.
    """

    scheme: str
    host: str
    port: int
    path: str
    address: Address | None

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def authority(self) -> str:
        """The host, and the port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def follow(self, reference: str) -> Location:
        """Reads where a redirect leads. Raises what `read_url` raises."""
        reference = reference.replace(" ", "%20")
        if _HIDDEN.search(reference):
            raise _invalid("a redirect leads to an address with characters that do not belong there")
        try:
            return read_url(str(httpx2.URL(str(self)).join(reference)))
        except (httpx2.InvalidURL, ValueError):
            raise _invalid("a redirect leads to no proper address") from None


def read_url(url: str) -> Location:
    """Reads an http or https URL. Raises `Invalid("SOURCE_INVALID")` with a sentence that says what is wrong."""
    if len(url) > _LONGEST:
        raise _invalid(f"the URL is longer than {_LONGEST} characters")
    if _HIDDEN.search(url):
        raise _invalid("the URL has spaces, backslashes or characters that cannot be seen")
    try:
        parsed = httpx2.URL(url)
        host = parsed.raw_host.decode("ascii").lower()
    except (httpx2.InvalidURL, ValueError):
        raise _invalid("the URL cannot be read") from None
    if parsed.scheme not in _PORTS:
        raise _invalid("only http and https URLs are fetched")
    if "@" in re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]:
        raise _invalid("the URL must not carry a user name or a password")
    port = parsed.port if parsed.port is not None else _PORTS[parsed.scheme]
    if not 0 < port < 65536:
        raise _invalid("the URL's port is not between 1 and 65535")
    address = _literal(host)
    name = str(address) if address is not None else _checked_name(host)
    return Location(parsed.scheme, name, port, parsed.raw_path.decode("ascii") or "/", address)


def check_location(location: Location, guard: Guard) -> None:
    """Refuses what can be refused without asking the network. Raises `Invalid("SOURCE_REFUSED")`."""
    if guard.knows_name(location.host, location.port):
        return
    if location.address is not None and not guard.lets(location.address, location.port):
        raise refused()
    if location.host == "localhost" or location.host.endswith(".localhost"):
        # A name may still be exempt by its address.
        loopback = ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")
        if not any(guard.lets(address, location.port) for address in loopback):
            raise refused()


def refused() -> errors.Invalid:
    """Gives the one sentence for every address that is not public; it does not say which address it was."""
    return errors.Invalid("SOURCE_REFUSED", "the URL leads to a private or special network, which is not fetched from")


def _literal(host: str) -> Address | None:
    """Reads a host that is written as a number. Spellings that only some programs understand are refused."""
    if ":" in host:
        try:
            if "%" in host:
                raise ValueError
            return ipaddress.IPv6Address(host)
        except ValueError:
            raise _invalid("the URL's host is no proper IPv6 address") from None
    bare = host.removesuffix(".")
    try:
        return ipaddress.IPv4Address(bare)
    except ValueError:
        pass
    last = bare.rpartition(".")[2]
    if last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last) or _old_spelling(bare):
        raise _invalid("the URL's host is no proper IPv4 address; write four numbers with dots between")
    return None


def _old_spelling(host: str) -> bool:
    """Says whether the system would read the host as an IPv4 address: `127.1`, `0x7f000001`, `017700000001`."""
    try:
        socket.inet_aton(host)
    except (OSError, ValueError):
        return False
    return True


def _checked_name(host: str) -> str:
    name = host.removesuffix(".")
    if not name:
        raise _invalid("the URL names no host")
    if len(name) > _LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise _invalid("the URL's host is no proper name")
    return name


def _invalid(sentence: str) -> errors.Invalid:
    return errors.Invalid("SOURCE_INVALID", sentence)
