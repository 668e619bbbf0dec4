"""Beyond the document: steps that operators set, scores that use them, and frames of the faults."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image

from tests.documents.conftest import OTHER_TASK, TASK, Stock
from tests.documents.shapes import Moment, Nullable, assert_shape
from tests.documents.test_sopilot_refusals import assert_refused
from tests.flow import ingest, score
from tests.service_fixture import RunningService

pytestmark = [pytest.mark.edge, pytest.mark.triton]

STEP = {"name": str, "start_sec": float, "end_sec": float, "expected_sec": Nullable(float), "critical": bool}
STEPS = {
    "task_id": str,
    "gold_video_id": int,
    "source": str,
    "version": int,
    "duration_sec": float,
    "steps": [STEP],
    "changed_by": Nullable(str),
    "changed_at": Nullable(Moment),
}
SPAN = {"start_sec": float, "end_sec": float, "gold_step": Nullable(int), "name": Nullable(str)}


def steps_of(task: str, video: int) -> str:
    return f"/tasks/{task}/gold/{video}/steps"


def renamed(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """The found steps under names of an operator."""
    return [{**step, "name": f"作業 {number}"} for number, step in enumerate(shown["steps"], start=1)]


def picture(answer: httpx2.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/jpeg"
    return Image.open(io.BytesIO(answer.content))


def test_steps_are_found_then_set_then_forgotten(operator: httpx2.Client, viewer: httpx2.Client, stock: Stock) -> None:
    path = steps_of(OTHER_TASK, stock.foreign)
    found = viewer.get(path).json()
    assert_shape(found, {**STEPS, "task_id": OTHER_TASK, "gold_video_id": stock.foreign, "source": "found"})
    assert (found["changed_by"], found["changed_at"]) == (None, None)
    assert len(found["steps"]) > 1

    answer = operator.put(path, json={"steps": renamed(found), "version": found["version"]})
    assert answer.status_code == 200, answer.text
    kept = answer.json()
    assert_shape(kept, {**STEPS, "source": "set", "changed_by": "token:operator", "changed_at": Moment})
    assert [step["name"] for step in kept["steps"]] == [step["name"] for step in renamed(found)]
    assert viewer.get(path).json() == kept

    assert "version" in assert_refused(operator.put(path, json={"steps": renamed(found), "version": 0}), 409)
    assert_refused(operator.delete(path, params={"version": "0"}), 409)
    assert viewer.get(path).json() == kept

    forgotten = operator.delete(path, params={"version": str(kept["version"])})
    assert forgotten.status_code == 200, forgotten.text
    assert forgotten.json()["steps"] == found["steps"]
    assert forgotten.json()["version"] > kept["version"]
    entries = viewer.get("/audit/trail", params={"limit": "20"}).json()["items"]
    own = [entry for entry in entries if entry["job_type"] == "steps"]
    assert [entry["subject"] for entry in own[:2]] == [f"video:{stock.foreign}"] * 2
    assert own[0]["requested_by"] == "token:operator"


def test_steps_that_make_no_sense_are_refused(operator: httpx2.Client, stock: Stock) -> None:
    path = steps_of(OTHER_TASK, stock.foreign)
    one = {"name": "one", "start_sec": 0, "end_sec": 4}
    assert "begins" in assert_refused(operator.put(path, json={"steps": [one, {**one, "name": "two"}]}), 400)
    both = [one, {**one, "start_sec": 4, "end_sec": 8}]
    assert "called one" in assert_refused(operator.put(path, json={"steps": both}), 400)
    assert "the video" in assert_refused(operator.put(path, json={"steps": [{**one, "end_sec": 9999}]}), 400)
    for steps in ([], [{**one, "name": ""}], [{**one, "start_sec": -1}], [{**one, "expected_sec": 0}], "many"):
        assert_refused(operator.put(path, json={"steps": steps}), 400)
    assert_refused(operator.put(path, json={"steps": [one], "colour": "red"}), 400)


def test_steps_belong_to_gold_videos_of_the_task(operator: httpx2.Client, stock: Stock) -> None:
    for path in (steps_of(TASK, stock.foreign), steps_of(TASK, stock.trainee), steps_of(TASK, 999_999)):
        assert_refused(operator.get(path), 404)
        assert_refused(operator.delete(path), 404)
        assert_refused(operator.put(path, json={"steps": [{"name": "one", "start_sec": 0, "end_sec": 4}]}), 404)


def test_only_operators_change_steps(viewer: httpx2.Client, nobody: httpx2.Client, stock: Stock) -> None:
    path = steps_of(TASK, stock.gold)
    assert viewer.get(path).status_code == 200
    assert_refused(nobody.get(path), 401)
    assert_refused(viewer.put(path, json={"steps": [{"name": "one", "start_sec": 0, "end_sec": 4}]}), 403)
    assert_refused(viewer.delete(path), 403)


def test_a_score_speaks_of_the_steps_by_name(operator: httpx2.Client, stock: Stock) -> None:
    task = "named steps"
    gold = ingest(operator, stock.gold_file, task, gold=True)
    trainee = ingest(operator, stock.trainee_file, task)
    before = score(operator, gold, trainee)["result"]
    assert_shape(before["steps"], {"gold": [{**SPAN, "name": None}], "trainee": [{**SPAN, "name": None}]})
    assert {fault["gold_step_name"] for fault in before["deviations"]} == {None}

    path = steps_of(task, gold)
    steps = [{**step, "critical": True} for step in renamed(operator.get(path).json())]
    assert operator.put(path, json={"steps": steps}).status_code == 200
    job = score(operator, gold, trainee)
    result = job["result"]
    names = [step["name"] for step in steps]
    assert [span["name"] for span in result["steps"]["gold"]] == names
    for fault in result["deviations"]:
        if fault["gold_step"] is not None:
            assert fault["gold_step_name"] == names[fault["gold_step"]]
            assert fault["gold_step_name"] in fault["reason"]
    kinds = [fault["type"] for fault in result["deviations"]]
    assert kinds == [fault["type"] for fault in before["deviations"]]
    points = {
        penalty["deviation"]: penalty["points"] / other["points"]
        for penalty, other in zip(result["penalties"], before["penalties"], strict=True)
    }
    missing = kinds.index("step_missing")
    assert points[missing] == pytest.approx(2.0, abs=0.05)
    assert result["score"] == pytest.approx(max(0, 100 - sum(p["points"] for p in result["penalties"])))

    known = [span for span in result["steps"]["trainee"] if span["gold_step"] is not None]
    longest = max(known, key=lambda span: span["end_sec"] - span["start_sec"])
    for expected, slow in ((1.0, True), (60.0, False)):
        steps[longest["gold_step"]]["expected_sec"] = expected
        assert operator.put(path, json={"steps": steps}).status_code == 200
        faults = score(operator, gold, trainee)["result"]["deviations"]
        timed = [fault for fault in faults if fault["type"] == "over_time"]
        own = [fault for fault in timed if fault["gold_step"] == longest["gold_step"]]
        assert [fault["details"]["expected_sec"] for fault in own] == ([expected] if slow else [])
    assert operator.get(f"/score/{job['score_job_id']}").json()["result"] == result  # what was scored stays


def test_each_fault_has_frames(
    service: RunningService, operator: httpx2.Client, admin: httpx2.Client, viewer: httpx2.Client, stock: Stock
) -> None:
    task = "evidence"
    gold = ingest(operator, stock.gold_file, task, gold=True)
    # A corner of the trainee's video is nobody's business.
    trainee = ingest(operator, stock.trainee_file, task, privacy_mask="0:0:0.2:0.2")
    path = steps_of(task, gold)
    hasty = [{**step, "expected_sec": 1.0} for step in operator.get(path).json()["steps"]]
    assert operator.put(path, json={"steps": hasty}).status_code == 200
    job = score(operator, gold, trainee)
    faults = job["result"]["deviations"]
    assert {fault["trainee_time"]["start_sec"] is None for fault in faults} == {True, False}
    base = f"/score/{job['score_job_id']}/deviations"
    for index, fault in enumerate(faults):
        for video in ("gold", "trainee"):
            answer = viewer.get(f"{base}/{index}/frame/{video}")
            if fault[f"{video}_time"]["start_sec"] is None:
                assert video in assert_refused(answer, 404)
                continue
            frame = picture(answer)
            assert max(frame.size) <= 320
            assert is_hidden(frame) == (video == "trainee")
    assert_refused(viewer.get(f"{base}/{len(faults)}/frame/gold"), 404)
    assert_refused(viewer.get(f"{base}/0/frame/sideways"), 400, 404)
    assert_refused(viewer.get(f"{base}/x/frame/gold"), 400, 404)
    assert_refused(viewer.get("/score/none/deviations/0/frame/gold"), 404)

    removed = [Path(path) for path in admin.delete(f"/videos/{trainee}").json()["removed_files"]]
    assert f"{job['score_job_id']}.zip" in {path.name for path in removed}
    assert not list((service.data / "blobs").rglob(f"{job['score_job_id']}.*"))
    place = next(i for i, fault in enumerate(faults) if fault["gold_time"]["start_sec"] is not None)
    assert "deleted" in assert_refused(viewer.get(f"{base}/{place}/frame/gold"), 404)


def is_hidden(frame: Image.Image) -> bool:
    """Whether the upper left corner is black, but for what JPEG smears over the border."""
    corner = frame.convert("L").crop((0, 0, frame.width // 5 - 16, frame.height // 5 - 16))
    return max(corner.tobytes()) < 16
