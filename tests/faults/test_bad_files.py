"""Files that are no video, through the real upload: the job fails with a sentence, and nothing stays."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from tests.documents.test_sopilot_refusals import assert_refused
from tests.faults.tidiness import await_tidy
from tests.flow import upload, wait
from tests.media import truncate, write_giant_gif, write_song_with_cover, write_sound, write_video
from tests.service_fixture import RunningService

pytestmark = [pytest.mark.faults, pytest.mark.edge, pytest.mark.triton]


def _bytes(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _endless(path: Path) -> Path:
    """Claims to go on for a day: two frames, the second a day after the first."""
    return write_video(path, count=2, times=[0.0, 86_400.0])


MAKERS: dict[str, Callable[[Path], Path]] = {
    "text": lambda folder: _bytes(folder / "a.mp4", b"Dear reader,\n" * 4000),
    "zeros": lambda folder: _bytes(folder / "a.mp4", bytes(200_000)),
    "one byte": lambda folder: _bytes(folder / "a.mp4", b"x"),
    "playlist": lambda folder: _bytes(folder / "a.m3u8", b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"),
    "truncated": lambda folder: truncate(write_video(folder / "whole.mp4"), folder / "a.mp4", 0.6),
    "header alone": lambda folder: truncate(write_video(folder / "whole.mkv"), folder / "a.mkv", 0.02),
    "sound": lambda folder: write_sound(folder / "a.m4a"),
    "song": lambda folder: write_song_with_cover(folder / "a.mp4"),
    "20000 x 20000": lambda folder: write_giant_gif(folder / "a.gif"),
    "12000 x 12000": lambda folder: write_giant_gif(folder / "a.gif", side=12_000),
    "endless": lambda folder: _endless(folder / "a.mkv"),
}


@pytest.mark.parametrize("name", MAKERS)
def test_what_is_no_video_fails_with_a_sentence(victim: RunningService, tmp_path: Path, name: str) -> None:
    with victim.client("operator") as client:
        job = wait(client, f"/videos/jobs/{upload(client, MAKERS[name](tmp_path), 'bad')}")
        assert job["status"] == "failed", job
        assert job["video_id"] is None
        sentence = job["error_message"]
        assert sentence.endswith(".") and " " in sentence
        assert "nternal" not in sentence and str(victim.data) not in sentence and "Errno" not in sentence
        assert client.get("/videos", params={"task_id": "bad"}).json() == {"items": []}
        await_tidy(victim.data)  # the trail is told when the file is removed
        entries = client.get("/audit/trail", params={"limit": "20"}).json()["items"]
    told = [entry for entry in entries if entry["job_id"] == job["ingest_job_id"] and entry["status"] == "failed"]
    assert [entry["error_message"] for entry in told] == [sentence]


def test_an_upload_without_end_is_stopped(victim: RunningService) -> None:
    sent = 0

    def body() -> Iterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
        while True:
            sent += 1
            yield bytes(1 << 20)

    with victim.client("operator") as client:
        try:
            answer = client.post("/videos", content=body(), headers={"content-type": "multipart/form-data; boundary=x"})
        except httpx2.WriteError:
            answer = None  # the edge may close before everything was read
    if answer is not None:
        assert_refused(answer, 413)
    assert sent < 400
    await_tidy(victim.data)


def test_a_client_that_vanishes_leaves_nothing(victim: RunningService, film: Path) -> None:
    before = _job_count(victim)
    head = b'--x\r\nContent-Disposition: form-data; name="task_id"\r\n\r\nvanished\r\n'
    head += b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    for share in (0, 1, 5000, 30_000) * 15:
        with socket.create_connection(("127.0.0.1", 8000 + victim.offset)) as connection:
            connection.sendall(
                b"POST /videos HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9000000\r\n"
                b"content-type: multipart/form-data; boundary=x\r\n"
                b"authorization: Bearer " + victim.tokens["operator"].encode() + b"\r\n\r\n" + head
            )
            connection.sendall(film.read_bytes()[:share])
    await_tidy(victim.data)
    assert _job_count(victim) == before


def test_the_same_file_twice_at_once_is_two_videos(victim: RunningService, film: Path) -> None:
    jobs: list[str] = []
    start = threading.Barrier(4)

    def send() -> None:
        with victim.client("operator") as client:
            start.wait()
            jobs.append(upload(client, film, "twice"))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with victim.client("viewer") as client:
        ended = [wait(client, f"/videos/jobs/{job}") for job in jobs]
        listed = client.get("/videos", params={"task_id": "twice"}).json()["items"]
    assert {job["status"] for job in ended} == {"completed"}
    assert {job["video_id"] for job in ended} == {video["video_id"] for video in listed}
    assert len(listed) == 4
    await_tidy(victim.data)


def _job_count(service: RunningService) -> int:
    with service.client("operator") as client:
        return sum(client.get("/ops/queue").json()["jobs"]["ingest"].values())
