"""Files in both directions, of which the edge holds no more than a window."""

from __future__ import annotations

import asyncio
import hashlib
import random
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx2 as httpx
import pytest
from google.api.httpbody_pb2 import HttpBody
from reelops.api.sopilot.v1.ingest_service_pb2 import IngestJob, UploadVideoFormResponse
from reelops.rpc.edge import Limits

from tests.rpc.edge.conftest import Edge, running_edge
from tests.rpc.edge.servicer import Script, metadata_of

pytestmark = pytest.mark.edge

MIB = 1 << 20


class Received:
    """What an upload's method saw."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.size = 0
        self.chunks: list[int] = []
        self.content_type = ""
        self.cancelled = False


def receiving(received: Received, *, pause_sec: float = 0.0, work_sec: float = 0.0) -> Any:
    async def upload(chunks: AsyncIterator[HttpBody], _context: Any) -> UploadVideoFormResponse:
        try:
            async for chunk in chunks:
                received.content_type = received.content_type or chunk.content_type
                received.digest.update(chunk.data)
                received.size += len(chunk.data)
                received.chunks.append(len(chunk.data))
                if pause_sec:
                    await asyncio.sleep(pause_sec)
            await asyncio.sleep(work_sec)
        except asyncio.CancelledError:
            received.cancelled = True
            raise
        return UploadVideoFormResponse(ingest_job_id="job", status=IngestJob.queued)

    return upload


def resident_kib(process_id: int) -> int:
    status = Path(f"/proc/{process_id}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def file_of(content: bytes, *, chunk: int = 256 * 1024) -> Any:
    """Serves `content` as the server serves files: ranges, HEAD, validators."""
    size = len(content)

    async def download(_request: Any, context: Any) -> AsyncIterator[HttpBody]:
        asked = metadata_of(context)
        etag, first, last = '"v1"', 0, size - 1
        headers: dict[str, str] = {
            "accept-ranges": "bytes",
            "etag": etag,
            "content-disposition": 'inline; filename="a.mp4"',
        }
        if asked.get("if-none-match") == etag:
            await context.send_initial_metadata((("x-http-status", "304"), ("etag", etag)))
            yield HttpBody(content_type="video/mp4")
            return
        if wanted := asked.get("range"):
            begin, _, end = wanted.removeprefix("bytes=").partition("-")
            first, last = int(begin), min(int(end or last), last)
            if first >= size:
                trailing = (("x-http-status", "416"), ("content-range", f"bytes */{size}"))
                await context.abort(grpc.StatusCode.OUT_OF_RANGE, "The range is outside the file.", trailing)
            headers |= {"x-http-status": "206", "content-range": f"bytes {first}-{last}/{len(content)}"}
        headers["x-content-length"] = str(last - first + 1)
        await context.send_initial_metadata(tuple(headers.items()))
        if asked.get("x-http-method") == "HEAD":
            yield HttpBody(content_type="video/mp4")
            return
        for start in range(first, last + 1, chunk):
            yield HttpBody(content_type="video/mp4", data=content[start : min(start + chunk, last + 1)])

    return download


@pytest.fixture(scope="module")
def content() -> bytes:
    return random.Random(7).randbytes(3 * MIB + 17)


def test_an_upload_arrives_as_a_stream_of_chunks(client: httpx.Client, script: Script, content: bytes) -> None:
    received = Received()
    script.answer("UploadVideoForm", receiving(received))
    answer = client.post("/videos", data={"task_id": "line_1"}, files={"file": ("a.mp4", content, "video/mp4")})
    assert answer.json() == {"ingest_job_id": "job", "status": "queued"}
    assert received.content_type.startswith("multipart/form-data; boundary=")
    assert received.size > len(content)
    assert max(received.chunks) <= MIB
    assert len(received.chunks) > 1


def test_an_upload_of_unknown_length_arrives_byte_for_byte(
    client: httpx.Client, script: Script, content: bytes
) -> None:
    received = Received()
    script.answer("UploadVideoForm", receiving(received))
    kind = "multipart/form-data; boundary=x"
    answer = client.post("/videos", content=slices(content), headers={"content-type": kind})
    assert answer.status_code == 200
    assert received.digest.digest() == hashlib.sha256(content).digest()
    assert received.content_type == kind


def slices(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), 10_007):
        yield content[start : start + 10_007]


def test_an_empty_upload_ends_the_stream(client: httpx.Client, script: Script) -> None:
    received = Received()
    script.answer("UploadVideoForm", receiving(received))
    assert client.post("/videos", content=b"", headers={"content-type": "multipart/form-data"}).status_code == 200
    assert received.size == 0


def test_an_upload_past_the_limit_is_refused_before_it_is_sent(edge: Edge, script: Script) -> None:
    length = edge.gateway.limits.upload_bytes + 1
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as connection:
        connection.sendall(f"POST /videos HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
        reply = connection.recv(65536)
    assert reply.startswith(b"HTTP/1.1 413")
    assert f"{length} bytes".encode() in reply
    assert script.calls == []


def test_a_refusal_in_the_middle_of_an_upload_reaches_the_caller(client: httpx.Client, script: Script) -> None:
    async def refuse(chunks: AsyncIterator[HttpBody], context: Any) -> None:
        async for _ in chunks:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "Too large.", (("x-http-status", "413"),))

    script.answer("UploadVideoForm", refuse)
    answer = client.post(
        "/videos", content=bytes(20 * MIB), headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert (answer.status_code, answer.json()) == (413, {"detail": "Too large."})


def test_a_caller_who_goes_away_cancels_the_upload(edge: Edge, script: Script) -> None:
    """The method's stream of chunks ends a moment before the call is cancelled: an end is no proof of a whole file."""
    received = Received()
    script.answer("UploadVideoForm", receiving(received, work_sec=30))
    head = "POST /videos HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as connection:
        connection.sendall(f"{head}Content-Length: 1000000\r\n\r\n".encode() + bytes(100_000))
        wait_for(lambda: received.size > 0)
    wait_for(lambda: received.cancelled)
    assert received.size < 1_000_000


