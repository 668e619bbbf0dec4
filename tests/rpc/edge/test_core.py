"""The core's camelCase, in both directions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
import pytest
from reelops.api.wavestack.v1.asset_service_pb2 import Asset, GetAssetResponse
from reelops.api.wavestack.v1.auth_service_pb2 import IssueTokenResponse
from reelops.api.wavestack.v1.project_service_pb2 import CreateProjectResponse, Project
from reelops.api.wavestack.v1.queue_item_pb2 import QueueItem
from reelops.api.wavestack.v1.queue_service_pb2 import (
    CreateQueueItemResponse,
    GetQueueItemResponse,
    ListQueueItemsResponse,
)

from tests.rpc.edge.conftest import Edge
from tests.rpc.edge.refusals import failure
from tests.rpc.edge.servicer import Script

pytestmark = pytest.mark.edge

NEW = {
    "projectId": "proj_456",
    "assetId": "asset_789",
    "title": "My Video Title",
    "caption": "Video description...",
    "hashtags": ["gaming", "stream"],
    "platforms": ["youtube", "instagram"],
    "scheduleAt": "2026-01-20T12:00:00Z",
    "idempotencyKey": "unique-key-12345",
}


@pytest.fixture
def core(edge: Edge) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=edge.url_of("core"), timeout=20, trust_env=False) as client:
        yield client


def item(**changes: Any) -> QueueItem:
    made = QueueItem(
        id="clx",
        org_id="org_123",
        title="T",
        platforms=[QueueItem.youtube, QueueItem.instagram],
        status=QueueItem.queued,
        **changes,
    )
    made.created_at.FromJsonString("2026-01-15T10:00:00Z")
    made.updated_at.FromJsonString("2026-01-15T10:00:00.250Z")
    return made


BARE = {
    "id": "clx",
    "orgId": "org_123",
    "projectId": None,
    "assetId": None,
    "title": "T",
    "caption": None,
    "hashtags": [],
    "platforms": ["youtube", "instagram"],
    "scheduleAt": None,
    "status": "queued",
    "createdAt": "2026-01-15T10:00:00Z",
    "updatedAt": "2026-01-15T10:00:00.250Z",
}


def test_an_answer_is_in_camel_case_with_its_nulls(core: httpx.Client, script: Script) -> None:
    script.answer("GetQueueItem", GetQueueItemResponse(item=item()))
    assert core.get("/api/queue/clx").json() == BARE
    assert script.last.request.id == "clx"
    full = item(project_id="p", asset_id="a", caption="", error=QueueItem.Error(code="X", message="m"))
    script.answer("GetQueueItem", GetQueueItemResponse(item=full))
    given = {"projectId": "p", "assetId": "a", "caption": "", "error": {"code": "X", "message": "m"}}
    assert core.get("/api/queue/clx").json() == BARE | given


def test_nulls_are_filled_in_below_a_list(core: httpx.Client, script: Script) -> None:
    script.answer("ListQueueItems", ListQueueItemsResponse(items=[item(), item(project_id="p")], total=2, limit=20))
    assert core.get("/api/queue").json() == {
        "items": [BARE, BARE | {"projectId": "p"}],
        "total": 2,
        "limit": 20,
        "offset": 0,
    }


def test_numbers_are_numbers_and_a_single_resource_stands_alone(core: httpx.Client, script: Script) -> None:
    script.answer(
        "GetAsset", GetAssetResponse(asset=Asset(id="a", size_bytes=5_000_000_000, duration_sec=1.5, width=7))
    )
    body = core.get("/api/assets/a").json()
    assert (body["sizeBytes"], body["durationSec"], body["width"], body["height"]) == (5_000_000_000, 1.5, 7, None)
    assert {"contentType", "jobId", "sourceAssetId", "expiresAt"} <= {key for key in body if body[key] is None}
    script.answer("CreateProject", CreateProjectResponse(project=Project(id="p", org_id="o", name="n")))
    assert core.post("/api/projects", json={"name": "n"}).json() == {
        "id": "p",
        "orgId": "o",
        "name": "n",
        "description": None,
    }


def test_a_body_reaches_the_server(core: httpx.Client, script: Script) -> None:
    script.answer("CreateQueueItem", CreateQueueItemResponse(id="x", status=QueueItem.queued))
    assert core.post("/api/queue", json=NEW).json() == {"id": "x", "status": "queued"}
    request = script.last.request
    assert (request.project_id, request.asset_id, request.idempotency_key) == (
        "proj_456",
        "asset_789",
        "unique-key-12345",
    )
    assert list(request.platforms) == [QueueItem.youtube, QueueItem.instagram]
    assert request.schedule_at.ToJsonString() == "2026-01-20T12:00:00Z"
    assert core.post("/api/queue", json={**NEW, "scheduleAt": "2026-01-20T13:30:00.5+01:30"}).status_code == 200
    assert script.last.request.schedule_at.ToJsonString() == "2026-01-20T12:00:00.500Z"


def test_null_is_as_good_as_absent(core: httpx.Client, script: Script) -> None:
    script.answer("CreateQueueItem", CreateQueueItemResponse())
    assert core.post("/api/queue", json=dict.fromkeys(NEW)).status_code == 200
    assert script.last.request.ByteSize() == 0


def test_a_query_reaches_the_server(core: httpx.Client, script: Script) -> None:
    script.answer("ListQueueItems", ListQueueItemsResponse())
    query: dict[str, str | int] = {"projectId": "a & b", "status": "published", "limit": 7, "offset": 3}
    assert core.get("/api/queue", params=query).status_code == 200
    request = script.last.request
    assert (request.project_id, request.status, request.limit, request.offset) == ("a & b", QueueItem.published, 7, 3)


def test_the_names_of_tokens_stay_as_the_document_spells_them(core: httpx.Client, script: Script) -> None:
    script.answer("IssueToken", IssueTokenResponse(access_token="x", token_type="Bearer", expires_in=3600))
    body = {"client_id": "c", "client_secret": "s", "org_id": "o"}
    answer = core.post("/api/auth/token", json=body)
    assert answer.json() == {"access_token": "x", "token_type": "Bearer", "expires_in": 3600}
    assert script.last.request.client_secret == "s"
    refused = failure(core.post("/api/auth/token", json={**body, "clientId": "c"}), 400, "VALIDATION_ERROR")
    assert refused["details"] == {"field": "clientId", "constraint": "unknown"}


def test_the_other_spelling_is_not_known(core: httpx.Client, script: Script) -> None:
    refused = failure(core.get("/api/queue?project_id=p"), 400, "VALIDATION_ERROR")
    assert refused["message"] == (
        "The query parameter 'project_id' is not known. Known are limit, offset, projectId, status."
    )
    assert refused["details"] == {"field": "project_id", "constraint": "unknown"}
    for name in ("project_id", "schedule_at", "idempotency_key"):
        refused = failure(core.post("/api/queue", json={**NEW, name: None}), 400, "VALIDATION_ERROR")
        assert refused["details"] == {"field": name, "constraint": "unknown"}
    assert script.calls == []


PLATFORMS = "youtube, instagram, tiktok, x, facebook, linkedin"
MOMENT = "a date and time such as 2026-01-20T12:00:00Z"


@pytest.mark.parametrize(
    ("wrong", "constraint", "sentence"),
    [
        ({"platforms": ["myspace"]}, "enum", f"'platforms[0]' must be one of {PLATFORMS}, not \"myspace\"."),
        ({"platforms": ["x", "YouTube"]}, "enum", f"'platforms[1]' must be one of {PLATFORMS}, not \"YouTube\"."),
        ({"platforms": [1]}, "enum", f"'platforms[0]' must be one of {PLATFORMS}, not 1."),
        ({"platforms": [None]}, "enum", f"'platforms[0]' must be one of {PLATFORMS}, not null."),
        ({"platforms": ["no_platform"]}, "enum", f"'platforms[0]' must be one of {PLATFORMS}, not \"no_platform\"."),
        ({"platforms": "youtube"}, "type", "'platforms' must be a list, not \"youtube\"."),
        ({"platforms": {"a": 1}}, "type", "'platforms' must be a list, not an object."),
        ({"hashtags": ["a", 1]}, "type", "'hashtags[1]' must be a string, not 1."),
        ({"hashtags": [["a"]]}, "type", "'hashtags[0]' must be a string, not a list."),
        ({"title": 5}, "type", "'title' must be a string, not 5."),
        ({"title": True}, "type", "'title' must be a string, not true."),
        ({"title": ["x"]}, "type", "'title' must be a string, not a list."),
        ({"projectId": -1.5e3}, "type", "'projectId' must be a string, not -1500.0."),
        ({"scheduleAt": "tomorrow"}, "format", f"'scheduleAt' must be {MOMENT}, not \"tomorrow\"."),
        ({"scheduleAt": "2026-01-20"}, "format", f"'scheduleAt' must be {MOMENT}, not \"2026-01-20\"."),
        ({"scheduleAt": "2026-13-20T12:00:00Z"}, "format", f"'scheduleAt' must be {MOMENT}."),
        ({"scheduleAt": 1768910400}, "type", f"'scheduleAt' must be {MOMENT}, not 1768910400."),
        ({"scheduleAt": {"seconds": 1}}, "type", f"'scheduleAt' must be {MOMENT}, not an object."),
    ],
    ids=str,
)
def test_a_wrong_value_is_named_as_the_caller_spells_it(
    core: httpx.Client, script: Script, wrong: dict[str, Any], constraint: str, sentence: str
) -> None:
    refused = failure(core.post("/api/queue", content=json.dumps(NEW | wrong), headers=JSON), 400, "VALIDATION_ERROR")
    assert refused["message"] == sentence
    assert refused["details"] == {"field": next(iter(wrong)), "constraint": constraint}
    assert script.calls == []


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("query", "field", "constraint"),
    [
        ("status=nope", "status", "enum"),
        ("status=", "status", "enum"),
        ("status=1", "status", "enum"),
        ("status=unspecified", "status", "enum"),
        ("limit=x", "limit", "type"),
        ("limit=1.5", "limit", "type"),
        ("offset=-1", "offset", "type"),
        ("offset=1&offset=2", "offset", "repeated"),
        ("projectId=a&projectId=a", "projectId", "repeated"),
        ("limit=1&%22%0a=1", '"\n', "unknown"),
    ],
)
def test_a_wrong_query_parameter_is_named(
    core: httpx.Client, script: Script, query: str, field: str, constraint: str
) -> None:
    refused = failure(core.get(f"/api/queue?{query}"), 400, "VALIDATION_ERROR")
    assert refused["details"] == {"field": field, "constraint": constraint}
    assert f"'{field}'" in refused["message"]
    assert script.calls == []
