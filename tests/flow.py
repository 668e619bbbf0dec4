"""Steps that many tests take: upload, wait, score."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx2

WAIT_SEC = 90.0


def upload(client: httpx2.Client, path: Path, task_id: str, *, gold: bool = False, **fields: str) -> str:
    """Uploads a file and returns the ingest job's id."""
    with path.open("rb") as file:
        answer = client.post("/gold" if gold else "/videos", data={"task_id": task_id, **fields}, files={"file": file})
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "queued"
    return str(answer.json()["ingest_job_id"])


def wait(client: httpx2.Client, path: str, *, timeout_sec: float = WAIT_SEC) -> dict[str, Any]:
    """Polls a job's route until the job has ended."""
    deadline = time.monotonic() + timeout_sec
    while time.monotonic() < deadline:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        job: dict[str, Any] = answer.json()
        if job["status"] not in ("queued", "running"):
            return job
        time.sleep(0.1)
    raise TimeoutError(f"{path} is still {job['status']}")


def ingest(client: httpx2.Client, path: Path, task_id: str, *, gold: bool = False, **fields: str) -> int:
    """Uploads a file and returns the video's id."""
    job = wait(client, f"/videos/jobs/{upload(client, path, task_id, gold=gold, **fields)}")
    assert job["status"] == "completed", job
    return int(job["video_id"])


def score(client: httpx2.Client, gold: int, trainee: int, **fields: str) -> dict[str, Any]:
    """Scores two videos and returns the job with its result."""
    answer = client.post("/score", json={"gold_video_id": gold, "trainee_video_id": trainee, **fields})
    assert answer.status_code == 200, answer.text
    job = wait(client, f"/score/{answer.json()['score_job_id']}")
    assert job["status"] == "completed", job
    return job
