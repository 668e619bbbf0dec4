"""A gold and a trainee video from upload to score, report and search, through the edge."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flow import ingest, score
from tests.service_fixture import RunningService

pytestmark = [pytest.mark.edge, pytest.mark.triton]


@pytest.fixture(scope="module")
def pair(service: RunningService, demo_pair: tuple[Path, Path]) -> tuple[int, int]:
    gold, trainee = demo_pair
    with service.client("operator") as client:
        return ingest(client, gold, "flow", gold=True), ingest(client, trainee, "flow", site_id="工場 A")


def test_a_faulty_take_loses_points_and_says_why(service: RunningService, pair: tuple[int, int]) -> None:
    with service.client("operator") as client:
        result = score(client, *pair)["result"]
    assert result["score"] < 90
    assert {fault["type"] for fault in result["deviations"]} & {"step_missing", "order_swap"}
    assert result["score"] == pytest.approx(100 - sum(penalty["points"] for penalty in result["penalties"]))


def test_a_video_against_itself_is_perfect(service: RunningService, pair: tuple[int, int]) -> None:
    with service.client("operator") as client:
        job = score(client, pair[0], pair[0])
    assert job["score"] == 100
    assert job["result"]["deviations"] == []


def test_the_report_is_made_once(service: RunningService, pair: tuple[int, int]) -> None:
    with service.client("operator") as client:
        path = f"/score/{score(client, *pair)['score_job_id']}/report.pdf"
        first, second = client.get(path), client.get(path)
    assert first.headers["content-type"] == "application/pdf"
    assert first.content.startswith(b"%PDF")
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]


def test_a_file_comes_back_as_it_was_sent(service: RunningService, pair: tuple[int, int]) -> None:
    with service.client("viewer") as client:
        whole = client.get(f"/videos/{pair[1]}/file")
        part = client.get(f"/videos/{pair[1]}/file", headers={"Range": "bytes=100-199"})
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["accept-ranges"] == "bytes"
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"
    assert part.content == whole.content[100:200]


def test_search_finds_the_like_clips_of_the_task(service: RunningService, pair: tuple[int, int]) -> None:
    query = {"task_id": "flow", "video_id": str(pair[0]), "clip_idx": "0"}
    with service.client("viewer") as client:
        found = client.get("/search", params=query)
    assert found.status_code == 200, found.text
    items = found.json()["items"]
    assert 1 <= len(items) <= 5
    assert (pair[0], 0) not in [(item["video_id"], item["clip_idx"]) for item in items]
    assert [item["similarity"] for item in items] == sorted((item["similarity"] for item in items), reverse=True)
