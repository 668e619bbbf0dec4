"""What SOPilot refuses, and that every refusal is `{"detail": <sentence>}` with the documented status."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.documents.conftest import OTHER_TASK, TASK, Stock
from tests.flow import wait

pytestmark = [pytest.mark.edge, pytest.mark.triton]

NO_IDS = ["0", "-1", str(2**31), str(2**32), str(2**64), "abc", "1.5", "9" * 400, "%00", "１", " 1", "null", "0x1"]
NO_NAMES = ["nothing", "0", "%F0%9F%8E%A5", "a" * 129, "a%2Fb", "%00", "'; DROP TABLE job; --", "a" * 4096]


def assert_refused(answer: httpx2.Response, *statuses: int) -> str:
    """Fails unless the answer is a refusal as the document has it; returns the sentence."""
    assert answer.status_code in statuses, f"{answer.status_code}: {answer.text[:300]}"
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert set(body) == {"detail"}
    assert isinstance(body["detail"], str) and len(body["detail"]) > 8, body
    assert "Traceback" not in body["detail"] and "proto" not in body["detail"].lower(), body
    return str(body["detail"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/nothing", 404),
        ("GET", "/videos/", 404),
        ("GET", "/VIDEOS", 404),
        ("GET", "/videos/1/file/more", 404),
        ("GET", "//videos", 404),
        ("GET", "/reelops.api.sopilot.v1.VideoService/ListVideos", 404),
        ("POST", "/reelops.api.sopilot.v1.VideoService/ListVideos", 404),
        ("PUT", "/videos", 405),
        ("PATCH", "/videos/1", 405),
        ("POST", "/health", 405),
        ("DELETE", "/score", 405),
        ("GET", "/score", 405),
        ("GET", "/gold", 405),
        ("GET", "/audit/export", 405),
        ("OPTIONS", "/videos", 405),
        ("BREW", "/videos", 400),  # no method that HTTP knows
    ],
)
def test_unknown_routes_and_methods(admin: httpx2.Client, method: str, path: str, status: int) -> None:
    answer = admin.request(method, path)
    assert_refused(answer, status)
    assert ("allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize("ids", NO_IDS)
def test_ids_of_no_video(admin: httpx2.Client, ids: str) -> None:
    for method, path in (("GET", f"/videos/{ids}"), ("GET", f"/videos/{ids}/file"), ("DELETE", f"/videos/{ids}")):
        assert_refused(admin.request(method, path), 400, 404)
    query = {"task_id": TASK, "video_id": ids, "clip_idx": "0"}
    assert_refused(admin.get("/search", params=query), 400, 404)


@pytest.mark.parametrize("name", NO_NAMES)
def test_names_of_no_job_and_no_export(admin: httpx2.Client, name: str) -> None:
    for path in ("/videos/jobs/{}", "/score/{}", "/score/{}/report.pdf", "/train/jobs/{}", "/audit/export/{}/file"):
        assert_refused(admin.get(path.format(name)), 400, 404, 405)


def test_the_job_of_another_kind_is_no_job(viewer: httpx2.Client, stock: Stock) -> None:
    for path in ("/score/{}", "/score/{}/report.pdf", "/train/jobs/{}"):
        assert_refused(viewer.get(path.format(stock.trainee_job)), 404)


@pytest.mark.parametrize(
    ("path", "limit"), [("/videos", 500), ("/audit/trail", 1000), ("/audit/export", 5000), ("/search", 50)]
)
def test_limits_have_their_documented_bounds(admin: httpx2.Client, stock: Stock, path: str, limit: int) -> None:
    name, method = ("k" if path == "/search" else "limit"), ("POST" if path == "/audit/export" else "GET")
    others = {"task_id": TASK, "video_id": str(stock.gold), "clip_idx": "0"} if path == "/search" else {}
    assert admin.request(method, path, params={**others, name: str(limit)}).status_code == 200
    for value in (limit + 1, 0, -1, "abc", "", 2**32, 2**64, "1e3", "５"):
        detail = assert_refused(admin.request(method, path, params={**others, name: str(value)}), 400)
        assert name in detail


@pytest.mark.parametrize("path", ["/videos", "/search", "/audit/trail", "/health", "/ops/queue", "/videos/1"])
def test_unknown_query_parameters_are_named(admin: httpx2.Client, path: str) -> None:
    assert "colour" in assert_refused(admin.get(path, params={"colour": "red"}), 400)


@pytest.mark.parametrize("missing", ["task_id", "video_id", "clip_idx"])
def test_a_search_needs_its_parameters(viewer: httpx2.Client, stock: Stock, missing: str) -> None:
    query = {"task_id": TASK, "video_id": str(stock.gold), "clip_idx": "0"}
    del query[missing]
    assert missing in assert_refused(viewer.get("/search", params=query), 400)


def test_a_search_stays_within_its_task(viewer: httpx2.Client, stock: Stock) -> None:
    for task, video, clip in (
        (OTHER_TASK, stock.gold, 0),
        ("no such task", stock.gold, 0),
        (TASK, stock.gold, 10_000),
        (TASK, stock.foreign, 0),
    ):
        query = {"task_id": task, "video_id": str(video), "clip_idx": str(clip)}
        assert_refused(viewer.get("/search", params=query), 400, 404)


def test_a_task_of_nobody_lists_nothing(viewer: httpx2.Client) -> None:
    for task in ("no such task", "日本語", "قطعة 🎬", "é" * 250, "%", "_", "' OR 1=1 --"):
        assert viewer.get("/videos", params={"task_id": task}).json() == {"items": []}
    for task in ("", "x" * 256, "x" * 4096):
        assert "task_id" in assert_refused(viewer.get("/videos", params={"task_id": task}), 400)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b"[]",
        b"3",
        b'"text"',
        b"{",
        b'{"gold_video_id": 1',
        b'{"gold_video_id": 1, "trainee_video_id": 1,}',
        b'{"gold_video_id": "one", "trainee_video_id": 1}',
        b'{"gold_video_id": 1.5, "trainee_video_id": 1}',
        b'{"gold_video_id": -1, "trainee_video_id": 1}',
        b'{"gold_video_id": 0, "trainee_video_id": 1}',
        b'{"gold_video_id": 4294967296, "trainee_video_id": 1}',
        b'{"gold_video_id": 18446744073709551616, "trainee_video_id": 1}',
        b'{"gold_video_id": null, "trainee_video_id": 1}',
        b'{"gold_video_id": true, "trainee_video_id": 1}',
        b'{"gold_video_id": [1], "trainee_video_id": 1}',
        b'{"gold_video_id": {"a": 1}, "trainee_video_id": 1}',
        b'{"gold_video_id": 1, "trainee_video_id": 1, "colour": "red"}',
        b'{"gold_video_id": 1}',
        b'{"gold_video_id": 999999999, "trainee_video_id": 1}',
        b'{"gold_video_id": 1, "trainee_video_id": 4000000000}',
        b"\xff\xfe\x00",
        b"\x00",
        b"[" * 5000,
        b'{"gold_video_id": NaN, "trainee_video_id": 1}',
        b'{"gold_video_id": 1e400, "trainee_video_id": 1}',
    ],
    ids=lambda body: repr(body[:44]),
)
def test_a_score_of_senseless_input_is_a_400(operator: httpx2.Client, body: bytes) -> None:
    assert_refused(operator.post("/score", content=body, headers={"content-type": "application/json"}), 400)


def test_a_score_needs_a_gold_and_one_task(operator: httpx2.Client, stock: Stock) -> None:
    def refused(gold: int, trainee: int, **more: Any) -> str:
        body = {"gold_video_id": gold, "trainee_video_id": trainee, **more}
        return assert_refused(operator.post("/score", json=body), 400)

    assert "task" in refused(stock.foreign, stock.trainee)
    assert "gold" in refused(stock.trainee, stock.gold)
    assert "no such profile" in refused(stock.gold, stock.trainee, scoring_profile="no such profile")
    refused(stock.gold, stock.trainee, scoring_profile="")
    refused(stock.gold, stock.trainee, scoring_profile="x" * 4096)
    refused(stock.gold, stock.trainee, scoring_profile=3)


@pytest.mark.parametrize("profile", ["reelops-v1", "sopilot-v1"])
def test_a_video_too_short_to_score_fails_with_a_sentence(operator: httpx2.Client, stock: Stock, profile: str) -> None:
    body = {"gold_video_id": stock.gold, "trainee_video_id": stock.short, "scoring_profile": profile}
    asked = operator.post("/score", json=body)
    assert asked.status_code == 200, asked.text
    job = wait(operator, f"/score/{asked.json()['score_job_id']}")
    if job["status"] == "failed":
        assert len(job["error_message"]) > 20 and "nternal" not in job["error_message"]
        assert job["score"] is None and job["result"] is None
        assert_refused(operator.get(f"/score/{job['score_job_id']}/report.pdf"), 404)
    else:
        assert 0 <= job["score"] <= 100


def test_a_json_body_has_to_say_so(operator: httpx2.Client) -> None:
    assert_refused(operator.post("/score", content=b"a=1", headers={"content-type": "text/plain"}), 415)
