"""From a rule in a proto, or an error of the core, to what a REST caller reads: server and edge together."""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Iterator
from typing import Any

import grpc
import httpx2 as httpx
import protovalidate
import pytest
from google.protobuf import json_format
from reelops import errors
from reelops.api.wavestack.v1.queue_item_pb2 import QueueItem
from reelops.api.wavestack.v1.queue_service_pb2 import (
    CreateQueueItemRequest,
    CreateQueueItemResponse,
    ListQueueItemsResponse,
)
from reelops.api.wavestack.v1.queue_service_pb2_grpc import QueueServiceStub
from reelops.api.wavestack.v1.thumbnail_service_pb2 import GenerateThumbnailRequest, GenerateThumbnailResponse
from reelops.rpc.failures import abort, check_rules

from tests.rpc.edge.conftest import Edge
from tests.rpc.edge.refusals import detail, failure
from tests.rpc.edge.servicer import Script

pytestmark = pytest.mark.edge

VALIDATOR = protovalidate.Validator()
NEW = {"title": "t", "platforms": ["youtube"], "idempotencyKey": "k"}


@pytest.fixture
def web() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=20, trust_env=False) as client:
        yield client


async def checked(request: Any, context: Any) -> Any:
    """Answers as the server's guard does where rules are broken."""
    try:
        check_rules(VALIDATOR, request)
    except errors.Invalid as error:
        await abort(context, error, "r-1")
    return ListQueueItemsResponse() if "List" in type(request).__name__ else CreateQueueItemResponse(id="x")


def raises(error: errors.ReelOpsError) -> Any:
    async def answer(_request: Any, context: Any) -> None:
        await abort(context, error, "r-1")

    return answer


@pytest.mark.parametrize(
    ("changes", "message", "field", "constraint"),
    [
        ({"title": None}, "title is required", "title", "required"),
        ({"title": "x" * 121}, "title must have at most 120 characters", "title", "max_length"),
        ({"idempotencyKey": ""}, "idempotencyKey is required", "idempotencyKey", "required"),
        ({"platforms": []}, "platforms must have at least 1 entry", "platforms", "min_items"),
        ({"platforms": ["x", "x"]}, "platforms must not have an entry twice", "platforms", "unique"),
        ({"hashtags": ["a", ""]}, "hashtags[1] must not be empty", "hashtags", "min_length"),
        ({"projectId": ""}, "projectId must not be empty", "projectId", "min_length"),
    ],
)
def test_a_broken_rule_is_told_with_field_and_constraint(
    edge: Edge, web: httpx.Client, script: Script, changes: dict[str, Any], message: str, field: str, constraint: str
) -> None:
    script.answer("CreateQueueItem", checked)
    error = failure(web.post(f"{edge.url_of('core')}/api/queue", json=NEW | changes), 400, "VALIDATION_ERROR")
    assert error["message"] == message
    assert error["details"] == {"field": field, "constraint": constraint, "reason": "FIELD_INVALID"}


def test_a_query_past_a_bound_is_told(edge: Edge, web: httpx.Client, script: Script) -> None:
    script.answer("ListQueueItems", checked)
    for query, constraint in (("limit=0", "minimum"), ("limit=101", "maximum")):
        error = failure(web.get(f"{edge.url_of('core')}/api/queue?{query}"), 400, "VALIDATION_ERROR")
        assert error["message"] == "limit must be from 1 to 100"
        assert error["details"] == {"field": "limit", "constraint": constraint, "reason": "FIELD_INVALID"}
    assert web.get(f"{edge.url_of('core')}/api/queue").status_code == 200


