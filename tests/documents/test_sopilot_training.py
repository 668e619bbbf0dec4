"""Training: completed on new videos, skipped with the reason where there are too few."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from tests.documents import shapes
from tests.documents.conftest import TASK, Stock
from tests.documents.shapes import Nullable, assert_shape
from tests.flow import ingest, score, wait

pytestmark = [pytest.mark.edge, pytest.mark.triton]


def test_training_completes_and_is_then_skipped(admin: httpx2.Client, stock: Stock) -> None:
    for _ in range(2):
        ingest(admin, stock.tiny_file, TASK)
    asked = admin.post("/train/nightly")
    assert asked.status_code == 200
    assert_shape(asked.json(), {"training_job_id": str, "status": "queued", "trigger": "manual"})
    job = wait(admin, f"/train/jobs/{asked.json()['training_job_id']}")
    assert_shape(job, {**shapes.TRAINING_JOB, **shapes.COMPLETED, "result": shapes.TRAINING_RESULT})
    assert job["requested_by"] == "token:admin"
    assert Path(job["result"]["adapter_path"]).is_file()
    assert TASK in job["result"]["reindex"]["tasks_touched"]

    # What was learnt takes part in later scores and in search.
    assert score(admin, stock.gold, stock.gold)["score"] == 100
    assert score(admin, stock.gold, stock.trainee)["result"]["adapter_version"]
    query = {"task_id": TASK, "video_id": str(stock.gold), "clip_idx": "0"}
    assert admin.get("/search", params=query).json()["items"]

    again = wait(admin, f"/train/jobs/{admin.post('/train/nightly').json()['training_job_id']}")
    assert again["status"] == "skipped"
    assert again["error_message"] is None
    result = again["result"]
    assert_shape(result, {"status": "skipped", "adapter_path": None, "reindex": None, "embedding_dim": Nullable(int)})
    assert (result["min_new_videos"], result["new_videos"]) == (2, 0)
    assert "new videos" in result["reason"]
