"""What slow callers, slow servers and too many callers get."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from google.api.httpbody_pb2 import HttpBody
from reelops.api.sopilot.v1.ingest_service_pb2 import UploadVideoFormResponse
from reelops.api.sopilot.v1.monitoring_service_pb2 import GetHealthResponse
from reelops.rpc.edge import (
    Limits,
)

from tests.rpc.edge.conftest import running_edge

pytestmark = pytest.mark.edge


def read_to_end(connection: socket.socket) -> bytes:
    reply = b""
    while piece := connection.recv(65536):
        reply += piece
    return reply


def test_slow_callers_are_sent_away(tmp_path: Path) -> None:
    limits = Limits(headers_timeout_sec=0.5, call_timeout_sec=0.5, upload_idle_sec=0.5, keepalive_sec=0.5)

    async def upload(chunks: Any, _context: Any) -> None:
        async for _ in chunks:
            pass
        await asyncio.sleep(30)

    with running_edge(tmp_path, limits=limits) as edge:
        edge.script.answer("UploadVideoForm", upload)
        for request, status in (
            (b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"408"),
            (b"POST /videos HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nxx", b"408"),
        ):
            with socket.create_connection(("127.0.0.1", edge.port), timeout=20) as connection:
                connection.sendall(request)
                reply = read_to_end(connection)
            assert reply.startswith(b"HTTP/1.1 " + status), reply
            assert b'{"detail":"The request took too long to arrive."}' in reply
        with socket.create_connection(("127.0.0.1", edge.port), timeout=20) as idle:
            assert read_to_end(idle) == b""


def drip(connection: socket.socket, stop: threading.Event) -> None:
    while not stop.wait(0.1):
        try:
            connection.sendall(b" ")
        except OSError:
            return


def test_a_caller_who_drips_a_json_body_is_sent_away(tmp_path: Path) -> None:
    head = b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    stop = threading.Event()
    with (
        running_edge(tmp_path, limits=Limits(call_timeout_sec=0.5)) as edge,
        socket.create_connection(("127.0.0.1", edge.port), timeout=20) as connection,
    ):
        connection.sendall(head)
        thread = threading.Thread(target=drip, args=(connection, stop))
        thread.start()
        try:
            reply = connection.recv(65536)
        finally:
            stop.set()
            thread.join()
    assert reply.startswith(b"HTTP/1.1 408")


def test_files_may_take_longer_than_calls(tmp_path: Path) -> None:
    async def upload(chunks: Any, _context: Any) -> UploadVideoFormResponse:
        return UploadVideoFormResponse(ingest_job_id=str(sum([len(chunk.data) async for chunk in chunks])))

    async def download(_request: Any, _context: Any) -> AsyncIterator[HttpBody]:
        for _ in range(10):
            yield HttpBody(content_type="video/mp4", data=b"x")
            await asyncio.sleep(0.1)

    def body() -> Iterator[bytes]:
        for _ in range(10):
            yield b"x"
            time.sleep(0.1)

    with (
        running_edge(tmp_path, limits=Limits(call_timeout_sec=0.4)) as edge,
        httpx.Client(base_url=edge.url, trust_env=False, timeout=20) as client,
    ):
        edge.script.answer("UploadVideoForm", upload)
        edge.script.answer("DownloadVideoFile", download)
        kind = {"content-type": "multipart/form-data; boundary=x"}
        assert client.post("/videos", content=body(), headers=kind).json()["ingest_job_id"] == "10"
        assert client.get("/videos/1/file").content == b"x" * 10


def test_a_slow_server_is_504(tmp_path: Path) -> None:
    async def slow(_request: Any, _context: Any) -> None:
        await asyncio.sleep(30)

    with (
        running_edge(tmp_path, limits=Limits(call_timeout_sec=0.3)) as edge,
        httpx.Client(base_url=edge.url, trust_env=False) as client,
    ):
        edge.script.answer("GetVideo", slow)
        answer = client.get("/videos/1")
    assert answer.status_code == 504
    assert answer.json() == {"detail": "The service took too long to answer."}


def test_connections_past_the_limit_are_closed(tmp_path: Path) -> None:
    with running_edge(tmp_path, limits=Limits(connections=5)) as edge:
        edge.script.answer("GetHealth", GetHealthResponse())
        held = [socket.create_connection(("127.0.0.1", edge.port), timeout=10) for _ in range(8)]
        closed = 0
        for connection in held:
            connection.settimeout(0.5)
            try:
                closed += connection.recv(1) == b""
            except ConnectionResetError:
                closed += 1
            except TimeoutError:
                pass
            connection.close()
        assert closed >= 3