def test_the_details_of_the_core_arrive_in_the_callers_spelling(edge: Edge, web: httpx.Client, script: Script) -> None:
    used = errors.Conflict("IDEMPOTENCY_CONFLICT", "The key → was used.", field="idempotency_key", key='a"é' * 500)
    script.answer("CreateQueueItem", raises(used))
    error = failure(web.post(f"{edge.url_of('core')}/api/queue", json=NEW), 409, "CONFLICT")
    assert error["message"] == "The key → was used."
    details = error["details"]
    assert (details["field"], details["reason"]) == ("idempotencyKey", "IDEMPOTENCY_CONFLICT")
    assert details["key"] == ('a"é' * 500)[:500]

    script.answer("CreateClip", raises(errors.Invalid("SOURCE_REFUSED", "No.", field="start_sec", constraint="exists")))
    clip = {"source": "x", "start_sec": 0, "duration_sec": 5}
    error = failure(web.post(f"{edge.url}/api/v1/clip", json=clip), 400, "VALIDATION_ERROR")
    assert error["details"] == {"field": "start_sec", "constraint": "exists", "reason": "SOURCE_REFUSED"}


def test_sopilot_reads_a_sentence_and_no_more(edge: Edge, web: httpx.Client, script: Script) -> None:
    script.answer("CreateScore", checked)
    answer = web.post(f"{edge.url}/score", json={})
    assert detail(answer, 400) == "gold_video_id: must be greater than 0; trainee_video_id: must be greater than 0"


def test_grpc_keeps_the_names_of_the_proto(edge: Edge, script: Script) -> None:
    script.answer("CreateQueueItem", checked)
    with grpc.insecure_channel(f"127.0.0.1:{edge.port_of('core')}") as channel, pytest.raises(grpc.RpcError) as caught:
        QueueServiceStub(channel).CreateQueueItem(CreateQueueItemRequest(title="t", platforms=[QueueItem.youtube]))
    error: Any = caught.value
    assert (error.code(), error.details()) == (grpc.StatusCode.INVALID_ARGUMENT, "idempotency_key is required")
    assert "x-error-details" not in dict(error.trailing_metadata())


ODD: list[Any] = [None, True, 0, 1, -1, 1.5, 1e300, "", "x", "é🎬", '"}],{', "youtube", [], {}, [[]], [None], {"a": 1}]
GOOD: dict[str, list[Any]] = {
    "title": ["t", "é → 🎬", '"\\\n\t{}[],:'],
    "style": ["gaming", "vlog", "custom"],
    "subtitle": ["", "two", None],
    "options": [
        None,
        {},
        {"include_face": True, "face_expression": "happy", "picture": None},
        {"colors": ["#fff", "}"], "background": "solid"},
        {"colors": []},
    ],
}


def random_body(dice: random.Random, *, good: bool) -> dict[str, Any]:
    """Returns a request for a thumbnail, with at most one thing wrong with it."""
    names = dice.sample(sorted(GOOD), dice.randrange(1, len(GOOD) + 1))
    body = {name: dice.choice(GOOD[name]) for name in names}
    if good:
        return body
    name = dice.choice(names)
    if name == "options" and dice.random() < 0.7:
        below = dice.choice(["include_face", "face_expression", "background", "colors", "picture", "unknown"])
        return body | {"options": {below: dice.choice(ODD)}}
    return body | {name: dice.choice(ODD)}


def test_what_is_taken_is_taken_as_protobuf_reads_it(edge: Edge, web: httpx.Client, script: Script) -> None:
    """A body is refused with its field, or reaches the server as the strict parser of protobuf reads it."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    script.answer("GenerateThumbnail", GenerateThumbnailResponse())
    url = f"{edge.url_of('thumbnail')}/api/v1/generate"
    for number in range(400):
        good = number % 2 == 0
        body = random_body(dice, good=good)
        space = dice.choice([None, 1, "\t"])
        text = json.dumps(body, indent=space, ensure_ascii=dice.random() < 0.5)
        answer = web.post(url, content=text.encode(), headers={"content-type": "application/json"})
        if answer.status_code == 200:
            assert script.last.request == json_format.ParseDict(body, GenerateThumbnailRequest()), text
        else:
            assert not good, text
            details = failure(answer, 400, "VALIDATION_ERROR")["details"]
            assert details["field"].partition(".")[0] in body, text
