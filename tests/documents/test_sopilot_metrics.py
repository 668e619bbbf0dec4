"""Metrics: every documented name, in Prometheus text, counted for real across processes."""

from __future__ import annotations

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.documents.conftest import Stock
from tests.flow import ingest, score, wait

pytestmark = [pytest.mark.edge, pytest.mark.triton]

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def _read(client: httpx2.Client) -> Samples:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def _total(samples: Samples, name: str, **labels: str) -> float:
    return sum(
        value for (sample, own), value in samples.items() if sample == name and labels.items() <= dict(own).items()
    )


def test_what_is_done_is_counted(nobody: httpx2.Client, admin: httpx2.Client, stock: Stock) -> None:
    score(admin, stock.gold, stock.trainee)
    before = _read(nobody)
    ingest(admin, stock.tiny_file, "metrics")
    with stock.tiny_file.open("rb") as file:
        bad = admin.post("/videos", data={"task_id": "metrics"}, files={"file": ("a.mp4", file.read(900))})
    assert wait(admin, f"/videos/jobs/{bad.json()['ingest_job_id']}")["status"] == "failed"
    score(admin, stock.gold, stock.trainee)
    wait(admin, f"/train/jobs/{admin.post('/train/nightly').json()['training_job_id']}")
    after = _read(nobody)

    def grown(name: str, **labels: str) -> float:
        return _total(after, name, **labels) - _total(before, name, **labels)

    assert grown("sopilot_ingest_jobs_total", status="completed") == 1
    assert grown("sopilot_ingest_jobs_total", status="failed") == 1
    assert grown("sopilot_score_jobs_total", status="completed") == 1
    assert grown("sopilot_training_jobs_total", trigger="manual") == 1
    assert grown("sopilot_job_duration_seconds_count") >= 4
    assert grown("sopilot_dtw_execution_seconds_count") == 1
    assert grown("sopilot_embedding_generation_seconds_count") == 1


def test_every_documented_metric_is_there(nobody: httpx2.Client, stock: Stock) -> None:
    samples = _read(nobody)
    labels = {name: {key for key, _ in own} for name, own in samples}
    assert labels["sopilot_queue_depth"] == {"queue"}
    assert labels["sopilot_active_workers"] == {"queue"}
    assert "embedder" in labels["sopilot_embedding_generation_seconds_count"]
    queues = {dict(own)["queue"] for name, own in samples if name == "sopilot_queue_depth"}
    assert {"ingest", "score", "training"} <= queues
    assert _total(samples, "sopilot_active_workers", queue="ingest") >= 1
    kinds = {
        dict(own).get("type") or dict(own).get("kind") for name, own in samples if name == "sopilot_gpu_memory_bytes"
    }
    assert kinds in (set(), {"allocated", "reserved", "total"})
    assert "# TYPE sopilot_gpu_memory_bytes gauge" in nobody.get("/metrics").text