def wait_for(condition: Any) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 20 s"
        time.sleep(0.02)


def test_a_download_has_its_length_and_its_headers(client: httpx.Client, script: Script, content: bytes) -> None:
    script.answer("DownloadVideoFile", file_of(content))
    answer = client.get("/videos/1/file")
    assert answer.status_code == 200
    assert answer.content == content
    assert answer.headers["content-length"] == str(len(content))
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"] == '"v1"'
    assert answer.headers["content-disposition"] == 'inline; filename="a.mp4"'
    assert "transfer-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=1000000-", 1_000_000, 3 * MIB + 16), ("bytes=5-1500004", 5, 1_500_004)],
)
def test_a_range_is_206(
    client: httpx.Client, script: Script, content: bytes, asked: str, first: int, last: int
) -> None:
    script.answer("DownloadVideoFile", file_of(content))
    answer = client.get("/videos/1/file", headers={"range": asked, "if-range": '"v1"'})
    assert answer.status_code == 206
    assert answer.content == content[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(content)}"
    assert answer.headers["content-length"] == str(last - first + 1)
    assert script.last.metadata["if-range"] == '"v1"'


def test_a_range_outside_the_file_is_416(client: httpx.Client, script: Script, content: bytes) -> None:
    script.answer("DownloadVideoFile", file_of(content))
    answer = client.get("/videos/1/file", headers={"range": f"bytes={len(content)}-"})
    assert answer.status_code == 416
    assert answer.json() == {"detail": "The range is outside the file."}
    assert answer.headers["content-range"] == f"bytes */{len(content)}"


def test_an_unchanged_file_is_304_without_a_body(client: httpx.Client, script: Script, content: bytes) -> None:
    script.answer("DownloadVideoFile", file_of(content))
    for _ in range(2):
        answer = client.get("/videos/1/file", headers={"if-none-match": '"v1"'})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"v1"')


def test_head_of_a_file_has_its_length(client: httpx.Client, script: Script, content: bytes) -> None:
    script.answer("DownloadVideoFile", file_of(content))
    for _ in range(2):
        answer = client.head("/videos/1/file")
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-length"] == str(len(content))


def test_a_missing_file_is_an_error(client: httpx.Client, script: Script) -> None:
    async def missing(_request: Any, context: Any) -> AsyncIterator[HttpBody]:
        await context.abort(grpc.StatusCode.NOT_FOUND, "No such video.")
        yield HttpBody()

    script.answer("DownloadVideoFile", missing)
    answer = client.get("/videos/1/file")
    assert (answer.status_code, answer.json()) == (404, {"detail": "No such video."})


def test_a_download_that_breaks_off_is_seen_by_the_caller(tmp_path: Path) -> None:
    """The caller misses bytes that were promised, and the connection closes once it has been idle for its time."""

    async def breaking(_request: Any, context: Any) -> AsyncIterator[HttpBody]:
        await context.send_initial_metadata((("x-content-length", "1000000"),))
        yield HttpBody(content_type="video/mp4", data=bytes(1000))
        await context.abort(grpc.StatusCode.INTERNAL, "The disk is gone.")

    with (
        running_edge(tmp_path, limits=Limits(keepalive_sec=0.5)) as edge,
        httpx.Client(base_url=edge.url, timeout=20, trust_env=False) as client,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        edge.script.answer("DownloadVideoFile", breaking)
        client.get("/videos/1/file")


def test_a_caller_who_stops_reading_stops_the_server(edge: Edge, script: Script) -> None:
    """64 MB are on offer; only what fits into the windows on the way is taken until the caller reads on."""
    sent: list[int] = []

    async def endless(_request: Any, context: Any) -> AsyncIterator[HttpBody]:
        for _ in range(64):
            yield HttpBody(content_type="video/mp4", data=bytes(MIB))
            sent.append(MIB)

    script.answer("DownloadVideoFile", endless)
    before = resident_kib(edge.process.pid)
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as connection:
        connection.sendall(b"GET /videos/1/file HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_for(lambda: len(sent) > 1)
        count = -1
        while count != len(sent):
            count = len(sent)
            time.sleep(0.5)
        assert count < 64
        assert resident_kib(edge.process.pid) - before < 32 * 1024
        total = 0
        while total < 64 * MIB:
            total += len(connection.recv(MIB))
    wait_for(lambda: len(sent) == 64)


def test_a_slow_server_stops_the_caller(edge: Edge, script: Script) -> None:
    received = Received()
    script.answer("UploadVideoForm", receiving(received, pause_sec=0.01))
    before = resident_kib(edge.process.pid)
    peak = 0

    def body() -> Iterator[bytes]:
        nonlocal peak
        for _ in range(48):
            yield bytes(MIB)
            peak = max(peak, resident_kib(edge.process.pid))

    with httpx.Client(base_url=edge.url, timeout=60, trust_env=False) as client:
        answer = client.post("/videos", content=body(), headers={"content-type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 200
    assert received.size == 48 * MIB
    assert peak - before < 32 * 1024
