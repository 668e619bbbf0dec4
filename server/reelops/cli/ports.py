"""Which ports an installation needs, and who has them already."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reelops.settings import Settings

_NAMES = {
    "sopilot_port": "edge for SOPilot and the clipper",
    "core_port": "edge for WaveStack's core",
    "thumbnail_port": "edge for the thumbnail generator",
    "edge_port": "edge for all systems",
    "grpc_port": "gRPC server",
    "envoy_admin_port": "Envoy's admin page",
    "triton_http_port": "Triton HTTP",
    "triton_grpc_port": "Triton gRPC",
    "triton_metrics_port": "Triton metrics",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A wanted port that a program has; its process and name where this system tells."""

    port: int
    label: str
    process: int | None = None
    name: str = ""

    def __str__(self) -> str:
        holder = "" if self.process is None else f" by {self.name} (process {self.process})"
        return f"port {self.port} ({self.label}) is taken{holder}"


def wanted_ports(settings: Settings) -> Mapping[int, str]:
    """Gives each port that `reelops up` opens, with what it is for."""
    local_triton = not settings.triton_address
    return {
        settings.port(name): label for name, label in _NAMES.items() if local_triton or not name.startswith("triton")
    }


def taken_ports(settings: Settings) -> list[Taken]:
    """Gives each wanted port that a program has; it tells itself as a sentence."""
    return [
        Taken(port, label, *_holder(port))
        for port, label in wanted_ports(settings).items()
        if not is_free(settings.bind, port)
    ]


def is_free(address: str, port: int) -> bool:
    """Says whether a port can be listened on."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def _holder(port: int) -> tuple[int | None, str]:
    """Finds the process that listens on a port, and its name, where this system tells."""
    inode = _listening_inode(port)
    if inode is None:
        return None, ""
    for folder in Path("/proc").glob("[0-9]*/fd"):
        with contextlib.suppress(OSError):
            if any(str(link.readlink()) == f"socket:[{inode}]" for link in folder.iterdir()):
                name = (folder.parent / "comm").read_text().strip()
                return int(folder.parent.name), name
    return None, ""


def _listening_inode(port: int) -> str | None:
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        with contextlib.suppress(OSError):
            for line in table.read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                    return fields[9]
    return None
