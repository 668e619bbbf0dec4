"""Where the services of WaveStack are, from where its core is."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

_CORE, _CLIPPER, _THUMBNAIL = 3000, 8000, 8400
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Addresses:
    """The base URLs of the services, without a slash at their end; "" for one that is not known."""

    core: str
    clipper: str
    thumbnail: str

    @staticmethod
    def of(base_url: str, *, clipper_url: str | None = None, thumbnail_url: str | None = None) -> Addresses:
        """Reads the address of the core and finds the others: their documented ports, shifted as the core's is.

        A core at port 13000 has its clipper at 18000. An address without a port, or with one below 3000, says nothing
        of the others. Raises ValueError for what is no http or https URL.
        """
        return Addresses(
            core=_checked(base_url, "base_url"),
            clipper=_checked(clipper_url, "clipper_url") if clipper_url else _beside(base_url, _CLIPPER),
            thumbnail=_checked(thumbnail_url, "thumbnail_url") if thumbnail_url else _beside(base_url, _THUMBNAIL),
        )


def _checked(url: str, name: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{name} is not an http or https URL: {url!r}")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError(f"{name} has more than a host, a port and a path")
    if parts.port == 0:
        raise ValueError(f"{name} has no port that can be called: {url!r}")
    return url.rstrip("/")


def _beside(base_url: str, documented: int) -> str:
    parts = urlsplit(base_url)
    port = (parts.port or 0) - _CORE + documented
    if not documented <= port <= _LAST_PORT:
        return ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{port}"
