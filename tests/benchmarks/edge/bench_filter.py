"""Measures what the edge filter costs, against the same Envoy with the transcoder alone, in the same run.

    python -m tests.benchmarks.edge.bench_filter [--requests 4000] [--connections 16]

`cpu` is processor time of the Envoy process per request: the caller and the Python server behind it are slower than
Envoy, so that requests in a second say little of it. Both Envoys run one worker thread before the same server, and take
turns.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reelops.api.sopilot.v1.monitoring_service_pb2 import GetHealthResponse
from reelops.api.sopilot.v1.video_pb2 import Video
from reelops.api.sopilot.v1.video_service_pb2 import GetVideoResponse, ListVideosResponse
from reelops.rpc.edge import Gateway, documented_listeners, envoy_command, write_gateway

from tests.rpc.edge.conftest import free_ports, running_envoy
from tests.rpc.edge.servicer import EdgeServer

ROUNDS = 5
PATHS = {"/health": "nothing to fill in", "/videos/42": "2 nulls", "/videos": "100 nulls, 7 kB"}


@dataclass(slots=True)
class Total:
    """What one Envoy did on one path."""

    requests: int = 0
    cpu_sec: float = 0.0
    wall_sec: float = 0.0

    @property
    def cpu_us(self) -> float:
        return self.cpu_sec / self.requests * 1e6

    @property
    def rate(self) -> float:
        return self.requests / self.wall_sec


def without_filter(config: str) -> str:
    """Takes the filter out, and has the routes match what the transcoder writes instead of what the filter writes."""
    start = config.index("        - name: envoy.filters.http.lua\n")
    config = config[:start] + config[config.index("        - name: envoy.filters.http.grpc_web\n", start) :]
    if "- name: envoy.filters.http.lua\n" in config:
        return without_filter(config)
    return re.sub(
        r'"name": "x-edge-surface", "string_match": \{"exact": "\w+"\}',
        '"name": "te", "string_match": {"exact": "trailers"}',
        config,
    )


@contextmanager
def envoy(folder: Path, server: EdgeServer, *, has_filter: bool) -> Iterator[tuple[int, int]]:
    """Starts an Envoy and yields its process id and its port."""
    port, core, thumbnail, other, admin = free_ports(5)
    listeners = documented_listeners(sopilot_port=port, core_port=core, thumbnail_port=thumbnail, edge_port=other)
    gateway = Gateway(
        listeners=listeners,
        servers=(f"127.0.0.1:{server.port}",),
        admin_port=admin,
        access_log=folder / "access.log",
        concurrency=1,
    )
    config = write_gateway(folder, gateway)
    if not has_filter:
        config.write_text(without_filter(config.read_text()))
    with running_envoy(envoy_command(config, gateway, log_file=folder / "log"), admin, folder / "log") as process:
        yield process.pid, port


def cpu_sec(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def ask(port: int, path: str, count: int) -> None:
    """Sends requests one after another on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    for _ in range(count):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = re.search(rb"content-length: (\d+)", head)
        assert length is not None, head
        await reader.readexactly(int(length[1]))
    writer.close()


async def burst(port: int, path: str, requests: int, connections: int) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(ask(port, path, requests // connections))


def measure(total: Total, process_id: int, port: int, path: str, requests: int, connections: int) -> None:
    cpu, wall = cpu_sec(process_id), time.perf_counter()
    asyncio.run(burst(port, path, requests, connections))
    total.wall_sec += time.perf_counter() - wall
    total.cpu_sec += cpu_sec(process_id) - cpu
    total.requests += requests // connections * connections


def script(server: EdgeServer) -> None:
    video = Video(
        video_id=42, task_id="line_1", role=Video.trainee, num_clips=75, embedding_model="motion-appearance:1"
    )
    video.created_at.GetCurrentTime()
    server.script.answer("GetHealth", GetHealthResponse(status="ok", db=True))
    server.script.answer("GetVideo", GetVideoResponse(video=video))
    server.script.answer("ListVideos", ListVideosResponse(items=[video] * 50))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--requests", type=int, default=4000)
    arguments.add_argument("--connections", type=int, default=16)
    given = arguments.parse_args()
    server = EdgeServer()
    server.start()
    script(server)
    print(f"{'path':12} {'answer':18} {'cpu, filter':>12} {'none':>10} {'ratio':>6} {'1/s, filter':>12} {'none':>7}")
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as two,
        envoy(Path(one), server, has_filter=True) as ours,
        envoy(Path(two), server, has_filter=False) as plain,
    ):
        for path, what in PATHS.items():
            compare(server, path, what, (ours, plain), given.requests, given.connections)
    server.close()


def compare(
    server: EdgeServer, path: str, what: str, places: tuple[tuple[int, int], ...], requests: int, connections: int
) -> None:
    """Measures one path in turns and prints a line."""
    totals = [Total() for _ in places]
    for _ in range(ROUNDS):
        for total, (process_id, port) in zip(totals, places, strict=True):
            measure(total, process_id, port, path, requests // ROUNDS, connections)
            server.script.calls.clear()
    ours, plain = totals
    times = f"{ours.cpu_us:9.0f} us {plain.cpu_us:7.0f} us {ours.cpu_us / plain.cpu_us:6.2f}"
    print(f"{path:12} {what:18} {times} {ours.rate:12.0f} {plain.rate:7.0f}")


if __name__ == "__main__":
    main()
