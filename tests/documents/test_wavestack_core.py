"""Each example of WaveStack's Core App, through the edge on its port: keys, types, nulls, statuses, errors."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.documents import wavestack_shapes as shapes
from tests.documents.shapes import assert_shape
from tests.flow import WAIT_SEC
from tests.service_fixture import RunningService

pytestmark = pytest.mark.edge

EXAMPLE = {
    "projectId": "proj_456",
    "assetId": "asset_789",
    "title": "My Video Title",
    "caption": "Video description...",
    "hashtags": ["gaming", "stream"],
    "platforms": ["youtube", "instagram"],
    "scheduleAt": "2999-01-20T12:00:00Z",
}


@pytest.fixture(scope="module")
def shop(service: RunningService) -> Iterator[httpx2.Client]:
    with service.organisation("org_123") as client:
        yield client


@pytest.fixture(scope="module")
def mill(service: RunningService) -> Iterator[httpx2.Client]:
    with service.organisation("org_999") as client:
        yield client


def body(**changes: Any) -> dict[str, Any]:
    """Gives the document's example with a key of its own; None takes a field out."""
    plain = {**EXAMPLE, "idempotencyKey": str(uuid4()), **changes}
    return {key: value for key, value in plain.items() if value is not None}


def create(client: httpx2.Client, **changes: Any) -> str:
    answer = client.post("/api/queue", json=body(**changes))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def outcome(client: httpx2.Client, item_id: str) -> dict[str, Any]:
    """Waits until an item is published or failed."""
    deadline = time.monotonic() + WAIT_SEC
    while time.monotonic() < deadline:
        item: dict[str, Any] = client.get(f"/api/queue/{item_id}").json()
        if item["status"] in ("published", "failed"):
            return item
        time.sleep(0.1)
    raise TimeoutError(f"{item_id} is still {item['status']}")


def test_an_item_is_created_shown_listed_and_deleted(shop: httpx2.Client) -> None:
    asked = body(projectId=f"proj_{uuid4().hex}")
    created = shop.post("/api/queue", json=asked)
    assert created.status_code == 200
    assert_shape(created.json(), shapes.CREATED)
    item_id = created.json()["id"]
    shown = shop.get(f"/api/queue/{item_id}")
    assert shown.status_code == 200
    assert_shape(shown.json(), shapes.ITEM)
    assert {key: shown.json()[key] for key in EXAMPLE} == {key: asked[key] for key in EXAMPLE}
    assert (shown.json()["orgId"], shown.json()["status"]) == ("org_123", "queued")
    query = {"status": "queued", "projectId": asked["projectId"], "limit": "5", "offset": "0"}
    listed = shop.get("/api/queue", params=query).json()
    assert listed == {"items": [shown.json()], "total": 1, "limit": 5, "offset": 0}
    assert_shape(shop.get("/api/queue").json(), {**shapes.page(shapes.ITEM), "limit": 20, "offset": 0})
    deleted = shop.delete(f"/api/queue/{item_id}")
    assert (deleted.status_code, deleted.json()) == (200, {"id": item_id, "deleted": True})
    for answer in (shop.get(f"/api/queue/{item_id}"), shop.delete(f"/api/queue/{item_id}")):
        assert answer.status_code == 404
        assert_shape(answer.json(), shapes.refusal("NOT_FOUND"))
    assert shop.get("/api/queue", params=query).json()["total"] == 0


def test_what_is_absent_is_null(shop: httpx2.Client) -> None:
    absent = dict.fromkeys(("projectId", "assetId", "caption", "scheduleAt", "hashtags"))
    item = outcome(shop, create(shop, **absent))
    assert_shape(item, shapes.ITEM)
    assert {key: item[key] for key in absent} == {**absent, "hashtags": []}
    assert (item["status"], item["error"]["code"]) == ("failed", "ASSET_MISSING")


@pytest.mark.parametrize(
    ("changes", "field", "constraint"),
    [
        ({"title": None}, "title", "required"),
        ({"title": "   "}, "title", "required"),
        ({"title": "x" * 121}, "title", "max_length"),
        ({"title": 7}, "title", "type"),
        ({"platforms": None}, "platforms", "min_items"),
        ({"platforms": []}, "platforms", "min_items"),
        ({"platforms": ["myspace"]}, "platforms", "enum"),
        ({"platforms": ["x", "x"]}, "platforms", "unique"),
        ({"platforms": "youtube"}, "platforms", "type"),
        ({"idempotencyKey": ""}, "idempotencyKey", "required"),
        ({"idempotencyKey": "  "}, "idempotencyKey", "required"),
        ({"idempotencyKey": "k" * 256}, "idempotencyKey", "max_length"),
        ({"caption": "c" * 5001}, "caption", "max_length"),
        ({"hashtags": ["x"] * 61}, "hashtags", "max_items"),
        ({"scheduleAt": "tomorrow"}, "scheduleAt", "format"),
        ({"scheduleAt": "10000-01-01T00:00:00Z"}, "scheduleAt", "format"),
    ],
)
def test_a_wrong_item_is_refused_with_field_and_constraint(
    shop: httpx2.Client, changes: dict[str, Any], field: str, constraint: str
) -> None:
    before = shop.get("/api/queue").json()["total"]
    asked = {**body(), **changes}
    answer = shop.post("/api/queue", json={key: value for key, value in asked.items() if value is not None})
    assert answer.status_code == 400
    assert_shape(answer.json(), shapes.refusal("VALIDATION_ERROR", field, constraint))
    assert "_" not in answer.json()["error"]["message"]
    assert shop.get("/api/queue").json()["total"] == before


