"""The same service on PostgreSQL with two workers: what an installation of several machines runs."""

from __future__ import annotations

import uuid
from pathlib import Path

import psycopg
import pytest

from tests.flow import ingest, score
from tests.service_fixture import running_service

pytestmark = [pytest.mark.edge, pytest.mark.triton, pytest.mark.slow]


@pytest.fixture
def database(postgres_address: str) -> str:
    """Gives the URL of a new, empty database."""
    name = f"service_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{postgres_address}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{postgres_address}/{name}"


def test_a_score_on_postgresql_with_two_workers(database: str, demo_pair: tuple[Path, Path], tmp_path: Path) -> None:
    gold, trainee = demo_pair
    with (
        running_service(tmp_path, REELOPS_DATABASE_URL=database, REELOPS_WORKERS="2") as service,
        service.client() as client,
    ):
        pair = ingest(client, gold, "postgres", gold=True), ingest(client, trainee, "postgres")
        job = score(client, *pair)
        report = client.get(f"/score/{job['score_job_id']}/report.pdf")
        metrics = client.get("/metrics").text
        trail = client.get("/audit/trail").json()["items"]
    assert job["result"]["score"] == pytest.approx(100 - sum(each["points"] for each in job["result"]["penalties"]))
    assert report.content.startswith(b"%PDF")
    assert 'sopilot_active_workers{queue="ingest"} 2' in metrics
    assert {entry["status"] for entry in trail if entry["job_type"] == "score"} == {"queued", "completed"}
