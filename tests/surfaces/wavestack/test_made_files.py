"""Files of clips and thumbnails through the edge: whole, in parts, unchanged, for nobody else; and who leaves early."""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import grpc
import httpx2
import numpy as np
import pytest
from PIL import Image
from reelops.api.jobs.v1 import job_pb2, jobs_service_pb2, jobs_service_pb2_grpc

from tests.flow import upload, wait
from tests.media import write_video
from tests.service_fixture import RunningService
from tests.webserver import web_server

pytestmark = [pytest.mark.edge]

ORG, OTHER = "org_123", "org_999"


@pytest.fixture(scope="module")
def made(service: RunningService) -> Iterator[dict[str, str]]:
    """The addresses of a clip and of a thumbnail of one organisation."""
    write_video(service.media / "made.mp4", count=50)
    with caller(service, service.clipper_url) as clipper, caller(service, service.thumbnail_url) as painter:
        asked = clipper.post("/api/v1/clip", json={"source": "made.mp4", "start_sec": 0, "duration_sec": 1})
        drawn = painter.post("/api/v1/generate", json={"title": "Kept"})
        yield {"clip": ended(clipper, asked.json()["job_id"])["result"]["url"], "thumbnail": drawn.json()["url"]}


def caller(service: RunningService, url: str, org_id: str = ORG) -> httpx2.Client:
    headers = {"Authorization": f"Bearer {service.token(org_id)}", "X-Org-Id": org_id}
    return httpx2.Client(base_url=url, headers=headers, timeout=90.0)


def ended(client: httpx2.Client, job_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        clip: dict[str, Any] = client.get(f"/api/v1/clip/{job_id}").json()
        if clip["status"] in ("complete", "failed"):
            return clip
        time.sleep(0.05)
    raise TimeoutError(job_id)


@pytest.mark.parametrize("kind", ["clip", "thumbnail"])
def test_a_file_whole_in_parts_and_unchanged(service: RunningService, made: dict[str, str], kind: str) -> None:
    url = made[kind]
    with caller(service, url) as mine:
        whole = mine.get(url)
        size, tag = len(whole.content), whole.headers["etag"]
        assert whole.status_code == 200 and whole.headers["accept-ranges"] == "bytes"
        assert whole.headers["content-length"] == str(size)
        fresh = re.fullmatch(r"private, max-age=(\d+), immutable", whole.headers["cache-control"])
        assert fresh is not None and 3600 < int(fresh[1]) <= 24 * 3600
        head = mine.head(url)
        assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(size))
        assert (head.headers["etag"], head.headers["content-type"]) == (tag, whole.headers["content-type"])
        for asked, start, end in (
            ("bytes=0-0", 0, 1),
            ("bytes=10-19", 10, 20),
            (f"bytes={size - 5}-", size - 5, size),
            ("bytes=-7", size - 7, size),
            (f"bytes=-{size + 100}", 0, size),
            (f"bytes=5-{size * 9}", 5, size),
        ):
            part = mine.get(url, headers={"Range": asked})
            assert (part.status_code, part.content) == (206, whole.content[start:end]), asked
            assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
            assert part.headers["content-length"] == str(end - start)
        for asked in (f"bytes={size}-", "bytes=-0", f"bytes={size + 5}-{size + 9}"):
            past = mine.get(url, headers={"Range": asked})
            assert (past.status_code, past.headers["content-range"]) == (416, f"bytes */{size}"), asked
            assert past.json()["error"]["code"] == "RANGE_NOT_SATISFIABLE"
        for asked in ("bytes=0-1,5-6", "lines=1-2", "bytes=9-2"):
            assert (mine.get(url, headers={"Range": asked})).content == whole.content, asked
        for named in (tag, f'W/{tag}, "x"', "*"):
            same = mine.get(url, headers={"If-None-Match": named})
            assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
        assert mine.get(url, headers={"If-None-Match": '"other"'}).status_code == 200
        part = mine.get(url, headers={"Range": "bytes=0-3", "If-Range": '"other"'})
        assert (part.status_code, part.content) == (200, whole.content)


