"""What the gateway is told: where it listens, where the server is, what it allows."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import reelops.api

DESCRIPTORS = Path(str(reelops.api.__file__)).parent / "descriptors.binpb"
"""The descriptor set of every proto, committed beside the stubs."""


@dataclass(frozen=True, slots=True)
class Listener:
    """A port and whom it serves: `default` is the surface of every host that `hosts` does not name.

    With `default` None an unknown host gets 404; gRPC works at any host of any port.
    """

    name: str
    port: int
    default: str | None = None
    hosts: dict[str, str] = field(default_factory=dict)


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


def documented_listeners(*, sopilot_port: int = 8000, edge_port: int = 8080) -> tuple[Listener, ...]:
    """Returns a listener for each documented base URL, and the one for all systems by Host."""
    return (
        Listener("sopilot", sopilot_port, default="sopilot"),
        Listener("edge", edge_port, hosts={"sopilot.localhost": "sopilot"}),
    )
