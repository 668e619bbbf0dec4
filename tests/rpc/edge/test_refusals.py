"""What a REST caller gets when something is wrong: always JSON with one sentence."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import grpc
import httpx2 as httpx
import pytest
from reelops.api.sopilot.v1.video_pb2 import Video
from reelops.api.sopilot.v1.video_service_pb2 import GetVideoResponse, ListVideosResponse
from reelops.rpc.edge import Limits

from tests.rpc.edge.conftest import Edge, running_edge
from tests.rpc.edge.refusals import aborts, detail
from tests.rpc.edge.servicer import Script

pytestmark = pytest.mark.edge


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, 400),
        (grpc.StatusCode.FAILED_PRECONDITION, 400),
        (grpc.StatusCode.UNAUTHENTICATED, 401),
        (grpc.StatusCode.PERMISSION_DENIED, 403),
        (grpc.StatusCode.NOT_FOUND, 404),
        (grpc.StatusCode.ALREADY_EXISTS, 409),
        (grpc.StatusCode.ABORTED, 409),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, 429),
        (grpc.StatusCode.INTERNAL, 500),
        (grpc.StatusCode.UNKNOWN, 500),
        (grpc.StatusCode.UNIMPLEMENTED, 501),
        (grpc.StatusCode.UNAVAILABLE, 503),
        (grpc.StatusCode.DEADLINE_EXCEEDED, 504),
    ],
)
def test_each_grpc_code_has_its_status(
    client: httpx.Client, script: Script, code: grpc.StatusCode, status: int
) -> None:
    script.answer("GetVideo", aborts(code, "Something is wrong.", ("x-error-code", "SOME_REASON")))
    assert detail(client.get("/videos/1"), status) == "Something is wrong."


@pytest.mark.parametrize("status", ["409", "413", "422", "416"])
def test_the_server_may_ask_for_another_status(client: httpx.Client, script: Script, status: str) -> None:
    script.answer("GetVideo", aborts(grpc.StatusCode.FAILED_PRECONDITION, "No.", ("x-http-status", status)))
    assert detail(client.get("/videos/1"), int(status)) == "No."


def test_a_senseless_status_is_not_taken(client: httpx.Client, script: Script) -> None:
    for wanted in ("20000", "abc", "100", "99"):
        script.answer("GetVideo", aborts(grpc.StatusCode.NOT_FOUND, "No.", ("x-http-status", wanted)))
        detail(client.get("/videos/1"), 404)


@pytest.mark.parametrize(
    "message",
    ['with "quotes" and \\', "lines\nand\r\ttabs", "100% sure, %41 %zz", "vidéo → 視頻 🎬", "\x01\x1f", " trimmed? "],
)
def test_any_message_is_spelled_right(client: httpx.Client, script: Script, message: str) -> None:
    script.answer("GetVideo", aborts(grpc.StatusCode.NOT_FOUND, message))
    assert detail(client.get("/videos/1"), 404).strip() == message.strip()


def test_an_empty_message_becomes_a_sentence(client: httpx.Client, script: Script) -> None:
    script.answer("GetVideo", aborts(grpc.StatusCode.NOT_FOUND, ""))
    assert detail(client.get("/videos/1"), 404) == "There is nothing at this address."


def test_a_long_message_arrives_whole(client: httpx.Client, script: Script) -> None:
    script.answer("GetVideo", aborts(grpc.StatusCode.NOT_FOUND, "ü" * 1500))
    assert detail(client.get("/videos/1"), 404) == "ü" * 1500


def test_an_unknown_exception_is_an_internal_error(client: httpx.Client, script: Script) -> None:
    async def broken(_request: Any, _context: Any) -> None:
        raise RuntimeError("secret")

    script.answer("GetVideo", broken)
    assert detail(client.get("/videos/1"), 500) == "An internal error occurred."


def test_both_ways_to_log_in_are_offered(client: httpx.Client, script: Script) -> None:
    schemes = ('Bearer realm="ReelOps"', 'Basic realm="ReelOps", charset="UTF-8"')
    script.answer(
        "GetVideo",
        aborts(grpc.StatusCode.UNAUTHENTICATED, "Who are you?", *(("www-authenticate", scheme) for scheme in schemes)),
    )
    answer = client.get("/videos/1")
    detail(answer, 401)
    assert tuple(answer.headers.get_list("www-authenticate")) == schemes


def test_metadata_of_an_error_are_headers(client: httpx.Client, script: Script) -> None:
    script.answer("GetVideo", aborts(grpc.StatusCode.RESOURCE_EXHAUSTED, "Slow down.", ("retry-after", "7")))
    answer = client.get("/videos/1")
    detail(answer, 429)
    assert answer.headers["retry-after"] == "7"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/nope",
        "/videos/42/",
        "//videos",
        "/Videos",
        "/videos/42/file/x",
        "/videos//file",
        "/health/",
        "/videos/1;x/file/y",
        "/videos%2F42",
        "/.env",
        "/reelops.api.sopilot.v1.VideoService/GetVideo",
        "/grpc.health.v1.Health/Check",
    ],
)
def test_an_unknown_address_is_404(client: httpx.Client, script: Script, path: str) -> None:
    detail(client.get(path), 404)
    detail(client.post(path, json={}), 404)
    assert script.calls == []


def test_another_method_is_405_and_says_which_are_allowed(client: httpx.Client, script: Script) -> None:
    for method, path, allowed in (
        ("PUT", "/videos/42", "DELETE, GET, HEAD"),
        ("POST", "/videos/42", "DELETE, GET, HEAD"),
        ("DELETE", "/videos", "GET, HEAD, POST"),
        ("GET", "/score", "POST"),
        ("HEAD", "/score", "POST"),
        ("OPTIONS", "/health", "GET, HEAD"),
        ("PATCH", "/health", "GET, HEAD"),
    ):
        answer = client.request(method, path)
        assert answer.headers["allow"] == allowed
        if method != "HEAD":
            assert allowed in detail(answer, 405)
    assert script.calls == []


def test_a_head_that_fails_has_no_body(client: httpx.Client, script: Script) -> None:
    script.answer("GetVideo", aborts(grpc.StatusCode.NOT_FOUND, "No."))
    for path, status in (("/videos/1", 404), ("/nope", 404), ("/videos/abc", 400), ("/videos/1", 404)):
        answer = client.head(path)
        assert (answer.status_code, answer.content) == (status, b"")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=1&x=2", "'x'"),
        ("x", "'x'"),
        ("_=17", "'_'"),
        ("li%6Dit=1&task%20id=2", "'task id'"),
        ("%22%0a=1", "'\"\n'"),
    ],
)
def test_an_unknown_query_parameter_is_named(client: httpx.Client, script: Script, query: str, named: str) -> None:
    script.answer("ListVideos", ListVideosResponse())
    sentence = detail(client.get(f"/videos?{query}"), 400)
    assert named in sentence
    assert "limit, task_id" in sentence
    assert script.calls == []


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/videos/abc", "'video_id' must be a whole number"),
        ("/videos/-1", "'video_id' must be a whole number"),
        ("/videos/99999999999", "'video_id' must be a whole number"),
        ("/videos/1.5", "'video_id' must be a whole number"),
        ("/videos/4%2F2", "'video_id' must be a whole number"),
        ("/videos?limit=abc", "'limit' must be a whole number"),
        ("/videos?limit=", "'limit' must be a whole number"),
        ("/videos?limit=1&limit=2", "'limit' is given more than once"),
    ],
)
def test_a_value_of_the_wrong_type_is_named(client: httpx.Client, script: Script, path: str, named: str) -> None:
    assert named in detail(client.get(path), 400)
    assert script.calls == []


@pytest.mark.parametrize(
    "path", ["/score/%ff", "/score/%c3", "/videos?task_id=%FF", "/videos?task_id=a%00", "/videos?%80"]
)
def test_an_address_that_is_no_text_is_400(client: httpx.Client, script: Script, path: str) -> None:
    assert "UTF-8" in detail(client.get(path), 400)
    assert script.calls == []


def test_headers_of_any_bytes_do_not_break_a_call(edge: Edge, script: Script) -> None:
    script.answer("ListVideos", ListVideosResponse())
    for header in (
        b"Authorization: Bearer \xff\xfe",
        b"X-Thing-Bin: !!!",
        b"grpc-tags-bin: z",
        b"grpc-timeout: 1n",
        b"TE: gzip",
        b"E|S`b#os: zA",
        b"x!: 1",
    ):
        with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as connection:
            connection.sendall(b"GET /videos HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n")
            reply = connection.recv(65536)
        assert reply.startswith(b"HTTP/1.1 200"), reply


def test_an_answer_past_the_limit_is_an_error(tmp_path: Path) -> None:
    with (
        running_edge(tmp_path, limits=Limits(answer_bytes=1 << 20)) as edge,
        httpx.Client(base_url=edge.url, trust_env=False) as client,
    ):
        edge.script.answer("GetVideo", GetVideoResponse(video=Video(task_id="x" * 2_000_000)))
        answer = client.get("/videos/1")
        assert (answer.status_code, answer.json()) == (500, {"detail": "An internal error occurred."})
        assert not [name for name in answer.headers if name.startswith(("x-edge", "grpc"))]


def test_too_large_and_too_many_headers_are_431(client: httpx.Client) -> None:
    detail(client.get("/health", headers={"x-big": "y" * 100_000}), 431)
    detail(client.get("/health", headers={f"x-{index}": "y" for index in range(200)}), 431)


@pytest.mark.parametrize(
    "request_line",
    [b"BREW /health HTTP/1.1", b"GET /vid\x00eos HTTP/1.1", b"nonsense", b"GET  HTTP/1.1"],
)
def test_what_is_no_http_is_refused(edge: Edge, request_line: bytes) -> None:
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as connection:
        connection.sendall(request_line + b"\r\nHost: localhost\r\n\r\n")
        reply = b""
        while b"}" not in reply:
            piece = connection.recv(65536)
            assert piece, reply
            reply += piece
    assert reply.startswith((b"HTTP/1.1 400", b"HTTP/1.1 426"))
    assert b"text/plain" not in reply


def test_a_server_that_is_down_is_503_and_back_when_it_is_back(
    edge: Edge, client: httpx.Client, script: Script
) -> None:
    script.answer("GetVideo", GetVideoResponse())
    port = edge.server.port
    edge.server.stop()
    try:
        assert "not available" in detail(client.get("/health"), 503)
        assert "not available" in detail(client.get("/videos/1"), 503)
        assert "not available" in detail(client.post("/score", json={"gold_video_id": 1}), 503)
    finally:
        edge.server.start(port)
    assert client.get("/videos/1").status_code == 200
