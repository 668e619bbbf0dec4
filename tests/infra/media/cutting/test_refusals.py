"""What cannot be cut is refused with a sentence, leaves nothing behind, and costs no more than is allowed."""

from __future__ import annotations

import resource
import signal
import struct
import threading
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import psutil  # type: ignore[import-untyped]  # publishes no types
import pytest
from reelops.errors import Cancelled, Invalid, NotFound, Unavailable
from reelops.infra.media import MediaLimits
from reelops.infra.media.cutting import Container, cut

from tests.infra.media.cutting.footage import shown
from tests.media import numbered, truncate, write_song_with_cover, write_sound, write_video


def refusal(path: Path, *, start: float = 1, duration: float = 1, limits: MediaLimits | None = None) -> Invalid:
    target = path.parent / "clips" / "clip.mp4"
    target.parent.mkdir(exist_ok=True)
    with pytest.raises(Invalid) as caught:
        cut(path, target, start_sec=start, duration_sec=duration, container=Container.mp4, limits=limits)
    assert caught.value.message.endswith(".")
    assert str(path) not in caught.value.message
    assert list(target.parent.iterdir()) == []
    return caught.value


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def without_frames(path: Path) -> Path:
    """Writes an mp4 with a video track and nothing in it."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        container.start_encoding()
    return path


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda d: write(d / "v.mp4", b""), "VIDEO_EMPTY"),
        (lambda d: write(d / "v.mp4", bytes(range(256)) * 64), "VIDEO_UNREADABLE"),
        (lambda d: write(d / "v.mp4", b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n"), "VIDEO_UNREADABLE"),
        (lambda d: write(d / "v.mp4", b"ffconcat version 1.0\nfile other.mp4\n"), "VIDEO_UNREADABLE"),
        (lambda d: write_sound(d / "v.m4a"), "VIDEO_NO_STREAM"),
        (lambda d: write_song_with_cover(d / "v.mp4"), "VIDEO_NO_STREAM"),
        (lambda d: truncate(write_video(d / "whole.mp4"), d / "v.mp4", 0.7), "VIDEO_UNREADABLE"),
        (lambda d: without_frames(d / "v.mp4"), "VIDEO_NO_STREAM"),
    ],
)
def test_what_is_no_usable_video_is_refused(make: Callable[[Path], Path], code: str, tmp_path: Path) -> None:
    assert refusal(make(tmp_path)).code == code


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        cut(tmp_path / "v", tmp_path / "clip", start_sec=0, duration_sec=1, container=Container.mp4)


@pytest.mark.parametrize(("start", "duration"), [(-1, 1), (0, 0), (0, -2), (float("nan"), 1), (0, float("inf"))])
def test_a_piece_that_is_none_is_refused(start: float, duration: float, tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=25)
    assert refusal(video, start=start, duration=duration).code == "CLIP_RANGE_INVALID"


@pytest.mark.parametrize("name", ["v.mp4", "v.mkv", "v.ts", "v.avi", "v.h264"])
def test_a_start_past_the_end_is_refused(name: str, tmp_path: Path) -> None:
    video = write_video(tmp_path / name, count=50, codec="mpeg4" if name == "v.avi" else "libx264")
    for start in (2.0, 2.5, 3600.0):
        error = refusal(video, start=start)
        assert error.code == "CLIP_START_PAST_END"


def test_limits_hold(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=100)
    assert refusal(video, limits=MediaLimits(max_duration_sec=3)).code == "VIDEO_TOO_LONG"
    assert refusal(video, limits=MediaLimits(max_frames=20)).code == "VIDEO_TOO_LONG"
    assert refusal(video, limits=MediaLimits(max_pixels=100)).code == "VIDEO_TOO_LARGE"
    assert refusal(video, limits=MediaLimits(total_timeout_sec=0)).code == "VIDEO_TOO_SLOW"


def test_a_billion_samples_cost_no_memory(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=25, container_options={"movflags": "faststart"})
    data = bytearray(video.read_bytes())
    at = data.index(b"stsz") + 8
    data[at : at + 8] = struct.pack(">2I", 1, 1_000_000_000)
    at = data.index(b"stsc") + 12
    data[at : at + 12] = struct.pack(">3I", 1, 1_000_000_000, 1)
    at = data.index(b"stts") + 12
    data[at : at + 4] = struct.pack(">I", 1_000_000_000)
    before = psutil.Process().memory_info().rss
    assert refusal(write(video, bytes(data))).code == "VIDEO_TOO_LONG"
    assert psutil.Process().memory_info().rss - before < 200 * 2**20


def test_a_file_cut_off_on_the_way_gives_what_is_there(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.ts", count=300, options={"g": "25"})
    broken = truncate(whole, tmp_path / "v.ts", 0.5)
    source = [number for _, number in shown(broken)]
    cut(broken, tmp_path / "clip.mp4", start_sec=1, duration_sec=60, container=Container.mp4)
    assert [number for _, number in shown(tmp_path / "clip.mp4")] == source[25:]


def test_damage_in_the_middle_does_not_end_the_clip(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.ts", count=200, options={"g": "25", "bf": "2"})
    data = bytearray(video.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 3000] = bytes(3000)
    report = cut(
        write(video, bytes(data)), tmp_path / "clip.mp4", start_sec=1.3, duration_sec=6, container=Container.mp4
    )
    numbers = [number for _, number in shown(tmp_path / "clip.mp4")]
    assert report.frames == len(numbers)
    assert numbers[0] == 32
    assert numbers[-1] == 182


@pytest.mark.parametrize("container", [Container.mp4, Container.webm])
def test_cancelling_leaves_nothing(container: Container, tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=200, options={"g": "50"})
    folder = tmp_path / "clips"
    folder.mkdir()
    for share in (0.0, 0.05, 0.4, 0.7):
        stop = threading.Event()

        def seen(now: float, stop: threading.Event = stop, share: float = share) -> None:
            if now >= share:
                stop.set()

        with pytest.raises(Cancelled):
            cut(
                video,
                folder / "clip",
                start_sec=1,
                duration_sec=6,
                container=container,
                on_progress=seen,
                cancelled=stop.is_set,
            )
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize("container", [Container.mp4, Container.webm])
def test_progress_rises_to_one(container: Container, tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=200, options={"g": "50"})
    seen: list[float] = []
    target = tmp_path / "clip"
    cut(video, target, start_sec=1, duration_sec=6, container=container, on_progress=seen.append)
    assert seen == sorted(seen)
    assert len(seen) > 5
    assert seen[-1] == 1.0


def test_what_the_container_cannot_hold_is_not_begun(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=200, options={"g": "50"})
    seen: list[float] = []
    report = cut(
        video, tmp_path / "clip", start_sec=1, duration_sec=6, container=Container.webm, on_progress=seen.append
    )
    assert report.mode == "encoded"
    assert report.reason == "webm files do not hold this kind of video"
    # Half of a smart cut would have brought it further before the first picture was encoded for good.
    assert max(later - earlier for earlier, later in pairwise(seen[:-1])) < 0.1


def test_progress_moves_on_after_a_smart_cut_that_fails(tmp_path: Path) -> None:
    video = changing_on_the_way(tmp_path / "v.ts")
    seen: list[float] = []
    report = cut(
        video, tmp_path / "clip", start_sec=0.4, duration_sec=7, container=Container.mp4, on_progress=seen.append
    )
    assert report.reason == "its pictures change their kind on the way"
    failed = next(place for place, share in enumerate(seen) if share > 0.6)
    assert seen == sorted(seen)
    assert max(later - earlier for earlier, later in pairwise(seen[failed:-1])) < 0.05
    assert seen[-2] > 0.9


def changing_on_the_way(path: Path) -> Path:
    """Writes eight seconds of H.264 whose second half has another header, which is found while it is copied."""
    options = {"g": "25", "bf": "0"}
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=25, options=options | {"profile": "main"})
        other: Any = av.CodecContext.create("libx264", "w")
        other.framerate, other.time_base, other.options = 25, Fraction(1, 25), options | {"profile": "high"}
        for encoder in (stream, other):
            encoder.width, encoder.height, encoder.pix_fmt = 320, 180, "yuv420p"
        for number in range(200):
            encoder = stream if number < 100 else other
            frame = av.VideoFrame.from_ndarray(numbered(number), format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            last = [None] if number in (99, 199) else []
            for packet in [packet for given in (frame, *last) for packet in encoder.encode(given)]:
                packet.stream = stream
                container.mux(packet)
    return path


def test_a_name_that_looks_like_a_protocol_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_video(tmp_path / "plain.mp4", count=50).rename(tmp_path / "concat:a|b.mp4")
    cut(Path("concat:a|b.mp4"), Path("http:c.mp4"), start_sec=0, duration_sec=1, container=Container.mp4)
    assert len(shown_in(tmp_path / "http:c.mp4")) == 25


def shown_in(path: Path) -> list[tuple[float, int]]:
    return shown(path.rename(path.with_name("plain-clip.mp4")))


def test_a_full_disk_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=200, options={"g": "50"})
    folder = tmp_path / "clips"
    folder.mkdir()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))
    try:
        with pytest.raises(Unavailable):
            cut(video, folder / "clip.mp4", start_sec=1, duration_sec=6, container=Container.mp4)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert list(folder.iterdir()) == []
