"""The clipper as its document shows it, through the edge, on real videos and bad ones."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import av
import grpc
import httpx2
import numpy as np
import pytest
from reelops.api.jobs.v1 import job_pb2, jobs_service_pb2, jobs_service_pb2_grpc
from reelops.infra.media import frame_at

from tests.documents import wavestack_shapes as shapes
from tests.documents.shapes import Moment, assert_shape
from tests.media import read_number, write_video
from tests.service_fixture import RunningService
from tests.webserver import WebServer, redirecting, sending, web_server

pytestmark = [pytest.mark.edge]

DONE = {
    "job_id": str,
    "status": "complete",
    "progress": 100,
    "result": {"url": str, "duration": float, "size_bytes": int, "created_at": Moment, "asset_id": str},
}


@pytest.fixture(scope="module")
def clipper(service: RunningService) -> Iterator[httpx2.Client]:
    """The documented base URL by its own host name, without credentials: this is the trusted network."""
    with httpx2.Client(base_url=service.clipper_url, headers={"Host": service.clipper_host}, timeout=60.0) as client:
        yield client


@pytest.fixture(scope="module")
def video(service: RunningService) -> Path:
    """400 numbered frames at 25 a second with sound, a key frame every 2.4 s."""
    return write_video(service.media / "numbered.mp4", count=400, options={"g": "60"}, audio_sec=16)


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


def ask(client: httpx2.Client, source: str, **fields: Any) -> httpx2.Response:
    body = {"source": source, "start_sec": 3.4, "duration_sec": 5, **fields}
    return client.post("/api/v1/clip", json={key: value for key, value in body.items() if value is not None})


def ended(client: httpx2.Client, answer: httpx2.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        clip: dict[str, Any] = client.get(f"/api/v1/clip/{answer.json()['job_id']}").json()
        if clip["status"] in ("complete", "failed"):
            return clip
        time.sleep(0.1)
    raise TimeoutError(clip)


def numbers(content: io.BytesIO) -> list[int]:
    with av.open(content, mode="r") as container:
        return [
            read_number(np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8))
            for frame in container.decode(video=0)
        ]


def test_a_clip_from_the_request_to_the_file(clipper: httpx2.Client, video: Path) -> None:
    asked = ask(clipper, "numbered.mp4", out_ext="mp4")
    assert_shape(asked.json(), {"job_id": str, "status": "queued", "message": "Clip job created"})
    clip = ended(clipper, asked)
    assert_shape(clip, DONE)
    result = clip["result"]
    assert result["duration"] == pytest.approx(5, abs=0.001)
    assert result["copied_frames"] > 0
    assert result["url"] == f"http://{clipper.headers['Host']}/files/{clip['job_id']}.mp4"
    whole = clipper.get(f"/files/{clip['job_id']}.mp4")
    assert (whole.status_code, whole.headers["content-type"]) == (200, "video/mp4")
    assert len(whole.content) == result["size_bytes"]
    assert numbers(io.BytesIO(whole.content)) == list(range(85, 210))
    with av.open(io.BytesIO(whole.content)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
    part = clipper.get(f"/files/{clip['job_id']}.mp4", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"


def test_the_shared_host_serves_clips_where_paths_differ(service: RunningService, video: Path) -> None:
    with httpx2.Client(base_url=service.url, timeout=60) as shared:
        clip = ended(shared, ask(shared, "numbered.mp4", start_sec=0, duration_sec=1))
        assert clip["result"]["url"].startswith(f"{service.url}/files/")
        assert shared.get("/health").json() == {"status": "ok", "db": True}
        assert shared.get("/api/v1/health").json() == {"status": "ok"}


def test_health(clipper: httpx2.Client) -> None:
    assert clipper.get("/health").json() == clipper.get("/api/v1/health").json() == {"status": "ok"}


@pytest.mark.parametrize("ending", ["mp4", "mov", "webm", "mkv"])
def test_every_container(clipper: httpx2.Client, video: Path, ending: str) -> None:
    clip = ended(clipper, ask(clipper, "numbered.mp4", duration_sec=1.2, out_ext=ending))
    assert clip["status"] == "complete", clip
    content = clipper.get(f"/files/{clip['job_id']}.{ending}").content
    assert numbers(io.BytesIO(content)) == list(range(85, 115))


def test_a_clip_from_the_web(clipper: httpx2.Client, video: Path, web: WebServer) -> None:
    web.answers = {"/v": sending(video.read_bytes()), "/elsewhere": redirecting("/v")}
    clip = ended(clipper, ask(clipper, web.url("/elsewhere?secret=1"), duration_sec=1))
    assert clip["status"] == "complete", clip
    assert web.asked == ["/elsewhere?secret=1", "/v"]


def test_a_clip_is_an_asset_and_a_source(service: RunningService, video: Path) -> None:
    with (
        service.organisation("org_123") as core,
        httpx2.Client(base_url=service.url, headers=dict(core.headers), timeout=60) as mine,
    ):
        first = ended(mine, ask(mine, "numbered.mp4", duration_sec=4))
        asset = core.get(f"/api/assets/{first['result']['asset_id']}").json()
        assert (asset["type"], asset["status"], asset["jobId"]) == ("clip", "ready", first["job_id"])
        assert (asset["durationSec"], asset["width"], asset["height"]) == (pytest.approx(4), 320, 180)
        second = ended(mine, ask(mine, asset["id"], start_sec=1, duration_sec=2))
        content = mine.get(f"/files/{second['job_id']}.mp4").content
        assert numbers(io.BytesIO(content)) == list(range(110, 160))
        made = core.get(f"/api/assets/{second['result']['asset_id']}").json()
        assert made["sourceAssetId"] == asset["id"]
    with (
        service.organisation("default") as other,
        httpx2.Client(base_url=service.url, headers=dict(other.headers), timeout=60) as theirs,
    ):
        assert theirs.get(f"/api/v1/clip/{first['job_id']}").status_code == 404
        assert theirs.get(f"/files/{first['job_id']}.mp4").status_code == 404
        assert other.get(f"/api/assets/{asset['id']}").status_code == 404
        refused = ask(theirs, asset["id"])
        assert_shape(refused.json(), shapes.refusal("VALIDATION_ERROR", "source", "exists"))


@pytest.mark.parametrize(
    ("fields", "field", "constraint"),
    [
        ({"source": None}, "source", "required"),
        ({"source": ""}, "source", "required"),
        ({"source": "x" * 5000}, "source", "max_length"),
        ({"start_sec": None}, "start_sec", "required"),
        ({"start_sec": -0.1}, "start_sec", "minimum"),
        ({"duration_sec": None}, "duration_sec", "required"),
        ({"duration_sec": 0.5}, "duration_sec", "minimum"),
        ({"duration_sec": 3600.5}, "duration_sec", "maximum"),
        ({"out_ext": "avi"}, "out_ext", "enum"),
        ({"source": "file:///etc/passwd"}, "source", "format"),
        ({"source": "/etc/passwd"}, "source", "format"),
        ({"source": "../up.log"}, "source", "format"),
        ({"source": "concat:numbered.mp4|numbered.mp4"}, "source", "format"),
        ({"source": "nothing.mp4"}, "source", "exists"),
        ({"source": "http://169.254.169.254/latest"}, "source", "format"),
        ({"source": "http://10.0.0.1/v.mp4"}, "source", "format"),
        ({"source": "http://[::1]/v.mp4"}, "source", "format"),
        ({"source": "http://2130706433/v.mp4"}, "source", "format"),
        ({"source": "asset_" + "0" * 26}, "source", "exists"),
    ],
)
def test_bad_requests(clipper: httpx2.Client, video: Path, fields: dict[str, Any], field: str, constraint: str) -> None:
    answer = ask(clipper, **{"source": "numbered.mp4", **fields})
    assert answer.status_code == 400, answer.text
    assert_shape(answer.json(), shapes.refusal("VALIDATION_ERROR", field, constraint))


@pytest.mark.parametrize("body", ["", "{", "[]", '{"source": 5}', '{"start_sec": "soon"}', '{"nonsense": 1}', "\ud800"])
def test_bad_bodies(clipper: httpx2.Client, body: str) -> None:
    content = body.encode("utf-8", "surrogatepass")
    answer = clipper.post("/api/v1/clip", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["code"] == "VALIDATION_ERROR"


def test_sources_that_turn_out_bad_fail_with_a_reason(
    clipper: httpx2.Client, service: RunningService, video: Path, web: WebServer
) -> None:
    playlist = f"#EXTM3U\n#EXTINF:5,\n{video.absolute()}\n#EXT-X-ENDLIST\n".encode()
    (service.media / "list.m3u8").write_bytes(playlist)
    (service.media / "half.mp4").write_bytes(video.read_bytes()[: video.stat().st_size // 2])
    (service.media / "noise.mp4").write_bytes(bytes(range(256)) * 100)
    web.answers = {
        "/inside": redirecting("http://192.168.0.1/v.mp4"),
        "/file": redirecting("file:///etc/passwd"),
        "/page": sending(b"<html></html>", "text/html"),
        "/list": sending(playlist, "video/mp4"),
    }
    wanted = {
        "list.m3u8": "VIDEO_UNREADABLE",
        "half.mp4": "VIDEO_UNREADABLE",
        "noise.mp4": "VIDEO_UNREADABLE",
        web.url("/inside"): "SOURCE_REFUSED",
        web.url("/file"): "SOURCE_INVALID",
        web.url("/page"): "SOURCE_REFUSED",
        web.url("/list"): "VIDEO_UNREADABLE",
        web.url("/missing"): "SOURCE_NOT_FOUND",
        "numbered.mp4": "CLIP_START_PAST_END",
    }
    asked = {source: ask(clipper, source, start_sec=10_000) for source in wanted}
    failed = {source: ended(clipper, answer) for source, answer in asked.items()}
    assert {source: clip["status"] for source, clip in failed.items()} == dict.fromkeys(wanted, "failed")
    assert {source: clip["error"]["code"] for source, clip in failed.items()} == wanted
    assert all(clip["error"]["message"] for clip in failed.values())


def test_progress_is_watched_and_a_clip_is_cancelled(
    clipper: httpx2.Client, service: RunningService, web: WebServer
) -> None:
    """An endless source keeps the job busy; cancelling it leaves neither the job nor a file."""
    going = threading.Event()

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "video/mp4")
        handler.end_headers()
        going.set()
        while True:
            handler.wfile.write(b"\0" * 65536)
            time.sleep(0.01)

    web.answers = {"/endless": endless}
    asked = ask(clipper, web.url("/endless"))
    job_id = asked.json()["job_id"]
    assert going.wait(60)
    metadata = (("authorization", f"Bearer {service.tokens['operator']}"),)
    with grpc.insecure_channel(service.edge_address) as channel:
        jobs = jobs_service_pb2_grpc.JobsServiceStub(channel)
        watched = jobs.WatchJob(jobs_service_pb2.WatchJobRequest(job_id=job_id), metadata=metadata, timeout=60)
        seen = [next(watched).job]
        while seen[-1].progress < 0.02:
            seen.append(next(watched).job)
        jobs.CancelJob(jobs_service_pb2.CancelJobRequest(job_id=job_id), metadata=metadata, timeout=60)
        seen += [message.job for message in watched]
    assert seen[-1].state == job_pb2.Job.STATE_CANCELLED
    assert ended(clipper, asked)["status"] == "failed"
    assert clipper.get(f"/files/{job_id}.mp4").status_code == 404


def test_slow_sources_keep_nobody_else_waiting(clipper: httpx2.Client, video: Path, web: WebServer) -> None:
    ended_test = threading.Event()
    going = threading.Semaphore(0)

    def trickling(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "video/mp4")
        handler.end_headers()
        going.release()
        while not ended_test.wait(0.2):
            handler.wfile.write(b"\0" * 1024)

    web.answers = {"/slow": trickling}
    slow = [ask(clipper, web.url("/slow")).json()["job_id"] for _ in range(4)]
    try:
        for _ in slow:
            assert going.acquire(timeout=60)
        assert ended(clipper, ask(clipper, "numbered.mp4", duration_sec=1))["status"] == "complete"
        assert {clipper.get(f"/api/v1/clip/{job_id}").json()["status"] for job_id in slow} == {"processing"}
    finally:
        ended_test.set()


def test_unknown_clips_and_files(clipper: httpx2.Client) -> None:
    for path in ("/api/v1/clip/nothing", "/files/nothing.mp4", f"/files/{'0' * 32}.mp4", "/files/..%2f..%2fetc"):
        answer = clipper.get(path)
        assert answer.status_code == 404, answer.text
        assert answer.json()["error"]["code"] == "NOT_FOUND"


def test_a_page_of_another_site_cannot_use_the_trusted_network(clipper: httpx2.Client, video: Path) -> None:
    answer = clipper.post(
        "/api/v1/clip",
        json={"source": "numbered.mp4", "start_sec": 0, "duration_sec": 1},
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status_code == 401


def test_the_first_frame_is_the_one_shown_then(clipper: httpx2.Client, video: Path, tmp_path: Path) -> None:
    clip = ended(clipper, ask(clipper, "numbered.mp4", start_sec=7.93, duration_sec=1))
    made = tmp_path / "clip.mp4"
    made.write_bytes(clipper.get(f"/files/{clip['job_id']}.mp4").content)
    assert read_number(frame_at(made, 0, max_side=320)) == read_number(frame_at(video, 7.93, max_side=320)) == 198


def test_a_host_that_is_away_is_waited_for(clipper: httpx2.Client, video: Path) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    asked = ask(clipper, f"http://127.0.0.1:{port}/v", duration_sec=1)
    time.sleep(1)
    state = clipper.get(f"/api/v1/clip/{asked.json()['job_id']}").json()
    assert state["status"] in ("queued", "processing")
