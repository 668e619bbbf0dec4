"""What the gateway is told: where it listens, where the server is, what it allows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import reelops.api

DESCRIPTORS = Path(str(reelops.api.__file__)).parent / "descriptors.binpb"
"""The descriptor set of every proto, committed beside the stubs."""


EDGE_HOSTS = {
    "sopilot.localhost": "sopilot",
    "core.localhost": "core",
    "wavestack.localhost": "core",
    "clipper.localhost": "clipper",
    "thumbnail.localhost": "thumbnail",
}
"""The host names under which the port for all systems tells the surfaces apart."""


@dataclass(frozen=True, slots=True)
class Listener:
    """A port and whom it serves: `default` are the surfaces of every host that `hosts` does not name.

    Where several have a route, it is that of the first of them. Without `default` an unknown host gets 404; gRPC works
    at any host of any port.
    """

    name: str
    port: int
    default: tuple[str, ...] = ()
    hosts: dict[str, str] = field(default_factory=dict)

    @property
    def surfaces(self) -> tuple[tuple[str, ...], ...]:
        """The surfaces that share a host, for each host; the last are those of all hosts without a name."""
        return (*((surface,) for surface in self.hosts.values()), self.default)


def host_key(surfaces: Iterable[str]) -> str:
    """Names the surfaces that share a host: `sopilot+clipper`."""
    return "+".join(surfaces)


@dataclass(frozen=True, slots=True)
class Limits:
    """What clients may do. Times in seconds, sizes in bytes unless named otherwise."""

    headers_kb: int = 60
    headers_timeout_sec: float = 10.0
    json_bytes: int = 1 << 20
    upload_bytes: int = 1025 << 20
    answer_bytes: int = 64 << 20
    call_timeout_sec: float = 60.0
    stream_idle_sec: float = 300.0
    upload_idle_sec: float = 60.0
    keepalive_sec: float = 60.0
    connections: int = 10_000
    streams_per_connection: int = 128
    calls: int = 4096
    heap_bytes: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Gateway:
    """One Envoy. `servers` are host:port of gRPC servers; `access_log` is a file, or None for standard output.

    `cors_origins` are origins (`https://app.example`) whose pages may call; none by default. `trusted_proxies` is how
    many proxies of ours stand in front and append to `X-Forwarded-For`.
    """

    listeners: tuple[Listener, ...]
    servers: tuple[str, ...]
    admin_port: int
    bind: str = "127.0.0.1"
    access_log: Path | None = None
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: int = 0
    concurrency: int = 2
    limits: Limits = Limits()


def documented_listeners(
    *, sopilot_port: int = 8000, core_port: int = 3000, thumbnail_port: int = 8400, edge_port: int = 8080
) -> tuple[Listener, ...]:
    """Returns a listener for each documented base URL, and the one for all systems by Host."""
    return (
        Listener("sopilot", sopilot_port, default=("sopilot", "clipper"), hosts={"clipper.localhost": "clipper"}),
        Listener("core", core_port, default=("core",)),
        Listener("thumbnail", thumbnail_port, default=("thumbnail",)),
        Listener("edge", edge_port, hosts=EDGE_HOSTS),
    )
