"""The same service on PostgreSQL with two workers: what an installation of several machines runs."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from tests.flow import ingest, score
from tests.media import write_video
from tests.service_fixture import RunningService, running_service

pytestmark = [pytest.mark.edge, pytest.mark.triton, pytest.mark.slow]


@pytest.fixture(scope="module")
def database(postgres_address: str) -> str:
    """Gives the URL of a new, empty database."""
    name = f"service_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{postgres_address}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{postgres_address}/{name}"


@pytest.fixture(scope="module")
def large(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """The service with that database and two workers."""
    folder = tmp_path_factory.mktemp("large")
    with running_service(folder, REELOPS_DATABASE_URL=database, REELOPS_WORKERS="2") as running:
        yield running


def test_a_score_on_postgresql_with_two_workers(large: RunningService, demo_pair: tuple[Path, Path]) -> None:
    gold, trainee = demo_pair
    with large.client() as client:
        pair = ingest(client, gold, "postgres", gold=True), ingest(client, trainee, "postgres")
        job = score(client, *pair)
        report = client.get(f"/score/{job['score_job_id']}/report.pdf")
        metrics = client.get("/metrics").text
        trail = client.get("/audit/trail").json()["items"]
    assert job["result"]["score"] == pytest.approx(100 - sum(each["points"] for each in job["result"]["penalties"]))
    assert report.content.startswith(b"%PDF")
    assert 'sopilot_active_workers{queue="ingest"} 2' in metrics
    assert {entry["status"] for entry in trail if entry["job_type"] == "score"} == {"queued", "completed"}


def test_no_clip_is_made_twice(large: RunningService, database: str) -> None:
    """One of the workers is killed meanwhile; what it had is taken up by the other one."""
    write_video(large.media / "film.mp4", count=400, options={"preset": "ultrafast"})
    body = {"source": "film.mp4", "start_sec": 0.5, "duration_sec": 12, "out_ext": "webm"}
    with large.client(None) as client:
        asked = [client.post("/api/v1/clip", json=body).json()["job_id"] for _ in range(6)]
        _await(client, asked, lambda clips: any(clip["progress"] > 5 for clip in clips))
        os.kill(large.pid_of("work"), signal.SIGKILL)
        clips = _await(client, asked, lambda clips: all(clip["status"] in ("complete", "failed") for clip in clips))
    assert {clip["status"] for clip in clips} == {"complete"}
    files = {path.name for path in (large.data / "blobs" / "clips").iterdir()}
    assert files == {f"{job_id}.webm" for job_id in asked}
    with psycopg.connect(database) as connection:
        made = connection.execute("SELECT job_id, state FROM assets WHERE kind = 'clip'").fetchall()
        told = connection.execute(
            "SELECT job_id FROM audit_entries WHERE job_type = 'clip' AND status = 'completed'"
        ).fetchall()
    assert sorted(made) == sorted((job_id, "ready") for job_id in asked)
    assert sorted(told) == sorted((job_id,) for job_id in asked)


def _await(
    client: httpx2.Client, jobs: list[str], condition: Callable[[list[dict[str, Any]]], bool]
) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        clips = [client.get(f"/api/v1/clip/{job_id}").json() for job_id in jobs]
        if condition(clips):
            return clips
        time.sleep(0.1)
    raise TimeoutError(clips)
