"""Beyond the document: takes that operators accept, and scores that are judged by them."""

from __future__ import annotations

import contextlib
import json
import sqlite3

import httpx2
import pytest

from tests.documents.conftest import OTHER_TASK, TASK, Stock
from tests.documents.shapes import Moment, assert_shape
from tests.documents.test_sopilot_refusals import assert_refused
from tests.flow import ingest, score
from tests.service_fixture import RunningService

pytestmark = [pytest.mark.edge, pytest.mark.triton]

TAKE = {"task_id": str, "video_id": int, "accepted_by": str, "accepted_at": Moment}
CALIBRATION = {
    "golds": int,
    "accepted_takes": int,
    "steps": [{"gold_step": int, "longest_sec": float, "oddest_ratio": float}],
}


def accepted(task: str, video: int) -> str:
    return f"/tasks/{task}/accepted/{video}"


def test_takes_are_accepted_listed_and_withdrawn(
    operator: httpx2.Client, viewer: httpx2.Client, admin: httpx2.Client, stock: Stock
) -> None:
    task = "vouched for"
    take = ingest(operator, stock.tiny_file, task)
    assert viewer.get(f"/tasks/{task}/accepted").json() == {"items": []}
    answer = operator.put(accepted(task, take))
    assert answer.status_code == 200, answer.text
    assert_shape(answer.json(), {**TAKE, "task_id": task, "video_id": take, "accepted_by": "token:operator"})
    assert admin.put(accepted(task, take)).json() == answer.json()
    assert viewer.get(f"/tasks/{task}/accepted").json() == {"items": [answer.json()]}
    withdrawn = operator.delete(accepted(task, take))
    assert (withdrawn.status_code, withdrawn.json()) == (200, {"task_id": task, "video_id": take})
    assert "accepted" in assert_refused(operator.delete(accepted(task, take)), 404)
    assert viewer.get(f"/tasks/{task}/accepted").json() == {"items": []}
    entries = viewer.get("/audit/trail", params={"limit": "50"}).json()["items"]
    own = [entry for entry in entries if entry["job_type"] == "acceptance" and entry["task_id"] == task]
    assert [(entry["requested_by"], entry["subject"]) for entry in own] == [("token:operator", f"video:{take}")] * 2

    assert operator.put(accepted(task, take)).status_code == 200
    assert admin.delete(f"/videos/{take}").status_code == 200
    assert viewer.get(f"/tasks/{task}/accepted").json() == {"items": []}
    assert_refused(operator.put(accepted(task, take)), 404)


def test_what_cannot_be_accepted_is_refused(
    operator: httpx2.Client, viewer: httpx2.Client, nobody: httpx2.Client, stock: Stock
) -> None:
    assert "gold" in assert_refused(operator.put(accepted(TASK, stock.gold)), 400)
    assert_refused(operator.put(accepted(OTHER_TASK, stock.trainee)), 404)
    assert_refused(operator.put(accepted(TASK, 999_999)), 404)
    assert_refused(operator.put(accepted(TASK, 0)), 400)
    assert_refused(viewer.put(accepted(TASK, stock.trainee)), 403)
    assert_refused(viewer.delete(accepted(TASK, stock.trainee)), 403)
    assert_refused(nobody.get(f"/tasks/{TASK}/accepted"), 401)
    assert_refused(viewer.get(f"/tasks/{TASK}/accepted", params={"limit": "0"}), 400)


def test_a_score_says_what_it_was_judged_by(operator: httpx2.Client, stock: Stock) -> None:
    task = "judged by several"
    gold = ingest(operator, stock.gold_file, task, gold=True)
    trainee = ingest(operator, stock.trainee_file, task)
    alone = score(operator, gold, trainee)["result"]
    assert_shape(alone["calibration"], {**CALIBRATION, "golds": 1, "accepted_takes": 0})
    assert [limits["gold_step"] for limits in alone["calibration"]["steps"]] == list(range(len(alone["steps"]["gold"])))
    plain = score(operator, gold, trainee, scoring_profile="sopilot-v1")["result"]
    assert plain["calibration"] is None

    ingest(operator, stock.gold_file, task, gold=True)
    vouched = ingest(operator, stock.gold_file, task)
    assert operator.put(accepted(task, vouched)).status_code == 200
    assert operator.put(accepted(task, trainee)).status_code == 200  # it is not asked about itself
    judged = score(operator, gold, trainee)["result"]
    assert_shape(judged["calibration"], {**CALIBRATION, "golds": 2, "accepted_takes": 1})
    for one, other in zip(alone["calibration"]["steps"], judged["calibration"]["steps"], strict=True):
        assert other["longest_sec"] <= one["longest_sec"]
        assert other["oddest_ratio"] < one["oddest_ratio"]
    before, after = ({fault["type"] for fault in result["deviations"]} for result in (alone, judged))
    assert before
    assert before <= after, "what references do not show is still said"


def test_a_gold_video_has_its_steps_from_the_start(
    service: RunningService, operator: httpx2.Client, stock: Stock
) -> None:
    task = "found at once"
    gold, trainee = ingest(operator, stock.gold_file, task, gold=True), ingest(operator, stock.tiny_file, task)
    database = f"file:{service.data / 'reelops.sqlite3'}?mode=ro"
    with contextlib.closing(sqlite3.connect(database, uri=True)) as connection:
        kept = dict(connection.execute("SELECT video_id, boundaries FROM found_steps").fetchall())
    assert trainee not in kept
    listed = operator.get(f"/tasks/{task}/gold/{gold}/steps").json()["steps"]
    assert len(json.loads(kept[gold])) == len(listed) + 1
