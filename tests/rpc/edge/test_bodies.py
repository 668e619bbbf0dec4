"""JSON bodies that are wrong, too large or where none belongs."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2 as httpx
import pytest
from reelops.api.sopilot.v1.audit_service_pb2 import ExportAuditResponse
from reelops.api.sopilot.v1.scoring_service_pb2 import CreateScoreResponse

from tests.rpc.edge.refusals import detail
from tests.rpc.edge.servicer import Script

pytestmark = pytest.mark.edge


BAD_BODIES = [
    (b"{", "ends too early"),
    (b'{"gold_video_id":', "ends too early"),
    (b'{"scoring_profile":"abc', "ends too early"),
    (b'{"gold_video_id":NaN}', "'N' at character 18"),
    (b'{"gold_video_id":Infinity}', "'I' at character 18"),
    (b'{"gold_video_id":-}', "'-' at character 18"),
    (b'{"gold_video_id":01}', "'0' at character 18"),
    (b'{"gold_video_id":1,}', "at character 20"),
    (b'{"gold_video_id" 1}', "at character 18"),
    (b"{'gold_video_id':1}", "at character 2"),
    (b"{gold_video_id:1}", "'g' at character 2"),
    (b'{"gold_video_id":1} x', "'x' at character 21"),
    (b'{"gold_video_id":1}{}', "'{' at character 20"),
    (b'{"scoring_profile":"a\nb"}', "line break"),
    (b'{"scoring_profile":"\\x"}', "at character 21"),
    (b'{"scoring_profile":"\\ud800"}', "surrogate"),
    (b'{"scoring_profile":"\xff"}', "UTF-8"),
    (b'{"scoring_profile":"a\\u0000"}', "NUL"),
    (b"\xff\xfe", "UTF-8"),
    (b'{"gold_video_id":1,"gold_video_id":2}', "'gold_video_id' is given twice"),
    (b'{"gold":1}', "'gold' is not known. Known are gold_video_id, scoring_profile, trainee_video_id."),
    (b'{"gold_video_id":1e400}', "1e400 is too large"),
    (b'{"gold_video_id":99999999999}', "'gold_video_id' must be a whole number from 0 to 4294967295, not 99999999999."),
    (b'{"gold_video_id":"abc"}', "'gold_video_id' must be a whole number"),
    (b'{"gold_video_id":1.5}', "'gold_video_id' must be a whole number"),
    (b'{"gold_video_id":true}', "'gold_video_id' must be a whole number"),
    (b'{"gold_video_id":[1]}', "a single value"),
    (b'{"gold_video_id":{"a":1}}', "'gold_video_id' must be a single value"),
    (b'{"scoring_profile":5}', "'scoring_profile' must be a string"),
    (b"  ", "ends too early"),
    (b"[]", "must be a JSON object"),
    (b"3", "must be a JSON object"),
    (b'"a"', "must be a JSON object"),
    (b"null", "must be a JSON object"),
    (b"[" * 100_000, "nested too deeply"),
    (b'{"scoring_profile":' + b"[" * 200 + b"]" * 200 + b"}", "nested too deeply"),
]


@pytest.mark.parametrize(("body", "named"), BAD_BODIES, ids=[str(body[:40]) for body, _ in BAD_BODIES])
def test_a_bad_json_body_is_explained(client: httpx.Client, script: Script, body: bytes, named: str) -> None:
    answer = client.post("/score", content=body, headers={"content-type": "application/json"})
    assert named in detail(answer, 400)
    assert script.calls == []


def test_a_missing_body_is_an_empty_message(client: httpx.Client, script: Script) -> None:
    """The server's own rules then say which field is missing."""
    script.answer("CreateScore", CreateScoreResponse())
    for body in (b"", b"{}", b'{"gold_video_id":null}'):
        assert client.post("/score", content=body, headers={"content-type": "application/json"}).status_code == 200
        assert script.last.request.gold_video_id == 0


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json"]
)
def test_a_body_that_is_not_json_is_415(client: httpx.Client, script: Script, kind: str) -> None:
    answer = client.post("/score", content=b'{"gold_video_id":1}', headers={"content-type": kind})
    assert kind in detail(answer, 415)
    assert script.calls == []


def test_a_json_body_past_the_limit_is_413(client: httpx.Client, script: Script) -> None:
    body = b'{"scoring_profile":"' + b"x" * 2_000_000 + b'"}'
    told = client.post("/score", content=body, headers={"content-type": "application/json"})
    assert "2000022 bytes" in detail(told, 413)
    chunked = client.post("/score", content=pieces(body), headers={"content-type": "application/json"})
    assert "too large" in detail(chunked, 413)
    assert script.calls == []


def pieces(body: bytes, size: int = 50_000) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def test_a_get_with_a_body_is_refused(client: httpx.Client, script: Script) -> None:
    answer = client.request("GET", "/videos/1", json={"video_id": 2})
    assert detail(answer, 400) == "A GET request has no body."
    assert script.calls == []


def test_a_body_where_none_is_documented_is_read_as_strictly(client: httpx.Client, script: Script) -> None:
    script.answer("ExportAudit", ExportAuditResponse())
    assert client.post("/audit/export", params={"limit": 7}).status_code == 200
    assert client.post("/audit/export", params={"limit": 7}, json={}).status_code == 200
    assert script.last.request.limit == 7
    assert "'limits' is not known" in detail(client.post("/audit/export", json={"limits": 7}), 400)
    detail(client.post("/audit/export", data={"limit": 7}), 415)
