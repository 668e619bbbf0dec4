"""Which calls are made again, how often and when: against a server that fails on purpose."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from wavestack import Retry

from tests.clients.wavestack import answers
from tests.clients.wavestack.answers import CLIP_CREATED, CREATED, THUMBNAIL, clip, item, page, refusal
from tests.clients.wavestack.scripted import Drip, Drop, Hang, Say, Scripted, Seen, Step, scripted, unused_port
from tests.clients.wavestack.speakers import QUICK, Refusal, Speak

AWAY = Say(503, {"error": {"code": "SERVICE_UNAVAILABLE", "message": "away", "details": {}}})
NEW_ITEM: dict[str, Any] = {"title": "My Video", "platforms": ["youtube"]}
NEW_CLIP: dict[str, Any] = {"source": "https://example.com/video.mp4", "start_sec": 30, "duration_sec": 15}
ONCE_ONLY: list[tuple[str, dict[str, Any], str]] = [
    ("clipper.create", NEW_CLIP, "POST /api/v1/clip"),
    ("thumbnails.generate", {"title": "Epic"}, "POST /api/v1/generate"),
    ("thumbnails.from_frame", {"video_url": "asset_1"}, "POST /api/v1/generate/from-frame"),
    ("projects.create", {"name": "My Project"}, "POST /api/projects"),
]
REPEATED: list[tuple[str, tuple[str, ...], dict[str, Any], str, Step]] = [
    ("queue.create", (), NEW_ITEM, "POST /api/queue", CREATED),
    ("queue.get", ("item_1",), {}, "GET /api/queue/item_1", Say(body=item())),
    ("queue.list", (), {}, "GET /api/queue", page([item()], 1)),
    ("queue.delete", ("item_1",), {}, "DELETE /api/queue/item_1", Say(body={"id": "item_1", "deleted": True})),
    ("projects.list", (), {}, "GET /api/projects", page([], 0)),
    ("assets.list", (), {}, "GET /api/assets", page([], 0)),
    ("clipper.get", ("abc123",), {}, "GET /api/v1/clip/abc123", clip("queued")),
]


def at(server: Scripted) -> dict[str, Any]:
    """Returns what makes a client speak to the one server for all services."""
    return {"base_url": server.url, "clipper_url": server.url, "thumbnail_url": server.url}


@pytest.mark.parametrize(("method", "args", "kwargs", "route", "answer"), REPEATED)
def test_what_is_safe_to_repeat_is_repeated_until_it_succeeds(
    speak: Speak,
    server: Scripted,
    method: str,
    args: tuple[str, ...],
    kwargs: dict[str, Any],
    route: str,
    answer: Step,
) -> None:
    server.on(route, Drop(), Say(502, b"<html>bad gateway</html>"), AWAY, answer)
    with speak(**at(server)) as client:
        client.call(method, *args, **kwargs)
    assert len(server.calls(route)) == 4
    assert len({seen.body for seen in server.calls(route)}) == 1, "a repeated request is the same request"


@pytest.mark.parametrize(("method", "kwargs", "route"), ONCE_ONLY)
@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Drop(), "WaveStackConnectionError"),
        (AWAY, "ServerError"),
        (Say(504, b"upstream request timeout"), "ServerError"),
        (refusal(429, "RATE_LIMITED", headers={"Retry-After": "0"}), "RateLimitedError"),
    ],
)
def test_what_makes_something_new_each_time_is_asked_for_once(
    speak: Speak, server: Scripted, method: str, kwargs: dict[str, Any], route: str, failure: Step, kind: str
) -> None:
    server.on(route, failure)
    with speak(**at(server)) as client, pytest.raises(Refusal) as refused:
        client.call(method, **kwargs)
    assert refused.value.kind == kind
    assert len(server.calls(route)) == 1


def test_what_never_left_is_a_connection_error(speak: Speak) -> None:
    url = f"http://127.0.0.1:{unused_port()}"
    with speak(base_url=url, clipper_url=url) as client:
        for method, kwargs in (("clipper.create", NEW_CLIP), ("queue.create", NEW_ITEM)):
            with pytest.raises(Refusal) as refused:
                client.call(method, **kwargs)
            assert (refused.value.kind, refused.value.said["sent"]) == ("WaveStackConnectionError", False)


@pytest.mark.parametrize(("method", "kwargs", "route"), ONCE_ONLY)
def test_what_never_left_is_sent_when_the_service_is_there(
    speak: Speak, method: str, kwargs: dict[str, Any], route: str
) -> None:
    port = unused_port()
    url, is_over = f"http://127.0.0.1:{port}", threading.Event()
    answer = {"clipper": CLIP_CREATED, "projects": Say(body=answers.PROJECT)}.get(method.partition(".")[0], THUMBNAIL)

    def come_late() -> None:
        time.sleep(0.2)
        with scripted(port=port) as server:
            server.on(route, answer)
            is_over.wait(60)
            calls.extend(server.seen)

    calls: list[Seen] = []
    late = threading.Thread(target=come_late)
    patient = Retry(attempts=40, first_sec=0.1, longest_sec=0.2)
    with speak(base_url=url, clipper_url=url, thumbnail_url=url, retry=patient) as client:
        late.start()
        try:
            client.call(method, **kwargs)
        finally:
            is_over.set()
            late.join()
    assert len(calls) == 1


def test_attempts_end(speak: Speak, server: Scripted) -> None:
    server.on("GET /api/queue", *[AWAY] * QUICK.attempts)
    with speak(**at(server)) as client, pytest.raises(Refusal) as refused:
        client.call("queue.list")
    assert (refused.value.kind, refused.value.said["status"]) == ("ServerError", 503)
    assert refused.value.said["code"] == "SERVICE_UNAVAILABLE"


def test_retry_after_is_kept(speak: Speak, server: Scripted) -> None:
    limited = refusal(429, "RATE_LIMITED", headers={"Retry-After": "1"})
    server.on("POST /api/queue", limited, CREATED)
    with speak(**at(server)) as client:
        assert client.call("queue.create", **NEW_ITEM)["id"] == "item_1"
    first, second = server.calls("POST /api/queue")
    assert second.at - first.at >= 1.0


@pytest.mark.parametrize("said", ["3600", "Tue, 01 Jan 2999 00:00:00 GMT"])
def test_a_wait_that_is_too_long_is_left_to_the_caller(speak: Speak, server: Scripted, said: str) -> None:
    server.on("GET /api/queue", refusal(429, "RATE_LIMITED", headers={"Retry-After": said}))
    with speak(**at(server)) as client, pytest.raises(Refusal) as refused:
        client.call("queue.list")
    assert refused.value.kind == "RateLimitedError"
    assert refused.value.said["retry_after"] >= 3600


@pytest.mark.parametrize("said", ["soon", "-5", "", "Tue, 01 Jan 2019 00:00:00 GMT"])
def test_a_wait_that_says_nothing_is_as_long_as_any(speak: Speak, server: Scripted, said: str) -> None:
    server.on("GET /api/queue", refusal(429, "RATE_LIMITED", headers={"Retry-After": said}), page([], 0))
    with speak(**at(server)) as client:
        assert client.call("queue.list")["total"] == 0


@pytest.mark.parametrize("slow", [Hang(), Drip()])
def test_what_takes_too_long_ends_and_is_not_asked_for_again(speak: Speak, server: Scripted, slow: Step) -> None:
    server.on("GET /api/queue", slow)
    with speak(**at(server), timeout_sec=0.3) as client, pytest.raises(Refusal) as refused:
        client.call("queue.list")
    assert (refused.value.kind, refused.value.said["sent"]) == ("WaveStackTimeoutError", True)


def test_an_answer_that_breaks_off_is_asked_for_again(speak: Speak, server: Scripted) -> None:
    whole = page([item()], 1)
    server.on("GET /api/queue", Say(body=whole.body, cut=40), Say(body=whole.body, cut=0), whole)
    with speak(**at(server)) as client:
        assert client.call("queue.list")["total"] == 1


def test_a_delete_whose_answer_was_lost_is_done(speak: Speak, server: Scripted) -> None:
    server.on("DELETE /api/queue/item_1", Drop(), refusal(404, "NOT_FOUND"))
    server.on("DELETE /api/queue/item_2", refusal(404, "NOT_FOUND"))
    with speak(**at(server)) as client:
        client.call("queue.delete", "item_1")
        with pytest.raises(Refusal) as refused:
            client.call("queue.delete", "item_2")
    assert refused.value.kind == "NotFoundError"


def test_every_item_has_a_key_of_its_own_and_keeps_it(speak: Speak, server: Scripted) -> None:
    server.on("POST /api/queue", Drop(), CREATED, CREATED, CREATED)
    with speak(**at(server)) as client:
        made = [client.call("queue.create", **NEW_ITEM), client.call("queue.create", **NEW_ITEM)]
        given = client.call("queue.create", **NEW_ITEM, idempotency_key="unique-key-12345")
    keys = [seen.json()["idempotencyKey"] for seen in server.calls("POST /api/queue")]
    assert keys[0] == keys[1] == made[0]["idempotency_key"]
    assert keys[2] == made[1]["idempotency_key"] != keys[0]
    assert keys[3] == given["idempotency_key"] == "unique-key-12345"


def test_a_thumbnail_is_drawn(speak: Speak, server: Scripted) -> None:
    server.on("POST /api/v1/generate", THUMBNAIL)
    server.on("POST /api/v1/generate/from-frame", THUMBNAIL)
    with speak(**at(server)) as client:
        drawn = client.call(
            "thumbnails.generate",
            title="Epic Gaming Moments",
            style="gaming",
            include_face=True,
            face_expression="excited",
            background="gradient",
            colors=["#ff0000", "#0000ff"],
        )
        client.call("thumbnails.from_frame", video_url="asset_1", timestamp=45.5, style="gaming", title="CLUTCH")
    assert drawn["dimensions"] == {"width": 1280, "height": 720}
    assert (drawn["generated_at"], drawn["asset_id"]) == (answers.READ_MOMENT, None)
    asked, framed = (seen.json() for seen in server.seen)
    options = {"include_face": True, "face_expression": "excited", "background": "gradient"}
    colors = ["#ff0000", "#0000ff"]
    assert asked == {"title": "Epic Gaming Moments", "style": "gaming", "options": {**options, "colors": colors}}
    overlays = {"title": "CLUTCH"}
    assert framed == {"video_url": "asset_1", "timestamp": 45.5, "style": "gaming", "overlays": overlays}


def test_a_clip_is_asked_for(speak: Speak, server: Scripted) -> None:
    server.on("POST /api/v1/clip", CLIP_CREATED)
    with speak(**at(server)) as client:
        created = client.call("clipper.create", **NEW_CLIP, out_ext="webm")
    assert created == {"job_id": "abc123", "status": "queued", "progress": 0, "result": None, "error": None}
    assert server.seen[0].json() == {**NEW_CLIP, "out_ext": "webm"}
