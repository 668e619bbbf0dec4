"""What a REST caller gets when all is well."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx2 as httpx
import pytest
from google.api.httpbody_pb2 import HttpBody
from reelops.api.sopilot.v1.audit_service_pb2 import AuditEntry, ListAuditTrailResponse
from reelops.api.sopilot.v1.monitoring_service_pb2 import GetHealthResponse
from reelops.api.sopilot.v1.score_pb2 import Deviation, ScoreJob, ScoreMetrics, ScoreResult, TimeRange
from reelops.api.sopilot.v1.scoring_service_pb2 import CreateScoreResponse, GetScoreResponse
from reelops.api.sopilot.v1.training_service_pb2 import GetTrainingJobResponse, TrainingJob, TrainingResult
from reelops.api.sopilot.v1.video_pb2 import Video
from reelops.api.sopilot.v1.video_service_pb2 import GetVideoResponse, ListVideosResponse

from tests.rpc.edge.servicer import Script

pytestmark = pytest.mark.edge


def test_a_video_has_the_documented_keys_with_null_for_what_is_absent(client: httpx.Client, script: Script) -> None:
    video = Video(video_id=42, task_id="line_1", role=Video.trainee, camera_id="cam_01", embedding_model="m:1")
    video.created_at.FromJsonString("2026-02-08T12:00:00Z")
    script.answer("GetVideo", GetVideoResponse(video=video))

    answer = client.get("/videos/42")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "video_id": 42,
        "task_id": "line_1",
        "role": "trainee",
        "site_id": None,
        "camera_id": "cam_01",
        "num_clips": 0,
        "embedding_model": "m:1",
        "created_at": "2026-02-08T12:00:00Z",
    }
    assert script.last.request.video_id == 42


def test_a_queued_score_has_null_for_its_result_and_times(client: httpx.Client, script: Script) -> None:
    script.answer("GetScore", GetScoreResponse(job=ScoreJob(score_job_id="s", status=ScoreJob.queued)))
    body = client.get("/score/s").json()
    nulls = {key for key, value in body.items() if value is None}
    assert nulls == {"score", "error_message", "queued_at", "started_at", "finished_at", "result"}


def test_nulls_are_filled_in_at_every_depth(client: httpx.Client, script: Script) -> None:
    deviation = Deviation(type=Deviation.step_missing, gold_step=2, gold_time=TimeRange(start_sec=30, end_sec=45))
    deviation.trainee_time.SetInParent()
    result = ScoreResult(score=87.5, metrics=ScoreMetrics(miss=1), deviations=[deviation, deviation])
    script.answer("GetScore", GetScoreResponse(job=ScoreJob(status=ScoreJob.completed, score=87.5, result=result)))

    body = client.get("/score/s").json()

    first = body["result"]["deviations"][0]
    assert first["trainee_time"] == {"start_sec": None, "end_sec": None}
    assert first["gold_time"] == {"start_sec": 30, "end_sec": 45}
    assert body["result"]["metrics"]["miss"] == 1
    assert body["result"]["metrics"]["path_stretch"] == 0
    assert body["result"]["adapter_version"] is None


def test_a_null_field_stays_out_where_the_document_leaves_it_out(client: httpx.Client, script: Script) -> None:
    job = TrainingJob(status=TrainingJob.completed, result=TrainingResult(status="completed"))
    script.answer("GetTrainingJob", GetTrainingJobResponse(job=job))
    result = client.get("/train/jobs/t").json()["result"]
    assert result["reindex"] is None
    assert "reason" not in result


def test_text_that_looks_like_json_survives(client: httpx.Client, script: Script) -> None:
    nasty = ['"}],{"a":[', "\\", '\\"', "\n\t\x01", "→ ü 視頻 🎬", "{}", "null", '","site_id":null', "\u2028"]
    script.answer("ListVideos", ListVideosResponse(items=[Video(task_id=text, site_id=text) for text in nasty]))
    items = client.get("/videos").json()["items"]
    assert [item["task_id"] for item in items] == nasty
    assert [item["site_id"] for item in items] == nasty
    assert all(item["camera_id"] is None for item in items)


def test_an_empty_list_is_there(client: httpx.Client, script: Script) -> None:
    script.answer("ListVideos", ListVideosResponse())
    assert client.get("/videos").json() == {"items": []}


def test_a_list_of_megabytes_arrives_whole(client: httpx.Client, script: Script) -> None:
    entries = [AuditEntry(job_id=f"job-{index}", subject="1→42" * 50) for index in range(10_000)]
    script.answer("ListAuditTrail", ListAuditTrailResponse(items=entries))
    answer = client.get("/audit/trail")
    items = answer.json()["items"]
    assert len(answer.content) > 4_000_000
    assert [item["job_id"] for item in items] == [f"job-{index}" for index in range(10_000)]
    assert all(item["score"] is None and item["finished_at"] is None for item in items)


def test_query_parameters_reach_the_request(client: httpx.Client, script: Script) -> None:
    script.answer("ListVideos", ListVideosResponse())
    client.get("/videos", params={"task_id": "Ölwechsel & Co +1", "limit": 7})
    assert script.last.request.task_id == "Ölwechsel & Co +1"
    assert script.last.request.limit == 7


def test_a_json_body_reaches_the_request(client: httpx.Client, script: Script) -> None:
    script.answer("CreateScore", CreateScoreResponse(score_job_id="s", status=ScoreJob.queued))
    body = {"gold_video_id": 1, "trainee_video_id": 42}
    for kind in ("application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"):
        answer = client.post("/score", content=json.dumps(body, indent=2), headers={"content-type": kind})
        assert answer.json() == {"score_job_id": "s", "status": "queued", "score": None}
        assert (script.last.request.gold_video_id, script.last.request.trainee_video_id) == (1, 42)


@pytest.mark.parametrize("status", [201, 202, 503])
def test_the_server_sets_the_status_of_an_answer(client: httpx.Client, script: Script, status: int) -> None:
    async def health(_request: Any, context: Any) -> GetHealthResponse:
        await context.send_initial_metadata((("x-http-status", str(status)), ("retry-after", "3")))
        return GetHealthResponse(status="degraded", db=False)

    script.answer("GetHealth", health)
    answer = client.get("/health")
    assert answer.status_code == status
    assert answer.json() == {"status": "degraded", "db": False}
    assert answer.headers["retry-after"] == "3"


def test_no_header_of_grpc_or_of_the_edge_is_seen(client: httpx.Client, script: Script) -> None:
    async def health(_request: Any, context: Any) -> GetHealthResponse:
        await context.send_initial_metadata(
            (("x-http-status", "201"), ("x-error-code", "NO"), ("x-ratelimit-limit", "9"))
        )
        return GetHealthResponse()

    script.answer("GetHealth", health)
    answer = client.get("/health")
    wanted = {"content-type", "content-length", "date", "server", "x-request-id", "x-ratelimit-limit"}
    assert set(answer.headers) == wanted


def test_text_is_passed_on_with_its_own_type(client: httpx.Client, script: Script) -> None:
    kind = "text/plain; version=0.0.4; charset=utf-8"
    script.answer("GetMetrics", HttpBody(content_type=kind, data=b"# HELP a\na 1\n"))
    answer = client.get("/metrics")
    assert (answer.headers["content-type"], answer.content) == (kind, b"# HELP a\na 1\n")


def test_head_gives_the_headers_of_get_and_no_body(client: httpx.Client, script: Script) -> None:
    script.answer("GetVideo", GetVideoResponse(video=Video(video_id=1)))
    for _ in range(3):  # on one connection: a stray body would break the second
        answer = client.head("/videos/1")
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-type"] == "application/json"
    assert script.last.metadata["x-http-method"] == "HEAD"


def test_many_callers_at_once_get_their_own_answers(edge: Any, script: Script) -> None:
    async def video(request: Any, _context: Any) -> GetVideoResponse:
        await asyncio.sleep(request.video_id % 7 / 1000)
        return GetVideoResponse(video=Video(video_id=request.video_id, task_id=f"task-{request.video_id}"))

    script.answer("GetVideo", video)

    async def ask() -> list[dict[str, Any]]:
        async with httpx.AsyncClient(base_url=edge.url, trust_env=False, timeout=20) as client:
            answers = await asyncio.gather(*(client.get(f"/videos/{index}") for index in range(1, 301)))
            return [answer.json() for answer in answers]

    assert [(body["video_id"], body["task_id"]) for body in asyncio.run(ask())] == [
        (index, f"task-{index}") for index in range(1, 301)
    ]
