"""One call through Envoy and over gRPC against FastAPI: `python -m tests.benchmarks.api.bench_get_video`.

One server process each, the same row, a bearer token checked on each request, the same load generator: closed loop,
keep-alive, over raw sockets.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reelops.api.sopilot.v1 import video_service_pb2

from tests.benchmarks.api.load import Connect, Measured, closed_loop, grpc, http
from tests.benchmarks.figures import Figure, publish
from tests.flow import ingest
from tests.media import write_video
from tests.service_fixture import TOKENS, RunningService, free_offset, running_service

SECONDS = float(os.environ.get("BENCH_SECONDS", "8"))
CONNECTIONS = 16
ROUNDS = 2


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        video = folder / "video.mp4"
        write_video(video)
        with running_service(folder) as service, rival(folder) as port:
            with service.client("operator") as client:
                video_id = ingest(client, video, "bench")
            rows = measure(service, port, video_id)
    report(rows)


def measure(service: RunningService, rival_port: int, video_id: int) -> dict[str, Measured]:
    """Runs each contender in turn, twice, and keeps the better round of each."""
    token = TOKENS["viewer"]
    auth = {"authorization": f"Bearer {token}"}
    path = f"/videos/{video_id}"
    method = "/reelops.api.sopilot.v1.VideoService/GetVideo"
    message = video_service_pb2.GetVideoRequest(video_id=video_id).SerializeToString()
    host, grpc_port = service.grpc_address.split(":")
    contenders: dict[str, Connect] = {
        "FastAPI + SQLAlchemy": http("127.0.0.1", rival_port, "/videos/1", auth),
        "ReelOps REST through Envoy": http("127.0.0.1", 8000 + service.offset, path, auth),
        "ReelOps gRPC": grpc(host, int(grpc_port), method, message, auth),
        "ReelOps gRPC through Envoy": grpc("127.0.0.1", 8000 + service.offset, method, message, auth),
    }
    best: dict[str, Measured] = {}
    for _ in range(ROUNDS):
        for name, connect in contenders.items():
            seen = asyncio.run(closed_loop(connect, connections=CONNECTIONS, seconds=SECONDS))
            if name not in best or seen.per_second > best[name].per_second:
                best[name] = seen
    return best


def report(rows: dict[str, Measured]) -> None:
    base = rows["FastAPI + SQLAlchemy"].per_second
    print(f"GET /videos/{{id}}, {CONNECTIONS} connections, one server process each")
    for name, seen in rows.items():
        print(
            f"  {name:28} {seen.per_second:8.0f}/s  p50 {seen.p50_ms:6.2f} ms  p99 {seen.p99_ms:6.2f} ms"
            f"  {seen.per_second / base:5.2f} x"
        )
        if seen is not rows["FastAPI + SQLAlchemy"]:
            publish(
                Figure(
                    benchmark=f"GET /videos/{{id}}, {name}",
                    ours=f"{seen.per_second:.0f}/s",
                    alternative=f"FastAPI + SQLAlchemy {base:.0f}/s",
                    ratio=seen.per_second / base,
                    target=">= 1.5",
                )
            )


@contextmanager
def rival(folder: Path) -> Iterator[int]:
    """Runs the rival with one row like ours and gives its port."""
    database = folder / "rival.sqlite3"
    _fill(database)
    port = 8000 + free_offset()
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "tests.benchmarks.api.rival:app", "--port", str(port), "--no-access-log"],
        env={**os.environ, "RIVAL_DATABASE": str(database), "RIVAL_TOKEN": TOKENS["viewer"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        asyncio.run(_await_port(port))
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _fill(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            "CREATE TABLE videos (video_id INTEGER PRIMARY KEY, task_id VARCHAR(255), role VARCHAR(16), "
            "site_id VARCHAR(255), camera_id VARCHAR(255), num_clips INTEGER, embedding_model VARCHAR(255), "
            "created_at DATETIME)"
        )
        connection.execute(
            "INSERT INTO videos VALUES (1, 'bench', 'trainee', NULL, NULL, 1, 'model:1', '2026-02-08 12:00:00.000000')"
        )


async def _await_port(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise TimeoutError("the rival did not start")


if __name__ == "__main__":
    main()
