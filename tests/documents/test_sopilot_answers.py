"""Each documented route of SOPilot answers with every documented key, of the documented type, nulls included."""

from __future__ import annotations

import httpx2
import pytest

from tests.documents import shapes
from tests.documents.conftest import TASK, Stock
from tests.documents.shapes import assert_shape
from tests.flow import score, wait

pytestmark = [pytest.mark.edge, pytest.mark.triton]


def test_health_needs_no_credentials(nobody: httpx2.Client) -> None:
    answer = nobody.get("/health")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"status": "ok", "db": True}


@pytest.mark.parametrize("path", ["/videos", "/gold"])
def test_an_upload_names_its_job(operator: httpx2.Client, stock: Stock, path: str) -> None:
    with stock.tiny_file.open("rb") as file:
        answer = operator.post(path, data={"task_id": "answers"}, files={"file": file})
    assert answer.status_code == 200
    assert set(answer.json()) == {"ingest_job_id", "status"}
    assert answer.json()["status"] == "queued"
    job = operator.get(f"/videos/jobs/{answer.json()['ingest_job_id']}").json()
    if job["status"] in ("queued", "running"):
        assert_shape(job, {**shapes.WAITING, **dict.fromkeys(shapes.FAILED_INGEST.keys() - shapes.WAITING.keys())})
    done = wait(operator, f"/videos/jobs/{answer.json()['ingest_job_id']}")
    assert done["role"] == ("gold" if path == "/gold" else "trainee")


def test_a_completed_ingest_says_everything(viewer: httpx2.Client, stock: Stock) -> None:
    job = viewer.get(f"/videos/jobs/{stock.trainee_job}").json()
    assert_shape(job, {**shapes.INGEST_JOB, **shapes.COMPLETED})
    assert job["requested_by"] == "token:operator"
    assert (job["task_id"], job["role"], job["video_id"]) == (TASK, "trainee", stock.trainee)
    assert job["queued_at"] <= job["started_at"] <= job["finished_at"]


def test_a_failed_ingest_says_why_and_has_no_video(operator: httpx2.Client) -> None:
    answer = operator.post("/videos", data={"task_id": "broken"}, files={"file": ("a.mp4", b"no video at all")})
    job = wait(operator, f"/videos/jobs/{answer.json()['ingest_job_id']}")
    assert_shape(job, shapes.FAILED_INGEST)
    assert operator.get("/videos", params={"task_id": "broken"}).json() == {"items": []}


def test_a_new_score_has_no_result_yet(operator: httpx2.Client, stock: Stock) -> None:
    answer = operator.post("/score", json={"gold_video_id": stock.gold, "trainee_video_id": stock.trainee})
    assert answer.status_code == 200
    assert_shape(answer.json(), {"score_job_id": str, "status": "queued", "score": None})
    job = operator.get(f"/score/{answer.json()['score_job_id']}").json()
    if job["status"] in ("queued", "running"):
        assert_shape(job, {**shapes.SCORE_JOB, **shapes.WAITING, "score": None, "result": None})
    wait(operator, f"/score/{answer.json()['score_job_id']}")


@pytest.mark.parametrize("profile", [None, "reelops-v1", "sopilot-v1"])
def test_a_completed_score_says_everything(operator: httpx2.Client, stock: Stock, profile: str | None) -> None:
    job = score(operator, stock.gold, stock.trainee, **({"scoring_profile": profile} if profile else {}))
    assert_shape(job, {**shapes.SCORE_JOB, **shapes.COMPLETED, "score": float, "result": shapes.SCORE_RESULT})
    assert job["score"] == job["result"]["score"]
    assert job["result"]["profile"] == (profile or "reelops-v1")
    assert job["result"]["step_boundaries"]["gold"][-1] == job["result"]["clip_count"]["gold"]
    assert len(job["result"]["alignment_preview"]) <= 300
    assert len(job["result"]["step_map_preview"]["gold"]) <= 100


def test_a_report_is_a_pdf(viewer: httpx2.Client, operator: httpx2.Client, stock: Stock) -> None:
    path = f"/score/{score(operator, stock.gold, stock.trainee)['score_job_id']}/report.pdf"
    answer = viewer.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert viewer.head(path).headers["content-length"] == str(len(answer.content))


def test_a_search_gives_clips(viewer: httpx2.Client, stock: Stock) -> None:
    query = {"task_id": TASK, "video_id": str(stock.trainee), "clip_idx": "0"}
    found = viewer.get("/search", params=query).json()
    assert_shape(found, shapes.SEARCH)
    assert (found["query_video_id"], found["query_clip_idx"], found["task_id"]) == (stock.trainee, 0, TASK)
    similarities = [item["similarity"] for item in found["items"]]
    assert similarities == sorted(similarities, reverse=True)
    assert len(viewer.get("/search", params={**query, "k": "1"}).json()["items"]) == 1
    everything = viewer.get("/search", params={**query, "k": "50"}).json()["items"]
    listed = viewer.get("/videos", params={"task_id": TASK}).json()["items"]
    assert {item["video_id"] for item in everything} <= {video["video_id"] for video in listed}


def test_a_video_is_listed_as_it_is_shown(viewer: httpx2.Client, stock: Stock) -> None:
    listed = viewer.get("/videos", params={"task_id": TASK}).json()
    assert_shape(listed, {"items": [shapes.VIDEO]})
    assert [video["video_id"] for video in listed["items"]][-2:] == sorted((stock.gold, stock.trainee), reverse=True)
    shown = viewer.get(f"/videos/{stock.trainee}").json()
    assert shown in listed["items"]
    assert (shown["site_id"], shown["camera_id"]) == ("工場 A", "cam_01")
    assert viewer.get(f"/videos/{stock.gold}").json()["site_id"] is None
    assert len(viewer.get("/videos", params={"limit": "1"}).json()["items"]) == 1


def test_a_file_is_what_was_sent(viewer: httpx2.Client, stock: Stock) -> None:
    answer = viewer.get(f"/videos/{stock.trainee}/file")
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.content == stock.trainee_file.read_bytes()


def test_the_nightly_scheduler_tells_its_plan(viewer: httpx2.Client) -> None:
    assert_shape(viewer.get("/train/nightly/status").json(), shapes.NIGHTLY)


def test_the_queues_show_what_was_done(operator: httpx2.Client, stock: Stock) -> None:
    shown = operator.get("/ops/queue").json()
    assert_shape(shown, shapes.QUEUES)
    queues = {queue["name"]: queue for queue in shown["queue"]["queues"]}
    assert {"ingest", "score"} <= set(queues)
    assert queues["ingest"]["key"] == "sopilot_ingest"
    assert queues["ingest"]["finished"] >= 4
    assert shown["jobs"]["ingest"]["completed"] >= 4