@pytest.mark.parametrize("path", ["/api/queue", "/api/projects", "/api/assets"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("limit=ten", "limit"),
        ("offset=-1", "offset"),
        ("offset=4294967295", "offset"),
    ],
)
def test_a_page_that_cannot_be_is_refused(shop: httpx2.Client, path: str, query: str, field: str) -> None:
    answer = shop.get(f"{path}?{query}")
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["details"]["field"]) == ("VALIDATION_ERROR", field)


def test_a_page_beyond_the_end_is_empty(shop: httpx2.Client) -> None:
    for path in ("/api/queue", "/api/projects", "/api/assets"):
        answer = shop.get(f"{path}?limit=100&offset=2147483647").json()
        assert (answer["items"], answer["limit"], answer["offset"]) == ([], 100, 2147483647)


def test_fifty_equal_requests_at_once_make_one_item(shop: httpx2.Client) -> None:
    asked = body(title="夏のハイライト 🎬", projectId=f"proj_{uuid4().hex}")
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: shop.post("/api/queue", json=asked), range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert shop.get("/api/queue", params={"projectId": asked["projectId"]}).json()["total"] == 1
    other = shop.post("/api/queue", json={**asked, "title": "Another"})
    assert other.status_code == 409
    assert_shape(other.json(), shapes.refusal("CONFLICT", "idempotencyKey", "unique"))
    shop.delete(f"/api/queue/{answers[0].json()['id']}")
    again = shop.post("/api/queue", json={**asked, "title": "Another"})
    assert again.status_code == 200
    assert again.json()["id"] != answers[0].json()["id"]


def test_a_key_is_unique_in_its_organisation_alone(shop: httpx2.Client, mill: httpx2.Client) -> None:
    asked = body()
    ours, theirs = (client.post("/api/queue", json=asked).json()["id"] for client in (shop, mill))
    assert ours != theirs
    foreign, unknown = mill.get(f"/api/queue/{ours}"), mill.get(f"/api/queue/c{'0' * 24}")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.text.replace(ours, "") == unknown.text.replace(f"c{'0' * 24}", "")
    assert mill.delete(f"/api/queue/{ours}").status_code == 404
    assert shop.get(f"/api/queue/{ours}").status_code == 200
    assert ours not in mill.get("/api/queue?limit=100").text


@pytest.mark.parametrize(
    ("moment", "answered"),
    [
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("2026-01-20T12:00:00+02:00", "2026-01-20T10:00:00Z"),
        ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_moments_of_every_year_are_kept(shop: httpx2.Client, moment: str, answered: str) -> None:
    item_id = create(shop, scheduleAt=moment)
    assert shop.get(f"/api/queue/{item_id}").json()["scheduleAt"] == answered


def test_a_due_item_fails_with_the_reason_and_never_pretends(shop: httpx2.Client) -> None:
    unknown = outcome(shop, create(shop, scheduleAt="2020-01-01T00:00:00Z"))
    assert unknown["error"] == {"code": "ASSET_NOT_FOUND", "message": "there is no asset asset_789"}
    later = shop.get(f"/api/queue/{create(shop)}").json()
    assert (later["status"], "error" in later) == ("queued", False)


def test_projects_are_created_and_listed(shop: httpx2.Client, mill: httpx2.Client) -> None:
    before = mill.get("/api/projects").json()["total"]
    created = shop.post("/api/projects", json={"name": "My Project", "description": "Project description"})
    assert created.status_code == 200
    assert_shape(created.json(), {**shapes.PROJECT, "name": "My Project", "description": "Project description"})
    bare = shop.post("/api/projects", json={"name": "名前 🎬"}).json()
    assert bare["description"] is None
    listed = shop.get("/api/projects").json()
    assert_shape(listed, shapes.page(shapes.PROJECT))
    assert listed["items"][:2] == [bare, created.json()]
    assert mill.get("/api/projects").json()["total"] == before
    for asked, constraint in (({}, "required"), ({"name": " "}, "required"), ({"name": "n" * 121}, "max_length")):
        refused = shop.post("/api/projects", json=asked)
        assert refused.status_code == 400
        assert_shape(refused.json(), shapes.refusal("VALIDATION_ERROR", "name", constraint))


def test_an_unknown_asset_is_not_there(shop: httpx2.Client) -> None:
    answer = shop.get("/api/assets/asset_789")
    assert answer.status_code == 404
    assert_shape(answer.json(), shapes.refusal("NOT_FOUND"))
    assert_shape(shop.get("/api/assets?type=video&status=ready").json(), shapes.page(shapes.ASSET))
    assert shop.get("/api/assets?status=done").json()["error"]["details"]["constraint"] == "enum"
    assert shop.get("/api/assets?type=any").status_code == 400
