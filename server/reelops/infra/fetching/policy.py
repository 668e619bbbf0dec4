"""What may be fetched, from where, and how much of it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from reelops.infra.fetching.addresses import Address, Network, is_public

# What a server says of a video, or of a file of which it knows nothing. A prefix ends in a slash.
VIDEO_TYPES = (
    "video/",
    "audio/",
    "image/gif",
    "image/apng",
    "application/octet-stream",
    "binary/octet-stream",
    "application/binary",
    "application/download",
    "application/force-download",
    "application/x-download",
    "application/mp4",
    "application/mxf",
    "application/ogg",
    "application/x-matroska",
    "application/vnd.rn-realmedia",
)
# Lists of other addresses. They come under video/ and audio/ too.
_LIST_TYPE = re.compile(r"mpegurl|m3u8?\b|scpls|ms-sstr|ms-asf-plugin|ms-wax|ms-wvx|ms-asx|\+xml|\+json")
_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")


@dataclass(frozen=True, slots=True)
class Exemption:
    """One host or network of one's own that may be fetched from. Every port where `port` is absent."""

    host: str | Network
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `name`, `name:port`, `10.0.0.0/8`, `10.1.2.3:8080`, `fd00::/8` or `[::1]:8080`. Raises `ValueError`."""
        text = text.strip().lower()
        network = _network(text)
        if network is not None:
            return cls(network)
        host, separator, digits = text.rpartition(":") if ":" in text else (text, "", "")
        if separator and not (digits.isascii() and digits.isdigit() and 0 < int(digits) < 65536):
            raise ValueError(f"{text!r} names no host, no network and no host:port")
        network = _network(host)
        if network is None and not _NAME.fullmatch(host.removesuffix(".")):
            raise ValueError(f"{text!r} names no host, no network and no host:port")
        return cls(network or host.removesuffix("."), int(digits) if separator else None)

    def covers_name(self, host: str, port: int) -> bool:
        """Says whether a host's name is listed."""
        return self.host == host and self.port in (None, port)

    def covers_address(self, address: Address, port: int) -> bool:
        """Says whether an address is listed."""
        return not isinstance(self.host, str) and address in self.host and self.port in (None, port)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPolicy:
    """The bounds of fetching.

    `allow_hosts` are the exemptions from "public internet only", as `Exemption.parse` reads them. `idle_timeout_sec`
    is how long a server may send nothing. `content_types` are whole types, or prefixes that end in a slash; an answer
    that names no type passes.
    """

    allow_hosts: tuple[str, ...] = ()
    max_bytes: int = 4096 * 1024 * 1024
    total_timeout_sec: float = 1800.0
    connect_timeout_sec: float = 10.0
    idle_timeout_sec: float = 30.0
    max_redirects: int = 5
    content_types: tuple[str, ...] = VIDEO_TYPES


class Guard:
    """Says which hosts and addresses a policy lets through. Raises `ValueError` for a wrong `allow_hosts`."""

    def __init__(self, allow_hosts: Iterable[str]) -> None:
        self._exempt = tuple(Exemption.parse(text) for text in allow_hosts if text.strip())

    def knows_name(self, host: str, port: int) -> bool:
        """Says whether a host is exempt by its name, so that any address of it is taken."""
        return any(entry.covers_name(host, port) for entry in self._exempt)

    def lets(self, address: Address, port: int) -> bool:
        """Says whether an address is public or exempt."""
        return is_public(address) or self.is_exempt(address, port)

    def is_exempt(self, address: Address, port: int) -> bool:
        """Says whether an address is listed."""
        return any(entry.covers_address(address, port) for entry in self._exempt)


def takes_type(policy: FetchPolicy, content_type: str | None) -> bool:
    """Says whether an answer of this content type (without parameters, lower case) is worth reading."""
    if not content_type:
        return True
    if _LIST_TYPE.search(content_type):
        return False
    return any(
        content_type.startswith(taken) if taken.endswith("/") else content_type == taken
        for taken in policy.content_types
    )


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
