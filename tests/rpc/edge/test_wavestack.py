"""WaveStack's errors and files, on the surfaces whose names are those of the protos."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx2 as httpx
import pytest
from google.api.httpbody_pb2 import HttpBody
from reelops.api.wavestack.v1.clip_service_pb2 import Clip, CreateClipResponse, GetClipResponse
from reelops.api.wavestack.v1.thumbnail_service_pb2 import GenerateThumbnailResponse, Thumbnail
from reelops.rpc.edge import Limits

from tests.rpc.edge.conftest import Edge, running_edge
from tests.rpc.edge.refusals import aborts, detail, failure
from tests.rpc.edge.servicer import Script

pytestmark = pytest.mark.edge

CLIP = {"source": "x", "start_sec": 30.5, "duration_sec": 15, "out_ext": "mp4"}
JSON = {"content-type": "application/json"}


@pytest.fixture
def clipper(edge: Edge) -> Iterator[httpx.Client]:
    headers = {"host": "clipper.localhost"}
    with httpx.Client(base_url=edge.url, timeout=20, trust_env=False, headers=headers) as client:
        yield client


@pytest.fixture
def thumbnails(edge: Edge) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=edge.url_of("thumbnail"), timeout=20, trust_env=False) as client:
        yield client


@pytest.mark.parametrize(
    ("code", "wanted", "status", "name"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, "", 400, "VALIDATION_ERROR"),
        (grpc.StatusCode.UNAUTHENTICATED, "", 401, "UNAUTHORIZED"),
        (grpc.StatusCode.PERMISSION_DENIED, "", 403, "FORBIDDEN"),
        (grpc.StatusCode.NOT_FOUND, "", 404, "NOT_FOUND"),
        (grpc.StatusCode.FAILED_PRECONDITION, "409", 409, "CONFLICT"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "413", 413, "PAYLOAD_TOO_LARGE"),
        (grpc.StatusCode.OUT_OF_RANGE, "416", 416, "RANGE_NOT_SATISFIABLE"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "", 429, "RATE_LIMITED"),
        (grpc.StatusCode.INTERNAL, "", 500, "INTERNAL_ERROR"),
        (grpc.StatusCode.UNAVAILABLE, "", 503, "SERVICE_UNAVAILABLE"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "", 504, "TIMEOUT"),
    ],
)
def test_an_error_has_the_documented_code(
    clipper: httpx.Client, script: Script, code: grpc.StatusCode, wanted: str, status: int, name: str
) -> None:
    metadata = [("x-error-code", "SOME_REASON"), ("x-error-details", '{"field":"a","reason":"SOME_REASON"}')]
    metadata += [("x-http-status", wanted)] if wanted else []
    script.answer("GetClip", aborts(code, "Something is wrong.", *metadata))
    error = failure(clipper.get("/api/v1/clip/1"), status, name)
    assert error["message"] == "Something is wrong."
    assert error["details"] == {"field": "a", "reason": "SOME_REASON"}


def test_details_are_an_object_whatever_the_server_says(clipper: httpx.Client, script: Script) -> None:
    for given, details in (
        ((), {}),
        ((("x-error-code", "WHY"),), {"reason": "WHY"}),
        ((("x-error-code", "WHY"), ("x-error-details", "")), {"reason": "WHY"}),
        ((("x-error-code", "WHY"), ("x-error-details", "[1]")), {"reason": "WHY"}),
        ((("x-error-details", '{"a":"\\u00fc\\"}"}'),), {"a": 'ü"}'}),
    ):
        script.answer("GetClip", aborts(grpc.StatusCode.NOT_FOUND, 'No "clip" → 🎬', *given))
        error = failure(clipper.get("/api/v1/clip/1"), 404, "NOT_FOUND")
        assert (error["message"], error["details"]) == ('No "clip" → 🎬', details)


def test_what_went_wrong_inside_stays_inside(clipper: httpx.Client, script: Script) -> None:
    async def broken(_request: Any, _context: Any) -> None:
        raise RuntimeError("secret")

    script.answer("GetClip", broken)
    error = failure(clipper.get("/api/v1/clip/1"), 500, "INTERNAL_ERROR")
    assert (error["message"], error["details"]) == ("An internal error occurred.", {})


def test_details_do_not_reach_sopilot(client: httpx.Client, script: Script) -> None:
    metadata = (("x-error-code", "WHY"), ("x-error-details", '{"field":"a"}'))
    script.answer("GetVideo", aborts(grpc.StatusCode.NOT_FOUND, "No.", *metadata))
    answer = client.get("/videos/1")
    assert detail(answer, 404) == "No."
    assert answer.content == b'{"detail":"No."}'


def test_a_limit_is_told_with_its_headers(clipper: httpx.Client, script: Script) -> None:
    told = (("x-ratelimit-limit", "10"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1705312800"))
    script.answer("GetClip", aborts(grpc.StatusCode.RESOURCE_EXHAUSTED, "Slow down.", *told, ("retry-after", "7")))
    answer = clipper.get("/api/v1/clip/1")
    failure(answer, 429, "RATE_LIMITED")
    assert {name: answer.headers[name] for name, _ in told} == dict(told)
    assert answer.headers["retry-after"] == "7"

    async def counted(_request: Any, context: Any) -> GetClipResponse:
        await context.send_initial_metadata(told)
        return GetClipResponse(clip=Clip(job_id="j", status=Clip.processing, progress=45))

    script.answer("GetClip", counted)
    answer = clipper.get("/api/v1/clip/1")
    assert answer.json() == {"job_id": "j", "status": "processing", "progress": 45}
    assert {name: answer.headers[name] for name, _ in told} == dict(told)


def test_a_page_may_read_the_limit(edge: Edge, clipper: httpx.Client, script: Script) -> None:
    script.answer("GetClip", GetClipResponse(clip=Clip(job_id="j")))
    answer = clipper.get("/api/v1/clip/1", headers={"origin": "https://app.example"})
    exposed = set(answer.headers["access-control-expose-headers"].split(","))
    assert {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after", "x-request-id"} <= exposed
    asking = {"origin": "https://app.example", "access-control-request-method": "POST"}
    allowed = clipper.options("/api/v1/clip", headers={**asking, "access-control-request-headers": "x-org-id"})
    assert "x-org-id" in allowed.headers["access-control-allow-headers"]


BAD_BODIES: list[tuple[bytes, dict[str, str], str]] = [
    (b"{", {"constraint": "format"}, "ends too early"),
    (b"[]", {"constraint": "type"}, "must be a JSON object"),
    (b'{"source":"a\nb"}', {"field": "source", "constraint": "format"}, "line break"),
    (b'{"source":"a\\u0000"}', {"field": "source", "constraint": "format"}, "NUL"),
    (b'{"source":nope}', {"field": "source", "constraint": "format"}, "'n' at character 11"),
    (b'{"source":\xff}', {"field": "source", "constraint": "format"}, "UTF-8"),
    (b'{"source":"\\ud800"}', {"constraint": "format"}, "surrogate"),
    (b'{"source":"a","source":"b"}', {"field": "source", "constraint": "repeated"}, "'source' is given twice"),
    (
        b'{"start":1}',
        {"field": "start", "constraint": "unknown"},
        "Known are duration_sec, out_ext, source, start_sec.",
    ),
    (b'{"start_sec":1e999}', {"field": "start_sec", "constraint": "maximum"}, "too large"),
    (b'{"start_sec":"1"}', {"field": "start_sec", "constraint": "type"}, "'start_sec' must be a number, not \"1\"."),
    (b'{"start_sec":"NaN"}', {"field": "start_sec", "constraint": "type"}, "must be a number"),
    (b'{"start_sec":[1]}', {"field": "start_sec", "constraint": "type"}, "must be a number, not a list."),
    (b'{"start_sec":01}', {"field": "start_sec", "constraint": "format"}, "'0' at character 14"),
    (b'{"out_ext":{"a":1}}', {"field": "out_ext", "constraint": "type"}, "must be a string, not an object."),
    (b'{"\\u0073ource":"a"}', {"field": "\\u0073ource", "constraint": "unknown"}, "is not known"),
    (b"[" * 100_000, {"constraint": "format"}, "nested too deeply"),
]


@pytest.mark.parametrize(("body", "details", "named"), BAD_BODIES, ids=[str(body[:30]) for body, _, _ in BAD_BODIES])
def test_a_bad_body_is_explained(
    clipper: httpx.Client, script: Script, body: bytes, details: dict[str, str], named: str
) -> None:
    error = failure(clipper.post("/api/v1/clip", content=body, headers=JSON), 400, "VALIDATION_ERROR")
    assert named in error["message"]
    assert error["details"] == details
    assert script.calls == []


@pytest.mark.parametrize(
    ("wrong", "field", "constraint", "sentence"),
    [
        ({"style": "odd"}, "style", "enum", 'must be one of gaming, vlog, tutorial, reaction, custom, not "odd".'),
        ({"options": []}, "options", "type", "'options' must be an object, not a list."),
        ({"options": {"x": 1}}, "options.x", "unknown", "The field 'x' is not known."),
        ({"options": {"include_face": "yes"}}, "options.include_face", "type", 'must be true or false, not "yes".'),
        ({"options": {"colors": ["#fff", 5]}}, "options.colors", "type", "'options.colors[1]' must be a string"),
        (
            {"options": {"background": 1}},
            "options.background",
            "enum",
            "must be one of gradient, solid, pattern, not 1.",
        ),
    ],
)
def test_what_is_wrong_below_is_named_with_its_path(
    thumbnails: httpx.Client, script: Script, wrong: dict[str, Any], field: str, constraint: str, sentence: str
) -> None:
    error = failure(thumbnails.post("/api/v1/generate", json={"title": "t", **wrong}), 400, "VALIDATION_ERROR")
    assert sentence in error["message"]
    assert error["details"] == {"field": field, "constraint": constraint}
    assert script.calls == []


def test_a_whole_request_passes(thumbnails: httpx.Client, clipper: httpx.Client, script: Script) -> None:
    made = Thumbnail(thumbnail_id="thumb_1", dimensions=Thumbnail.Dimensions(width=1280, height=720))
    script.answer("GenerateThumbnail", GenerateThumbnailResponse(thumbnail=made))
    options = {"include_face": True, "face_expression": "excited", "background": "gradient", "colors": ["#f00", "#0f0"]}
    body = {"title": "Epic", "style": "gaming", "options": options, "subtitle": None}
    answer = thumbnails.post("/api/v1/generate", json=body).json()
    assert (answer["thumbnail_id"], answer["dimensions"]) == ("thumb_1", {"width": 1280, "height": 720})
    assert list(script.last.request.options.colors) == ["#f00", "#0f0"]
    script.answer("CreateClip", CreateClipResponse(job_id="j", status=Clip.queued, message="m"))
    assert clipper.post("/api/v1/clip", json=CLIP).json() == {"job_id": "j", "status": "queued", "message": "m"}
    assert (script.last.request.start_sec, script.last.request.duration_sec) == (30.5, 15)


def test_other_refusals_have_the_same_shape(clipper: httpx.Client, script: Script) -> None:
    answer = clipper.put("/api/v1/clip", json={})
    assert answer.headers["allow"] == "POST"
    failure(answer, 405, "METHOD_NOT_ALLOWED")
    failure(clipper.get("/api/v1/clip/"), 404, "NOT_FOUND")
    error = failure(clipper.post("/api/v1/clip", data={"source": "x"}), 415, "UNSUPPORTED_MEDIA_TYPE")
    assert "application/x-www-form-urlencoded" in error["message"]
    large = b'{"source":"' + b"x" * 2_000_000 + b'"}'
    told = failure(clipper.post("/api/v1/clip", content=large, headers=JSON), 413, "PAYLOAD_TOO_LARGE")
    assert told["details"] == {"constraint": "max_length"}
    untold = clipper.post("/api/v1/clip", content=iter([large]), headers=JSON)
    failure(untold, 413, "PAYLOAD_TOO_LARGE")
    failure(clipper.request("GET", "/api/v1/clip/1", json={}), 400, "VALIDATION_ERROR")
    failure(clipper.get("/api/v1/clip/%ff"), 400, "VALIDATION_ERROR")
    assert script.calls == []


def test_a_request_that_is_refused_unread_has_the_same_shape(edge: Edge, thumbnails: httpx.Client) -> None:
    failure(thumbnails.get("/health", headers={"x-big": "y" * 100_000}), 431, "PAYLOAD_TOO_LARGE")
    for lines in (b"nonsense\r\n\r\n", b"BREW /health HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /health HTTP/1.1\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", edge.port_of("thumbnail")), timeout=10) as connection:
            connection.sendall(lines)
            reply = b""
            while not reply.endswith(b"}}"):
                piece = connection.recv(65536)
                assert piece, reply
                reply += piece
        assert reply.startswith(b"HTTP/1.1 400")
        assert json.loads(reply.partition(b"\r\n\r\n")[2])["error"]["code"] == "VALIDATION_ERROR"


def test_a_server_that_is_down_is_told(edge: Edge, clipper: httpx.Client) -> None:
    port = edge.server.port
    edge.server.stop()
    try:
        failure(clipper.get("/health"), 503, "SERVICE_UNAVAILABLE")
        failure(clipper.post("/api/v1/clip", json=CLIP), 503, "SERVICE_UNAVAILABLE")
    finally:
        edge.server.start(port)


def test_an_answer_past_the_limit_is_an_error(tmp_path: Path) -> None:
    with running_edge(tmp_path, limits=Limits(answer_bytes=1 << 20)) as edge:
        edge.script.answer("CreateClip", CreateClipResponse(message="x" * 2_000_000))
        with httpx.Client(trust_env=False) as client:
            answer = client.post(f"{edge.url}/api/v1/clip", json=CLIP)
    assert answer.status_code == 500
    assert answer.json()["error"] == {"code": "INTERNAL_ERROR", "message": "An internal error occurred.", "details": {}}


async def picture(request: Any, context: Any) -> AsyncIterator[HttpBody]:
    """Answers as a file does: whole, in part, or not at all where the caller has it."""
    asked = dict(context.invocation_metadata())
    base = [("etag", '"e"'), ("accept-ranges", "bytes")]
    if asked.get("if-none-match") == '"e"':
        await context.send_initial_metadata([*base, ("x-http-status", "304")])
        yield HttpBody()
        return
    if asked.get("range") == "bytes=2-3":
        part = [("x-http-status", "206"), ("content-range", "bytes 2-3/6"), ("x-content-length", "2")]
        await context.send_initial_metadata([*base, *part])
        yield HttpBody(content_type="image/png", data=b"CD")
        return
    await context.send_initial_metadata([*base, ("x-content-length", "6")])
    if asked["x-http-method"] == "HEAD":
        yield HttpBody(content_type="image/png")
        return
    for piece in (b"ABC", b"DEF"):
        yield HttpBody(content_type="image/png", data=piece)


@pytest.mark.parametrize(
    ("port", "path", "rpc"),
    [("thumbnail", "/thumbnails/a.png", "DownloadThumbnail"), ("sopilot", "/files/a.mp4", "DownloadClip")],
)
def test_a_file_is_whole_in_part_unread_or_unchanged(
    edge: Edge, script: Script, port: str, path: str, rpc: str
) -> None:
    script.answer(rpc, picture)
    with httpx.Client(base_url=edge.url_of(port), timeout=20, trust_env=False) as client:
        whole, head = client.get(path), client.head(path)
        part, same = (
            client.get(path, headers={"range": "bytes=2-3"}),
            client.get(path, headers={"if-none-match": '"e"'}),
        )
    assert (whole.status_code, whole.content, whole.headers["content-length"]) == (200, b"ABCDEF", "6")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "6")
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"CD", "bytes 2-3/6")
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", '"e"')
    assert script.last.request.name == path.rpartition("/")[2]


def test_a_head_that_fails_has_no_body(thumbnails: httpx.Client, script: Script) -> None:
    async def missing(_request: Any, context: Any) -> AsyncIterator[HttpBody]:
        await context.abort(grpc.StatusCode.NOT_FOUND, "No.")
        yield HttpBody()

    script.answer("DownloadThumbnail", missing)
    for path in ("/thumbnails/a.png", "/nope"):
        answer = thumbnails.head(path)
        assert (answer.status_code, answer.content) == (404, b"")
    failure(thumbnails.get("/thumbnails/a.png"), 404, "NOT_FOUND")
