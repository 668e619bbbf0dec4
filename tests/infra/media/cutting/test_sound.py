"""Every sound track comes along, and what is heard belongs to what is seen."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from reelops.infra.media.cutting import Container, cut

from tests.infra.media.cutting.footage import Sound, clicks, shown, sounding, write_with_sound

WEB = {"deadline": "realtime", "cpu-used": "8", "g": "40"}


def check_sync(source: Path, clip: Path, start: float, duration: float, track: int = 0) -> None:
    """The clicks of the source that lie in the piece are in the clip at the same distance from its pictures."""
    begin = shown(source)[0][0] + start
    heard = [at - begin for at in clicks(source, track) if begin + 0.03 <= at < begin + duration - 0.03]
    got = [at - shown(clip)[0][0] for at in clicks(clip, track) if 0.03 <= at < duration - 0.03]
    assert heard
    assert got == pytest.approx(heard, abs=0.004)


@pytest.mark.parametrize(
    ("name", "codec", "container"),
    [
        ("v.mp4", "aac", Container.mp4),
        ("v.mp4", "aac", Container.mkv),
        ("v.mp4", "aac", Container.webm),
        ("v.ts", "aac", Container.mov),
        ("v.ts", "aac", Container.mkv),
        ("v.mkv", "libopus", Container.mkv),
        ("v.mkv", "libopus", Container.mp4),
        ("v.mov", "pcm_s16le", Container.mov),
        ("v.mov", "pcm_s16le", Container.mp4),
        ("v.mp4", "libmp3lame", Container.mp4),
        ("v.mkv", "flac", Container.mkv),
    ],
)
def test_sound_stays_in_sync(name: str, codec: str, container: Container, tmp_path: Path) -> None:
    video = write_with_sound(tmp_path / name, [Sound(codec, end=6)], count=150)
    report = cut(video, tmp_path / "clip", start_sec=1.52, duration_sec=3.4, container=container)
    assert report.audio_tracks == 1
    check_sync(video, tmp_path / "clip", report.start_sec, report.duration_sec)
    begin, end = sounding(tmp_path / "clip")
    assert -0.001 <= begin < 0.1
    assert abs(end - report.duration_sec) < 0.1


def test_sound_that_fits_is_copied(tmp_path: Path) -> None:
    video = write_with_sound(tmp_path / "v.mp4", [Sound("aac")])
    with av.open(str(video)) as opened:
        packets = {bytes(packet) for packet in opened.demux(audio=0) if packet.size}
    for container in (Container.mp4, Container.mov, Container.mkv):
        cut(video, tmp_path / "clip", start_sec=1.5, duration_sec=4, container=container)
        with av.open(str(tmp_path / "clip")) as opened:
            assert {bytes(packet) for packet in opened.demux(audio=0) if packet.size} <= packets


@pytest.mark.parametrize("container", [Container.mov, Container.webm])
def test_all_tracks_come_with_their_languages(container: Container, tmp_path: Path) -> None:
    sounds = [Sound("aac", language="ger"), Sound("libopus", language="jpn"), Sound("ac3", language="fra")]
    video = write_with_sound(tmp_path / "v.mkv", sounds)
    report = cut(video, tmp_path / "clip", start_sec=1.52, duration_sec=4, container=container)
    assert report.audio_tracks == 3
    with av.open(str(tmp_path / "clip")) as opened:
        assert [stream.language for stream in opened.streams.audio] == ["ger", "jpn", "fra"]
    for track in range(3):
        check_sync(video, tmp_path / "clip", report.start_sec, report.duration_sec, track)


@pytest.mark.parametrize("container", [Container.mp4, Container.webm, Container.mkv])
@pytest.mark.parametrize(
    "sound", [Sound(start=2.2), Sound(end=3.3), Sound(gap=(2.2, 3.4))], ids=["late", "short", "with a hole"]
)
def test_sound_with_holes_stays_in_sync(sound: Sound, container: Container, tmp_path: Path) -> None:
    video = write_with_sound(tmp_path / "v.mkv", [sound])
    report = cut(video, tmp_path / "clip", start_sec=1.52, duration_sec=4, container=container)
    check_sync(video, tmp_path / "clip", report.start_sec, report.duration_sec)


@pytest.mark.parametrize("container", [Container.mp4, Container.webm])
def test_a_track_that_is_over_is_silent(container: Container, tmp_path: Path) -> None:
    video = write_with_sound(tmp_path / "v.mkv", [Sound(), Sound(end=1.0)])
    report = cut(video, tmp_path / "clip", start_sec=3, duration_sec=3, container=container)
    assert report.audio_tracks == 2
    assert clicks(tmp_path / "clip", 1) == []
    assert sounding(tmp_path / "clip", 1)[1] == pytest.approx(report.duration_sec, abs=0.05)


def test_sound_of_an_encoded_clip_stays_in_sync(tmp_path: Path) -> None:
    video = write_with_sound(tmp_path / "v.mp4", [Sound()], options={"g": "1000", "bf": "2"})
    report = cut(video, tmp_path / "clip.mp4", start_sec=1.52, duration_sec=4, container=Container.mp4)
    assert report.mode == "encoded"
    check_sync(video, tmp_path / "clip.mp4", report.start_sec, report.duration_sec)
