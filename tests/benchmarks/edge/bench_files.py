"""Measures a large upload and download through Envoy against the same bytes over gRPC without it, in the same run.

    python -m tests.benchmarks.edge.bench_files [--mb 1024]

`growth` is how much more memory Envoy holds at its peak than before. The server throws uploads away and makes
downloads up, so that no disk is measured; it lives in this process, beside the caller.
"""

from __future__ import annotations

import argparse
import socket
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
from google.api.httpbody_pb2 import HttpBody
from reelops.api.sopilot.v1.ingest_service_pb2 import UploadVideoFormResponse
from reelops.api.sopilot.v1.ingest_service_pb2_grpc import IngestServiceStub
from reelops.api.sopilot.v1.video_service_pb2 import DownloadVideoFileRequest
from reelops.api.sopilot.v1.video_service_pb2_grpc import VideoServiceStub
from reelops.rpc.edge import Limits

from tests.rpc.edge.conftest import Edge, running_edge

MIB = 1 << 20
CHUNK = bytes(MIB)


class Peak:
    """Watches the resident memory of a process while a block runs, in MiB."""

    def __init__(self, process_id: int) -> None:
        self._status = Path(f"/proc/{process_id}/status")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.before = self.peak = 0.0

    def __enter__(self) -> Peak:
        self.before = self.peak = self._now()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _now(self) -> float:
        line = next(line for line in self._status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            self.peak = max(self.peak, self._now())


def serve(edge: Edge, size: int) -> None:
    async def upload(chunks: Any, _context: Any) -> UploadVideoFormResponse:
        total = 0
        async for chunk in chunks:
            total += len(chunk.data)
        return UploadVideoFormResponse(ingest_job_id=str(total))

    async def download(_request: Any, context: Any) -> AsyncIterator[HttpBody]:
        await context.send_initial_metadata((("x-content-length", str(size)),))
        for _ in range(size // MIB):
            yield HttpBody(content_type="video/mp4", data=CHUNK)

    edge.script.answer("UploadVideoForm", upload)
    edge.script.answer("DownloadVideoFile", download)


def upload_rest(port: int, size: int) -> None:
    kind = "multipart/form-data; boundary=x"
    head = f"POST /videos HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head.encode())
        for _ in range(size // MIB):
            connection.sendall(CHUNK)
        reply = connection.recv(65536)
    assert f'"{size}"'.encode() in reply, reply


def download_rest(port: int, size: int) -> None:
    buffer = memoryview(bytearray(MIB))
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET /videos/1/file HTTP/1.1\r\nHost: x\r\n\r\n")
        first = connection.recv(65536)
        head, _, body = first.partition(b"\r\n\r\n")
        assert f"content-length: {size}".encode() in head, head
        left = size - len(body)
        while left:
            got = connection.recv_into(buffer)
            assert got, "the download broke off"
            left -= got


def upload_grpc(port: int, size: int) -> None:
    def chunks() -> Iterator[HttpBody]:
        for _ in range(size // MIB):
            yield HttpBody(data=CHUNK)

    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        assert IngestServiceStub(channel).UploadVideoForm(chunks()).ingest_job_id == str(size)


def download_grpc(port: int, size: int) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        answers = VideoServiceStub(channel).DownloadVideoFile(DownloadVideoFileRequest(video_id=1))
        assert sum(len(answer.data) for answer in answers) == size


def timed(transfer: Callable[[int, int], None], port: int, size: int) -> float:
    """Returns MiB in a second."""
    start = time.perf_counter()
    transfer(port, size)
    return size / MIB / (time.perf_counter() - start)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--mb", type=int, default=1024)
    size = arguments.parse_args().mb * MIB
    limits = Limits(upload_bytes=2 * size)
    with tempfile.TemporaryDirectory() as folder, running_edge(Path(folder), limits=limits) as edge:
        serve(edge, size)
        print(f"{size // MIB} MiB {'':8} {'REST, Envoy':>14} {'gRPC, direct':>14} {'ratio':>6} {'growth of Envoy':>16}")
        for name, rest, direct in (("upload", upload_rest, upload_grpc), ("download", download_rest, download_grpc)):
            with Peak(edge.process.pid) as memory:
                through = timed(rest, edge.port, size)
            plain = timed(direct, edge.server.port, size)
            grown = memory.peak - memory.before
            print(f"{name:16} {through:8.0f} MiB/s {plain:8.0f} MiB/s {through / plain:6.2f} {grown:12.1f} MiB")


if __name__ == "__main__":
    main()
