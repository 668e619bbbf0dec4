"""Waiting for a clip and having its file, with a service that is slow, strict, away or breaks off."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

import pytest

from tests.clients.wavestack.answers import THUMBNAIL, clip, complete, refusal
from tests.clients.wavestack.scripted import Drop, Hang, Say, Scripted, Seen
from tests.clients.wavestack.speakers import QUICK, Refusal, Speak

LOOK = "GET /api/v1/clip/abc123"
FILE = "GET /files/abc123.mp4"
TWICE = dataclasses.replace(QUICK, attempts=2)


@pytest.fixture
def content() -> bytes:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    return random.Random(seed).randbytes(300_000)


def part(content: bytes, start: int, *, cut: int | None = None) -> Say:
    headers = {"ETag": '"tag"', "Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
    return Say(206, content[start:], headers, cut)


def whole(content: bytes, *, tag: str = '"tag"', cut: int | None = None) -> Say:
    return Say(200, content, {"ETag": tag}, cut)


def test_waiting_tells_of_each_change(speak: Speak, server: Scripted) -> None:
    limited = refusal(429, "RATE_LIMITED", headers={"Retry-After": "1"})
    server.on(LOOK, clip("queued"), clip("processing", 45), Say(503, b"away"), *[Drop()] * QUICK.attempts)
    server.on(LOOK, limited, clip("processing", 45), complete())
    with speak("http://127.0.0.1:1", clipper_url=server.url) as client:
        done = client.call("clipper.wait", "abc123", poll_sec=0.01)
        told = [(each["status"], each["progress"]) for each in client.progress]
    assert done["result"]["asset_id"] == "asset_1"
    assert told == [("queued", 0), ("processing", 45), ("complete", 100)]


def test_a_limit_that_lasts_longer_than_a_call_waits_is_waited_for(speak: Speak, server: Scripted) -> None:
    server.on(LOOK, refusal(429, "RATE_LIMITED", headers={"Retry-After": "1"}), complete())
    impatient = dataclasses.replace(QUICK, longest_retry_after_sec=0.5)
    with speak("http://127.0.0.1:1", clipper_url=server.url, retry=impatient) as client:
        client.call("clipper.wait", "abc123", poll_sec=0.01)
    first, second = server.calls(LOOK)
    assert second.at - first.at >= 0.99  # node's timers know whole milliseconds


def test_a_clip_that_fails_says_why(speak: Speak, server: Scripted) -> None:
    error = {"code": "SOURCE_UNREADABLE", "message": "the video cannot be read"}
    server.on(LOOK, *[clip("failed", 12, error=error)] * 2)
    with speak("http://127.0.0.1:1", clipper_url=server.url) as client:
        for method, args in (("clipper.wait", ()), ("clipper.download", ("clip.mp4",))):
            with pytest.raises(Refusal) as refused:
                client.call(method, "abc123", *args)
            assert refused.value.kind == "ClipFailedError"
            assert (refused.value.said["code"], refused.value.said["message"]) == tuple(error.values())


def test_waiting_ends(speak: Speak, server: Scripted) -> None:
    server.on(LOOK, clip("queued"), refusal(404, "NOT_FOUND"))
    with speak("http://127.0.0.1:1", clipper_url=server.url) as client:
        for kind in ("WaveStackTimeoutError", "NotFoundError"):
            with pytest.raises(Refusal) as refused:
                client.call("clipper.wait", "abc123", timeout_sec=5.0, poll_sec=10.0)
            assert refused.value.kind == kind


def test_a_file_is_fetched_on_from_where_it_broke_off(
    speak: Speak, server: Scripted, content: bytes, tmp_path: Path
) -> None:
    goal = tmp_path / "Höhepunkt ハ.mp4"

    def serve(seen: Seen) -> Say:
        # What was on its way when the connection broke may be lost, and then all of it is asked for again.
        asked = seen.headers.get("range")
        return part(content, start_of(asked)) if asked else whole(content, cut=100_000)

    server.on(LOOK, complete(len(content)))
    server.serve(FILE, serve)
    with speak("http://127.0.0.1:1", clipper_url=server.url) as client:
        assert client.call("clipper.download", "abc123", str(goal)) == str(goal)
        assert client.progress[-1] == [len(content), len(content)]
    assert goal.read_bytes() == content
    first, last = server.calls(FILE)[0], server.calls(FILE)[-1]
    assert "range" not in first.headers
    assert 0 < start_of(last.headers["range"]) <= 100_000
    assert last.headers["if-range"] == '"tag"'
    assert [path.name for path in tmp_path.iterdir()] == [goal.name]


def start_of(header: str) -> int:
    return int(header.removeprefix("bytes=").removesuffix("-"))


def test_a_file_that_changed_meanwhile_is_fetched_anew(
    speak: Speak, server: Scripted, content: bytes, tmp_path: Path
) -> None:
    goal, other = tmp_path / "clip.mp4", content[::-1][:200_000]
    server.on(LOOK, complete(len(content)))
    server.on(FILE, whole(content, cut=100_000), whole(other, tag='"other"'))
    with speak("http://127.0.0.1:1", clipper_url=server.url) as client:
        client.call("clipper.download", "abc123", str(goal))
    assert goal.read_bytes() == other


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        ([Drop()] * TWICE.attempts, "WaveStackConnectionError"),
        ([Hang()] * TWICE.attempts, "WaveStackTimeoutError"),
        ([refusal(404, "NOT_FOUND")], "NotFoundError"),
        ([Say(206, b"elsewhere", {"Content-Range": "bytes 7-15/16"})], "UnexpectedAnswerError"),
    ],
)
def test_a_file_that_does_not_come_leaves_nothing_behind(
    speak: Speak, server: Scripted, tmp_path: Path, steps: list[Say | Drop | Hang], kind: str
) -> None:
    goal = tmp_path / "clip.mp4"
    goal.write_bytes(b"what was there")
    server.on(LOOK, complete())
    server.on(FILE, *steps)
    timeout_sec = 1.0 if kind == "WaveStackTimeoutError" else 30.0
    given = {"base_url": "http://127.0.0.1:1", "clipper_url": server.url, "timeout_sec": timeout_sec}
    with speak(**given, retry=TWICE) as client, pytest.raises(Refusal) as refused:
        client.call("clipper.download", "abc123", str(goal))
    assert refused.value.kind == kind
    assert goal.read_bytes() == b"what was there"
    assert [path.name for path in tmp_path.iterdir()] == [goal.name]


def test_a_clip_that_is_not_there_yet_cannot_be_downloaded(speak: Speak, server: Scripted, tmp_path: Path) -> None:
    server.on(LOOK, clip("processing", 45))
    with speak("http://127.0.0.1:1", clipper_url=server.url) as client, pytest.raises(Refusal) as refused:
        client.call("clipper.download", "abc123", str(tmp_path / "clip.mp4"))
    assert "wait for it first" in refused.value.said["message"]


def test_a_thumbnail_is_downloaded_by_itself_or_its_id(speak: Speak, server: Scripted, tmp_path: Path) -> None:
    server.on("POST /api/v1/generate", THUMBNAIL)
    server.on("GET /thumbnails/thumb_123.png", *[whole(b"\x89PNG")] * 2)
    with speak("http://127.0.0.1:1", thumbnail_url=server.url) as client:
        drawn = client.call("thumbnails.generate", title="Epic")
        for name, thumbnail in (("a.png", "thumb_123"), ("b.png", drawn["thumbnail_id"])):
            client.call("thumbnails.download", thumbnail, str(tmp_path / name))
            assert (tmp_path / name).read_bytes() == b"\x89PNG"
