"""What is sent, what is read, what errors say, and how tokens are had."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import pytest

from tests.clients import toolchains
from tests.clients.wavestack.answers import CREATED, READ_MOMENT, clip, complete, item, page, refusal, token
from tests.clients.wavestack.scripted import Drop, Say, Scripted
from tests.clients.wavestack.speakers import Refusal, Speak

KEY = "your-client-id:secret:with:colons"
TOKENS = "POST /api/auth/token"


def test_the_documents_sample_is_sent_as_the_document_says(speak: Speak, server: Scripted) -> None:
    server.on("POST /api/queue", CREATED)
    with speak(server.url, api_key="your-api-key") as client:
        created = client.call(
            "queue.create",
            project_id="proj_456",
            asset_id="asset_789",
            title="My Video",
            platforms=["youtube", "instagram"],
            schedule_at=datetime(2026, 1, 20, 12, 0, 0, 500_000, UTC),
        )
    (seen,) = server.seen
    body = seen.json()
    assert body.pop("idempotencyKey")
    assert datetime.fromisoformat(body.pop("scheduleAt")) == datetime(2026, 1, 20, 12, 0, 0, 500_000, UTC)
    assert body == {
        "projectId": "proj_456",
        "assetId": "asset_789",
        "title": "My Video",
        "platforms": ["youtube", "instagram"],
    }
    assert (seen.headers["authorization"], seen.headers["x-org-id"]) == ("Bearer your-api-key", "org_123")
    assert (created["id"], created["status"], created["created_at"]) == ("item_1", "queued", READ_MOMENT)


def test_who_calls_is_said(server: Scripted, speak: Speak) -> None:
    server.on("GET /api/queue", page([], 0))
    with speak(server.url) as client:
        client.call("queue.list")
    name, _, release = server.seen[0].headers["user-agent"].partition(" ")[0].partition("/")
    package = json.loads((toolchains.TYPESCRIPT / "wavestack" / "package.json").read_text())
    wanted = {"wavestack-typescript": package["version"], "wavestack-python": version("reelops")}
    assert release == wanted[name]


def test_what_is_read_is_typed(speak: Speak, server: Scripted) -> None:
    server.on("GET /api/queue/item%2F1%3F", Say(body=item()))
    server.on("GET /api/v1/clip/abc123", complete())
    with speak(server.url, clipper_url=server.url) as client:
        shown = client.call("queue.get", "item/1?")
        cut = client.call("clipper.get", "abc123")
    assert shown["title"] == "夏のハイライト 🎬"
    assert (shown["schedule_at"], shown["caption"]) == ("2026-01-20T12:00:00.500Z", None)
    assert shown["error"] == {"code": "PUBLISHER_MISSING", "message": "there is no publisher for youtube"}
    assert (cut["result"]["size_bytes"], cut["result"]["expires_at"]) == (5_242_880, READ_MOMENT)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "VALIDATION_ERROR", "ValidationError"),
        (401, "UNAUTHORIZED", "UnauthorizedError"),
        (403, "FORBIDDEN", "ForbiddenError"),
        (404, "NOT_FOUND", "NotFoundError"),
        (409, "CONFLICT", "ConflictError"),
        (413, "PAYLOAD_TOO_LARGE", "ApiError"),
        (429, "RATE_LIMITED", "RateLimitedError"),
        (500, "INTERNAL_ERROR", "ServerError"),
    ],
)
def test_each_code_has_its_error(speak: Speak, server: Scripted, status: int, code: str, kind: str) -> None:
    headers = {"Retry-After": "7200"}
    server.on("GET /api/queue", refusal(status, code, headers=headers, field="title", constraint="required"))
    server.on("GET /api/projects", Say(status, b"<html>", headers))
    with speak(server.url) as client:
        for method, message in (("queue.list", f"this is {code}"), ("projects.list", None)):
            with pytest.raises(Refusal) as refused:
                client.call(method)
            said = refused.value.said
            assert refused.value.kind == kind
            assert (said["status"], said["retry_after"]) == (status, 7200)
            assert said["message"] == message or message is None
            if message and status == 400:
                assert (said["code"], said["field"], said["constraint"]) == (code, "title", "required")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>It works!</html>",
        b"null",
        b"[]",
        b'"items"',
        b"{}",
        b'{"items": {}, "total": 0, "limit": 20, "offset": 0}',
        b'{"items": [1], "total": 1, "limit": 20, "offset": 0}',
        b'{"items": [{"id": 7}], "total": 1, "limit": 20, "offset": 0}',
        b'{"items": [], "total": "none", "limit": 20, "offset": 0}',
        b'{"items": [], "total": 1%s, "limit": 20, "offset": 0}' % (b"0" * 400),
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
)
def test_an_answer_of_something_else_is_an_error_of_its_own(speak: Speak, server: Scripted, body: bytes) -> None:
    server.on("GET /api/queue", Say(200, body))
    with speak(server.url) as client, pytest.raises(Refusal) as refused:
        client.call("queue.list")
    assert refused.value.kind == "UnexpectedAnswerError"


def test_a_redirect_is_not_followed(speak: Speak, server: Scripted) -> None:
    server.on("GET /api/queue", Say(302, b"", {"Location": f"{server.url}/elsewhere"}))
    with speak(server.url) as client, pytest.raises(Refusal) as refused:
        client.call("queue.list")
    assert refused.value.kind == "UnexpectedAnswerError"


def test_one_token_serves_until_it_expires(speak: Speak, server: Scripted) -> None:
    server.on(TOKENS, Drop(), token("first", lifetime_sec=0), token("second"))
    server.on("GET /api/queue", *[page([], 0)] * 3)
    with speak(server.url, api_key=KEY, org_id="org_9") as client:
        for _ in range(3):
            client.call("queue.list")
    asked = {"client_id": "your-client-id", "client_secret": "secret:with:colons", "org_id": "org_9"}
    assert [seen.json() for seen in server.calls(TOKENS)] == [asked] * 3
    shown = [seen.headers["authorization"] for seen in server.calls("GET /api/queue")]
    assert shown == ["Bearer first", "Bearer second", "Bearer second"]


def test_callers_at_the_same_time_share_one_token(speak: Speak, server: Scripted) -> None:
    server.on(TOKENS, Drop(), token("shared"))
    server.on("GET /api/queue", *[page([], 0)] * 8)
    with speak(server.url, api_key=KEY) as client:
        assert [each["total"] for each in client.together("queue.list", 8)] == [0] * 8
    assert {seen.headers["authorization"] for seen in server.calls("GET /api/queue")} == {"Bearer shared"}


def test_a_token_that_is_no_longer_taken_is_renewed_once(speak: Speak, server: Scripted) -> None:
    unknown = refusal(401, "UNAUTHORIZED")
    server.on(TOKENS, token("old"), token("new"), token("newest"))
    server.on("POST /api/v1/clip", unknown, clip("queued"), unknown, unknown)
    asked: dict[str, Any] = {"source": "asset_1", "start_sec": 0, "duration_sec": 2}
    with speak(server.url, clipper_url=server.url, api_key=KEY) as client:
        client.call("clipper.create", **asked)
        with pytest.raises(Refusal) as refused:
            client.call("clipper.create", **asked)
    assert refused.value.kind == "UnauthorizedError"
    shown = [seen.headers["authorization"] for seen in server.calls("POST /api/v1/clip")]
    assert shown == ["Bearer old", "Bearer new", "Bearer new", "Bearer newest"]


def test_a_given_token_is_not_renewed_and_wrong_credentials_are_told(speak: Speak, server: Scripted) -> None:
    unknown = refusal(401, "UNAUTHORIZED")
    server.on("GET /api/queue", unknown)
    server.on(TOKENS, unknown)
    for key in ("a-token", KEY):
        with speak(server.url, api_key=key) as client, pytest.raises(Refusal) as refused:
            client.call("queue.list")
        assert refused.value.kind == "UnauthorizedError"


def test_every_item_of_all_pages_comes_once_though_the_list_changes(speak: Speak, server: Scripted) -> None:
    """Of six items, one is deleted after the first page, and one comes in after the second."""
    items = [item(number) for number in range(7)]
    pages = [
        page(items[1:3], 6),
        page(items[4:6], 5, 2),
        page([items[2], items[3]], 5, 1),
        page([items[3], items[4]], 6, 3),
        page(items[5:7], 6, 5),
    ]
    server.on("GET /api/queue", *pages)
    with speak(server.url) as client:
        came = client.call("queue.iterate", page_size=2, status="failed")
    assert [each["id"] for each in came] == [f"item_{number}" for number in range(1, 7)]
    queries = [seen.path.partition("?")[2] for seen in server.seen]
    assert queries == [f"status=failed&limit=2&offset={offset}" for offset in (0, 2, 1, 3, 5)]


@pytest.mark.parametrize(
    ("options", "method", "args"),
    [
        ({"base_url": "localhost:3000"}, "", ()),
        ({"base_url": "ftp://localhost:3000"}, "", ()),
        ({"base_url": "http://user:password@localhost:3000"}, "", ()),
        ({"api_key": "a\nb"}, "", ()),
        ({"org_id": ""}, "", ()),
        ({"base_url": "https://wavestack.example", "api_key": KEY}, "clipper.get", ("abc123",)),
        ({}, "queue.get", ("",)),
        ({}, "assets.get", ("..",)),
    ],
)
def test_what_cannot_be_asked_is_refused_before_it_is_sent(
    speak: Speak, server: Scripted, options: dict[str, Any], method: str, args: tuple[str, ...]
) -> None:
    given = {"base_url": server.url, **options}
    with pytest.raises((Refusal, ValueError)) as refused, speak(**given) as client:
        client.call(method, *args)
    assert "ValueError" in (getattr(refused.value, "kind", ""), type(refused.value).__name__)
