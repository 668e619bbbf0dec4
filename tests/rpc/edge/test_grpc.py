"""gRPC and gRPC-Web on the ports of the REST API."""

from __future__ import annotations

import asyncio
import base64
import struct
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import grpc
import httpx2 as httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from reelops.api.jobs.v1.job_pb2 import Job
from reelops.api.jobs.v1.jobs_service_pb2 import WatchJobRequest, WatchJobResponse
from reelops.api.jobs.v1.jobs_service_pb2_grpc import JobsServiceStub
from reelops.api.sopilot.v1.ingest_service_pb2 import UploadVideoRequest, UploadVideoResponse
from reelops.api.sopilot.v1.ingest_service_pb2_grpc import IngestServiceStub
from reelops.api.sopilot.v1.video_pb2 import Video
from reelops.api.sopilot.v1.video_service_pb2 import GetVideoRequest, GetVideoResponse
from reelops.api.sopilot.v1.video_service_pb2_grpc import VideoServiceStub

from tests.rpc.edge.conftest import Edge
from tests.rpc.edge.servicer import Script

pytestmark = pytest.mark.edge

GET_VIDEO = "/reelops.api.sopilot.v1.VideoService/GetVideo"
FORGED = (
    ("x-edge-surface", "sopilot"),
    ("x-http-method", "GET"),
    ("x-http-status", "201"),
    ("x-error-code", "NONE"),
    ("x-client-address", "10.0.0.1"),
    ("x-content-length", "3"),
    ("x-envoy-retry-on", "5xx"),
    ("x-edge-base", "http://evil.example"),
    ("x-error-details", "{}"),
)


@pytest.fixture(params=["sopilot", "core", "thumbnail", "edge"])
def port(edge: Edge, request: pytest.FixtureRequest) -> int:
    return edge.port_of(request.param)


@pytest.fixture
def channel(port: int) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel


def test_a_call_passes_untouched(channel: grpc.Channel, script: Script) -> None:
    async def video(_request: Any, context: Any) -> GetVideoResponse:
        await context.send_initial_metadata((("x-http-status", "201"), ("x-thing", "1")))
        context.set_trailing_metadata((("x-end", "2"),))
        return GetVideoResponse(video=Video(video_id=42))

    script.answer("GetVideo", video)
    answer, call = VideoServiceStub(channel).GetVideo.with_call(GetVideoRequest(video_id=42))
    assert answer.video.video_id == 42
    assert not answer.video.HasField("site_id")
    assert dict(call.initial_metadata())["x-thing"] == "1"
    assert dict(call.trailing_metadata())["x-end"] == "2"
    assert script.last.metadata["x-request-id"]
    assert "x-edge-surface" not in script.last.metadata


def test_an_error_keeps_its_details(channel: grpc.Channel, script: Script) -> None:
    async def missing(_request: Any, context: Any) -> None:
        trailing = (("x-error-code", "VIDEO_NOT_FOUND"), ("grpc-status-details-bin", b"\x08\x05\x12\x02no"))
        await context.abort(grpc.StatusCode.NOT_FOUND, "No vidéo.", trailing)

    script.answer("GetVideo", missing)
    with pytest.raises(grpc.RpcError) as caught:
        VideoServiceStub(channel).GetVideo(GetVideoRequest(video_id=1))
    error: Any = caught.value
    assert (error.code(), error.details()) == (grpc.StatusCode.NOT_FOUND, "No vidéo.")
    assert dict(error.trailing_metadata())["grpc-status-details-bin"] == b"\x08\x05\x12\x02no"


def test_nobody_can_speak_for_the_edge(channel: grpc.Channel, client: httpx.Client, script: Script) -> None:
    script.answer("GetVideo", GetVideoResponse())
    VideoServiceStub(channel).GetVideo(GetVideoRequest(), metadata=FORGED)
    seen = script.last.metadata
    assert not {name for name, _ in FORGED if name != "x-client-address"} & set(seen)
    assert seen["x-client-address"] == "127.0.0.1"

    client.get("/videos/1", headers={**dict(FORGED), "x-http-method": "DELETE", "grpc-timeout": "1n"})
    seen = script.last.metadata
    assert seen["x-http-method"] == "GET"
    assert seen["x-edge-surface"] == "sopilot"
    assert seen["x-edge-base"] == str(client.base_url).rstrip("/")
    assert seen["x-client-address"] == "127.0.0.1"
    assert not {"x-http-status", "x-error-code", "x-error-details", "x-content-length", "x-envoy-retry-on"} & set(seen)


