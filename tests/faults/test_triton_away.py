"""Triton dies while it is needed: jobs wait for it and end well."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.faults.tidiness import await_tidy
from tests.flow import ingest, upload, wait
from tests.service_fixture import RunningService

pytestmark = [pytest.mark.faults, pytest.mark.edge, pytest.mark.triton]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_an_ingest_waits_for_triton(victim: RunningService, pair: tuple[Path, Path], how: signal.Signals) -> None:
    with victim.client("operator") as client:
        jobs = [upload(client, path, "triton") for path in pair]
        os.kill(victim.pid_of("triton"), how)
        jobs += [upload(client, path, "triton") for path in pair]
        ended = [wait(client, f"/videos/jobs/{job}") for job in jobs]
        listed = client.get("/videos", params={"task_id": "triton"}).json()["items"]
    assert [job["status"] for job in ended] == ["completed"] * 4
    assert {job["video_id"] for job in ended} <= {video["video_id"] for video in listed}
    await_tidy(victim.data)


def test_a_score_waits_for_triton(victim: RunningService, pair: tuple[Path, Path]) -> None:
    with victim.client("operator") as client:
        gold, trainee = ingest(client, pair[0], "triton score", gold=True), ingest(client, pair[1], "triton score")
        os.kill(victim.pid_of("triton"), signal.SIGKILL)
        asked = client.post("/score", json={"gold_video_id": gold, "trainee_video_id": trainee})
        assert asked.status_code == 200
        job = wait(client, f"/score/{asked.json()['score_job_id']}")
        assert (job["status"], job["error_message"]) == ("completed", None)
        assert client.get(f"/score/{job['score_job_id']}/report.pdf").status_code == 200
    await_tidy(victim.data)
