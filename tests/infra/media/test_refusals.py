"""Files that are broken, hostile or no video are refused with a sentence; nothing else is opened, nothing unfolds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # publishes no types
import pytest
from reelops.errors import Cancelled, Invalid, NotFound
from reelops.infra.media import ClipGeometry, MediaLimits, frame_at, probe, read_clips

from tests.media import truncate, write_giant_gif, write_lying_header, write_song_with_cover, write_sound, write_video

GEOMETRY = ClipGeometry(8, 32, 32)


def refusal(path: Path, limits: MediaLimits | None = None) -> Invalid:
    with pytest.raises(Invalid) as caught:
        list(read_clips(path, GEOMETRY, limits=limits))
    assert caught.value.message.endswith(".")
    assert str(path) not in caught.value.message
    return caught.value


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def y4m(path: Path, side: int) -> Path:
    return write(path, f"YUV4MPEG2 W{side} H{side} F25:1 Ip A1:1 C420\nFRAME\n".encode() + bytes(1000))


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda d: write(d / "v.mp4", b""), "VIDEO_EMPTY"),
        (lambda d: write(d / "v.mp4", b"Dear reader,\n" * 400), "VIDEO_UNREADABLE"),
        (lambda d: write(d / "v.txt", b"Dear reader,\n" * 400), "VIDEO_UNREADABLE"),
        (lambda d: write(d / "v.mp4", bytes(range(256)) * 64), "VIDEO_UNREADABLE"),
        (lambda d: write(d / "v.mp4", bytes(100_000)), "VIDEO_UNREADABLE"),
        (lambda d: write_sound(d / "v.m4a"), "VIDEO_NO_STREAM"),
        (lambda d: write_song_with_cover(d / "v.mp4"), "VIDEO_NO_STREAM"),
        (lambda d: write_giant_gif(d / "v.gif"), "VIDEO_UNREADABLE"),
        (lambda d: y4m(d / "v.y4m", 20_000), "VIDEO_UNREADABLE"),
        (lambda d: write_giant_gif(d / "v.gif", side=6_000), "VIDEO_TOO_LARGE"),
        (lambda d: y4m(d / "v.y4m", 12_000), "VIDEO_TOO_LARGE"),
        (lambda d: truncate(write_video(d / "whole.mp4"), d / "v.mp4", 0.7), "VIDEO_UNREADABLE"),
    ],
)
def test_what_is_no_usable_video_is_refused(make: Callable[[Path], Path], code: str, tmp_path: Path) -> None:
    path = make(tmp_path)
    assert refusal(path).code == code
    for look in (lambda: probe(path), lambda: frame_at(path, 0, max_side=64)):
        with pytest.raises(Invalid) as caught:
            look()
        assert caught.value.code == code


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        probe(tmp_path / "nothing.mp4")


PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{other}\n#EXT-X-ENDLIST\n",
    "hls of a system file": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile '{other}'\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'mediaPresentationDuration="PT4S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" '
    'bandwidth="1"><BaseURL>{other}</BaseURL></Representation></AdaptationSet></Period></MPD>',
    "session": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
}


@pytest.mark.parametrize("name", PLAYLISTS)
@pytest.mark.parametrize("suffix", [".m3u8", ".ffconcat", ".mpd", ".sdp", ".mp4"])
def test_lists_that_name_other_files_are_refused(name: str, suffix: str, tmp_path: Path) -> None:
    other = write_video(tmp_path / "other.ts", count=10, codec="mpeg2video", size=(64, 64))
    path = write(tmp_path / f"v{suffix}", PLAYLISTS[name].format(other=other.name).encode())
    assert refusal(path).code == "VIDEO_UNREADABLE"


def test_a_name_that_looks_like_a_protocol_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_video(tmp_path / "plain.mp4", count=5).rename(tmp_path / "concat:a|b.mp4")
    assert probe("concat:a|b.mp4").codec == "h264"


def test_pictures_larger_than_their_header_says_are_refused(tmp_path: Path) -> None:
    liar = write_lying_header(tmp_path / "v.avi", claimed=(64, 48), real=(120, 90))
    assert refusal(liar, MediaLimits(max_pixels=64 * 64)).code == "VIDEO_TOO_LARGE"


def test_limits_on_duration_frames_and_time_hold(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=100)
    assert refusal(video, MediaLimits(max_duration_sec=3)).code == "VIDEO_TOO_LONG"
    assert refusal(video, MediaLimits(max_frames=50)).code == "VIDEO_TOO_LONG"
    assert refusal(video, MediaLimits(total_timeout_sec=0)).code == "VIDEO_TOO_SLOW"
    assert refusal(video, MediaLimits(max_pixels=100)).code == "VIDEO_TOO_LARGE"


def test_a_live_stream_that_goes_on_too_long_is_refused(tmp_path: Path) -> None:
    endless = write_video(
        tmp_path / "v.mkv", times=[0, 1, 30_000], count=3, format="matroska", container_options={"live": "1"}
    )
    assert probe(endless).duration_sec is None
    assert refusal(endless).code == "VIDEO_TOO_LONG"


def test_a_file_cut_off_in_the_middle_fails_when_its_header_promised_more(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mp4", count=300, container_options={"movflags": "faststart"})
    error = refusal(truncate(whole, tmp_path / "v.mp4", 0.5))
    assert error.code == "VIDEO_TRUNCATED"
    assert "12 s" in error.message


def test_a_stream_that_was_cut_off_is_taken_for_what_is_left(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.ts", count=300, codec="mpeg2video")
    clips = list(read_clips(truncate(whole, tmp_path / "v.ts", 0.5), GEOMETRY))
    assert 1 <= len(clips) <= 2


def test_damage_in_the_middle_does_not_end_the_reading(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.ts", count=300, codec="mpeg2video")
    data = bytearray(video.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2000] = bytes(2000)
    clips = list(read_clips(write(video, bytes(data)), GEOMETRY))
    assert len(clips) >= 2


@pytest.mark.parametrize("by", ["event", "predicate"])
def test_reading_stops_when_it_is_cancelled(by: str, tmp_path: Path) -> None:
    event = threading.Event()
    video = write_video(tmp_path / "v.mp4", count=900, size=(64, 64), options={"g": "50"})
    reading = read_clips(video, GEOMETRY, cancelled=event if by == "event" else event.is_set)
    next(reading)
    event.set()
    with pytest.raises(Cancelled):
        list(reading)


def test_files_and_threads_are_let_go(tmp_path: Path) -> None:
    def held() -> tuple[int, int]:
        files = [file for file in psutil.Process().open_files() if file.path.startswith(str(tmp_path))]
        return len(files), sum(thread.name.startswith("decode") for thread in threading.enumerate())

    video = write_video(tmp_path / "v.mp4", count=600, size=(64, 64), options={"g": "50"})
    reading: Any = read_clips(video, GEOMETRY)
    next(reading)
    assert held() != (0, 0)
    reading.close()
    assert held() == (0, 0)
    list(read_clips(video, GEOMETRY))
    refusal(video, MediaLimits(max_frames=400))
    assert held() == (0, 0)


def test_progress_rises_to_one(tmp_path: Path) -> None:
    for name in ("v.mp4", "v.ts"):
        seen: list[float] = []
        list(read_clips(write_video(tmp_path / name, count=500), GEOMETRY, on_progress=seen.append))
        assert seen == sorted(seen)
        assert seen[-1] == 1.0
        assert all(0 <= share <= 1 for share in seen)
