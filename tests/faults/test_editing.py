"""Workers and servers that are killed while clips are fetched and cut, and while a caller waits for a thumbnail."""

from __future__ import annotations

import contextlib
import io
import os
import signal
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
from reelops.api.jobs.v1 import jobs_service_pb2, jobs_service_pb2_grpc

from tests.faults.tidiness import await_tidy
from tests.media import read_number, write_video
from tests.service_fixture import RunningService
from tests.webserver import WebServer, sending, web_server

pytestmark = [pytest.mark.faults, pytest.mark.edge, pytest.mark.triton]

FRAMES = 1500
START, SECONDS = 1.0, 50.0


@pytest.fixture(scope="module")
def long(victim: RunningService) -> Path:
    """A minute of numbered frames; a webm of it has to be encoded, which takes seconds."""
    return write_video(victim.media / "long.mp4", count=FRAMES, options={"preset": "ultrafast", "g": "50"})


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


def ask(service: RunningService, source: str, *, ending: str = "mp4") -> str:
    body = {"source": source, "start_sec": START, "duration_sec": SECONDS, "out_ext": ending}
    answer = httpx2.post(f"{service.clipper_url}/api/v1/clip", json=body, timeout=60)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["job_id"])


def until(service: RunningService, job_id: str, *statuses: str, above: int = -1) -> dict[str, Any]:
    """Waits until a clip is as wanted."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx2.TransportError):
            answer = httpx2.get(f"{service.clipper_url}/api/v1/clip/{job_id}", timeout=60)
            clip: dict[str, Any] = answer.json()
            if answer.status_code == 200 and clip["status"] in statuses and clip["progress"] > above:
                return clip
        time.sleep(0.05)
    raise TimeoutError(f"{job_id} is not {statuses}")


def assert_right(service: RunningService, clip: dict[str, Any], ending: str) -> None:
    """Looks at every frame of a clip."""
    assert clip["status"] == "complete", clip
    content = httpx2.get(f"{service.clipper_url}/files/{clip['job_id']}.{ending}", timeout=60).content
    first, count = int(START * 25), int(SECONDS * 25)
    with av.open(io.BytesIO(content), "r") as container:
        numbers = [
            read_number(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)) for frame in container.decode(video=0)
        ]
    assert numbers == list(range(first, first + count))


def kill(service: RunningService, part: str) -> None:
    os.kill(service.pid_of(part), signal.SIGKILL)


def test_a_worker_that_is_killed_while_it_cuts(victim: RunningService, long: Path) -> None:
    job_id = ask(victim, long.name, ending="webm")
    until(victim, job_id, "processing", above=8)
    kill(victim, "work")
    assert_right(victim, until(victim, job_id, "complete", "failed"), "webm")
    await_tidy(victim.data)


def test_a_worker_that_is_killed_while_it_fetches(victim: RunningService, long: Path, web: WebServer) -> None:
    content, going = long.read_bytes(), threading.Event()

    def half(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "video/mp4")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: len(content) // 2])
        # From now on the file is whole for whoever asks.
        web.answers["/long"] = sending(content)
        going.set()
        time.sleep(5)

    web.answers["/long"] = half
    job_id = ask(victim, web.url("/long"))
    assert going.wait(60)
    kill(victim, "work")
    assert_right(victim, until(victim, job_id, "complete", "failed"), "mp4")
    assert len(web.asked) == 2
    await_tidy(victim.data)


def test_a_server_that_is_killed_while_a_caller_waits(victim: RunningService, long: Path, web: WebServer) -> None:
    content, going, on = long.read_bytes(), threading.Event(), threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "video/mp4")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        going.set()
        on.wait(60)
        handler.wfile.write(content)

    web.answers["/slow"] = slow
    answers: list[int] = []

    def wait_for_it() -> None:
        body = {"video_url": web.url("/slow"), "timestamp": 1.0}
        with contextlib.suppress(httpx2.TransportError):
            url = f"{victim.thumbnail_url}/api/v1/generate/from-frame"
            answers.append(httpx2.post(url, json=body, timeout=90).status_code)

    caller = threading.Thread(target=wait_for_it)
    caller.start()
    assert going.wait(60)
    kill(victim, "serve")
    caller.join(90)
    on.set()
    assert answers in ([], [502], [503])
    asset = _await_thumbnail(victim)
    assert (asset["status"], asset["width"], asset["height"]) == ("ready", 1280, 720)
    await_tidy(victim.data)


def test_a_cut_that_is_cancelled_leaves_nothing(victim: RunningService, long: Path) -> None:
    job_id = ask(victim, long.name, ending="webm")
    until(victim, job_id, "processing", above=8)
    metadata = (("authorization", f"Bearer {victim.tokens['operator']}"),)
    with grpc.insecure_channel(victim.edge_address) as channel:
        jobs = jobs_service_pb2_grpc.JobsServiceStub(channel)
        jobs.CancelJob(jobs_service_pb2.CancelJobRequest(job_id=job_id), metadata=metadata, timeout=60)
    assert until(victim, job_id, "failed")["error"]["code"] == "JOB_CANCELLED"
    assert not list((victim.data / "blobs" / "clips").glob(f"{job_id}*"))
    await_tidy(victim.data)


def test_clips_need_no_triton(victim: RunningService, long: Path) -> None:
    kill(victim, "triton")
    job_id = ask(victim, long.name)
    assert_right(victim, until(victim, job_id, "complete", "failed"), "mp4")
    await_tidy(victim.data)


def _await_thumbnail(service: RunningService) -> dict[str, Any]:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx2.TransportError, AssertionError), service.organisation("default") as core:
            listed = core.get("/api/assets", params={"type": "thumbnail"}).json()["items"]
            found: list[dict[str, Any]] = [each for each in listed if each["status"] in ("ready", "failed")]
            if found:
                return found[0]
        time.sleep(0.2)
    raise TimeoutError("the thumbnail does not appear")