@pytest.mark.parametrize("kind", ["clip", "thumbnail"])
def test_a_file_is_not_there_for_others(service: RunningService, made: dict[str, str], kind: str) -> None:
    url = made[kind]
    with caller(service, url, OTHER) as theirs:
        refused = theirs.get(url)
        assert (refused.status_code, refused.json()["error"]["details"]["reason"]) == (404, "FILE_NOT_FOUND")
        assert theirs.head(url).status_code == 404
        assert theirs.get(url, headers={"Range": "bytes=0-1"}).status_code == 404
    forged = {"Authorization": "Bearer nothing", "X-Org-Id": ORG}
    assert httpx2.get(url, headers=forged, timeout=60).status_code == 401
    assert httpx2.post(url, timeout=60).status_code == 405


def test_who_leaves_before_the_thumbnail_is_there_ends_its_job(service: RunningService) -> None:
    """The picture never arrives; its job would wait for it for long."""
    going, left = threading.Event(), threading.Event()

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "video/mp4")
        handler.end_headers()
        going.set()
        try:
            while True:
                handler.wfile.write(bytes(1024))
                time.sleep(0.02)
        finally:
            left.set()

    with web_server() as web, caller(service, service.thumbnail_url) as painter:
        web.answers = {"/endless": endless}

        def ask() -> None:
            with httpx2.Client(headers=dict(painter.headers), timeout=httpx2.Timeout(60, read=2)) as impatient:
                impatient.post(
                    f"{service.thumbnail_url}/api/v1/generate/from-frame", json={"video_url": web.url("/endless")}
                )

        with pytest.raises(httpx2.ReadTimeout):
            ask()
        assert going.is_set()
        assert left.wait(30), "the source is still being fetched"
    metadata = (("authorization", f"Bearer {service.token()}"), ("x-org-id", ORG))
    with grpc.insecure_channel(service.edge_address) as channel:
        jobs = jobs_service_pb2_grpc.JobsServiceStub(channel)
        job, *_ = jobs.ListJobs(
            jobs_service_pb2.ListJobsRequest(kind="editing.thumbnail"), metadata=metadata, timeout=60
        ).jobs
        *_, last = jobs.WatchJob(jobs_service_pb2.WatchJobRequest(job_id=job.job_id), metadata=metadata, timeout=60)
    assert last.job.state == job_pb2.Job.STATE_CANCELLED


@pytest.mark.triton
def test_a_privacy_mask_reaches_what_is_made_of_the_video(service: RunningService, tmp_path: Path) -> None:
    film = write_video(tmp_path / "masked.mp4", count=150)
    with service.client("operator") as sopilot, service.organisation("default") as core:
        job = upload(sopilot, film, "masked", privacy_mask="0:0:1:1")
        assert wait(sopilot, f"/videos/jobs/{job}")["status"] == "completed"
        listed = core.get("/api/assets", params={"limit": "100"}).json()["items"]
        asset = next(each for each in listed if each["name"] == "masked.mp4")
        assert asset["status"] == "ready"
        with caller(service, service.clipper_url, "default") as clipper:
            refused = clipper.post("/api/v1/clip", json={"source": asset["id"], "start_sec": 0, "duration_sec": 1})
        assert refused.status_code == 400, refused.text
        error = refused.json()["error"]
        assert (error["details"]["field"], error["details"]["reason"]) == ("source", "SOURCE_MASKED")
        with caller(service, service.thumbnail_url, "default") as painter:
            bodies = ({"video_url": asset["id"], "timestamp": 1.0}, {"video_url": asset["id"]})
            for body in bodies:
                drawn = painter.post("/api/v1/generate/from-frame", json=body).json()
                picture = Image.open(io.BytesIO(painter.get(drawn["url"]).content)).convert("L")
                inside = np.asarray(picture)[40:-40, 40:-40]  # the design draws an edge around
                assert inside.max() < 40, "something of the numbered frames can be seen"