def test_a_watched_job_arrives_change_by_change(channel: grpc.Channel, script: Script) -> None:
    go_on = asyncio.Event()

    async def watch(request: Any, _context: Any) -> AsyncIterator[WatchJobResponse]:
        yield WatchJobResponse(job=Job(job_id=request.job_id, progress=0.5))
        await go_on.wait()
        yield WatchJobResponse(job=Job(job_id=request.job_id, progress=1.0))

    script.answer("WatchJob", watch)
    call = JobsServiceStub(channel).WatchJob(WatchJobRequest(job_id="j"))
    assert next(call).job.progress == 0.5  # the second is not there yet
    call.cancel()


def test_a_client_stream_passes(channel: grpc.Channel, script: Script) -> None:
    async def upload(requests: Any, _context: Any) -> UploadVideoResponse:
        sizes = [len(request.chunk) async for request in requests]
        return UploadVideoResponse(ingest_job_id=str(sum(sizes)))

    script.answer("UploadVideo", upload)
    parts = (UploadVideoRequest(chunk=bytes(1_000_000)) for _ in range(5))
    assert IngestServiceStub(channel).UploadVideo(parts).ingest_job_id == "5000000"


def test_a_deadline_is_kept(channel: grpc.Channel, script: Script) -> None:
    async def slow(_request: Any, _context: Any) -> GetVideoResponse:
        await asyncio.sleep(30)
        return GetVideoResponse()

    script.answer("GetVideo", slow)
    with pytest.raises(grpc.RpcError) as caught:
        VideoServiceStub(channel).GetVideo(GetVideoRequest(), timeout=0.3)
    error: Any = caught.value
    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED


def test_health_and_reflection_answer(channel: grpc.Channel, script: Script) -> None:
    health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    assert health.status == health_pb2.HealthCheckResponse.SERVING
    wanted = reflection_pb2.ServerReflectionRequest(list_services="")
    listed = next(reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([wanted])))
    names = {service.name for service in listed.list_services_response.service}
    assert {"reelops.api.sopilot.v1.VideoService", "reelops.api.jobs.v1.JobsService", "grpc.health.v1.Health"} <= names


def test_an_unknown_service_is_unimplemented(channel: grpc.Channel, script: Script) -> None:
    for path in ("/nobody.Nothing/Call", "/reelops.api.sopilot.v1.VideoService/Nothing"):
        with pytest.raises(grpc.RpcError) as caught:
            cast("Any", channel.unary_unary(path))(b"")
        error: Any = caught.value
        assert error.code() is grpc.StatusCode.UNIMPLEMENTED


def frames(content: bytes) -> list[tuple[int, bytes]]:
    found = []
    while content:
        flag, length = struct.unpack(">BI", content[:5])
        found.append((flag, content[5 : 5 + length]))
        content = content[5 + length :]
    return found


@pytest.mark.parametrize("kind", ["application/grpc-web+proto", "application/grpc-web-text"])
def test_grpc_web_is_answered(port: int, script: Script, kind: str) -> None:
    script.answer("GetVideo", GetVideoResponse(video=Video(video_id=42)))
    message = GetVideoRequest(video_id=42).SerializeToString()
    body = struct.pack(">BI", 0, len(message)) + message
    is_text = kind.endswith("text")
    headers = {"content-type": kind, "accept": kind, "x-grpc-web": "1"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        answer = client.post(GET_VIDEO, content=base64.b64encode(body) if is_text else body, headers=headers)
    content = base64.b64decode(answer.content) if is_text else answer.content
    (flag, data), (end_flag, trailers) = frames(content)
    assert (flag, end_flag) == (0, 128)
    assert GetVideoResponse.FromString(data).video.video_id == 42
    assert b"grpc-status:0" in trailers


def test_a_page_of_an_allowed_origin_may_call(client: httpx.Client, script: Script) -> None:
    asking = {"origin": "https://app.example", "access-control-request-method": "POST"}
    answer = client.options(GET_VIDEO, headers={**asking, "access-control-request-headers": "x-grpc-web,authorization"})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert "authorization" in answer.headers["access-control-allow-headers"]
    refused = client.get("/nope", headers={"origin": "https://app.example"})
    assert refused.headers["access-control-allow-origin"] == "https://app.example"


def test_a_page_of_another_origin_may_not(client: httpx.Client, script: Script) -> None:
    asking = {"origin": "https://evil.example", "access-control-request-method": "GET"}
    for answer in (client.options("/videos", headers=asking), client.get("/nope", headers=asking)):
        assert "access-control-allow-origin" not in answer.headers
