"""Deleting a video takes its rows, files and vectors with it, and says which."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from tests.documents.conftest import Stock
from tests.documents.shapes import assert_shape
from tests.documents.test_sopilot_refusals import assert_refused
from tests.flow import ingest, score
from tests.service_fixture import RunningService

pytestmark = [pytest.mark.edge, pytest.mark.triton]


def test_a_deleted_video_is_gone_everywhere(service: RunningService, admin: httpx2.Client, stock: Stock) -> None:
    task = "deleting"
    gold = ingest(admin, stock.gold_file, task, gold=True)
    trainee = ingest(admin, stock.trainee_file, task)
    job = score(admin, gold, trainee)["score_job_id"]
    assert admin.get(f"/score/{job}/report.pdf").status_code == 200
    query = {"task_id": task, "video_id": str(gold), "clip_idx": "0", "k": "50"}
    assert trainee in {item["video_id"] for item in admin.get("/search", params=query).json()["items"]}

    answer = admin.delete(f"/videos/{trainee}")
    assert answer.status_code == 200
    removal = answer.json()
    assert_shape(removal, {"video_id": trainee, "task_id": task, "removed_files": [str], "reindexed_clips": int})
    assert removal["reindexed_clips"] == admin.get(f"/videos/{gold}").json()["num_clips"]
    assert {Path(path).suffix for path in removal["removed_files"]} >= {".mp4", ".npy", ".pdf"}
    for path in removal["removed_files"]:
        assert path.startswith(str(service.data))
        assert not Path(path).exists()
    assert not list((service.data / "blobs").rglob(f"video_{trainee}.*"))

    assert_refused(admin.get(f"/videos/{trainee}"), 404)
    assert_refused(admin.get(f"/videos/{trainee}/file"), 404)
    assert_refused(admin.delete(f"/videos/{trainee}"), 404)
    assert_refused(admin.get(f"/score/{job}/report.pdf"), 404)
    assert_refused(admin.post("/score", json={"gold_video_id": gold, "trainee_video_id": trainee}), 400)
    assert [video["video_id"] for video in admin.get("/videos", params={"task_id": task}).json()["items"]] == [gold]
    assert {item["video_id"] for item in admin.get("/search", params=query).json()["items"]} <= {gold}
    assert admin.get(f"/score/{job}").json()["score"] is not None  # what was scored stays known
    entries = admin.get("/audit/trail", params={"limit": "20"}).json()["items"]
    told = [entry["job_type"] for entry in entries if entry["subject"] == f"video:{trainee}"]
    assert told[:1] == ["delete"]  # the newest of this video's: others' entries may come at any time


def test_a_number_is_never_given_twice(admin: httpx2.Client, stock: Stock) -> None:
    first = ingest(admin, stock.tiny_file, "numbers")
    admin.delete(f"/videos/{first}")
    assert ingest(admin, stock.tiny_file, "numbers") > first
