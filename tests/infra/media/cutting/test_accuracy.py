"""A clip shows the frames that were asked for: all of them, in order, each once, at its time."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reelops.infra.media.cutting import Container, cut

from tests.infra.media.cutting.footage import shown, wanted
from tests.media import write_video

X265 = {"x265-params": "keyint=30:log-level=none"}
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov"}
FAST_VP9 = {"deadline": "realtime", "cpu-used": "8", "g": "40"}


@dataclass(frozen=True)
class Case:
    """A kind of source, the kind of clip, and how it has to be made."""

    name: str
    container: Container
    mode: str
    video: dict[str, Any] = field(default_factory=dict)


CASES = [
    Case("b_frames.mp4", Container.mp4, "smart", {"options": {"g": "50", "bf": "3"}}),
    Case("pyramid.mov", Container.mov, "smart", {"options": {"g": "50", "preset": "veryslow"}}),
    Case("no_b_frames.mkv", Container.mkv, "smart", {"options": {"g": "50", "bf": "0"}}),
    Case("broadcast.ts", Container.mp4, "smart", {"options": {"g": "50", "bf": "2"}}),
    Case("baseline.mp4", Container.mp4, "smart", {"options": {"g": "50", "profile": "baseline"}}),
    Case("ten_bits.mp4", Container.mkv, "smart", {"options": {"g": "50"}, "pixel_format": "yuv420p10le"}),
    Case("full_chroma.mp4", Container.mp4, "smart", {"options": {"g": "50"}, "pixel_format": "yuv444p"}),
    Case("for_the_web.mp4", Container.webm, "encoded", {"options": {"g": "50"}}),
    Case("one_group.mp4", Container.mp4, "encoded", {"options": {"g": "1000"}}),
    Case("open_groups.mp4", Container.mp4, "", {"options": {"g": "25", "bf": "3", "x264-params": "open-gop=1"}}),
    Case("refreshed.mp4", Container.mp4, "encoded", {"options": {"g": "30", "x264-params": "intra-refresh=1"}}),
    Case("fragments.mp4", Container.mp4, "smart", {"options": {"g": "31"}, "container_options": FRAGMENTS}),
    Case("fields.mp4", Container.mp4, "encoded", {"options": {"g": "40", "flags": "+ilme+ildct"}}),
    Case("in_band.mp4", Container.mp4, "smart", {"options": {"g": "40", "x264-params": "repeat-headers=1:aud=1"}}),
    Case("leading.mp4", Container.mp4, "smart", {"codec": "libx265", "options": X265}),
    Case("leading.ts", Container.mov, "smart", {"codec": "libx265", "options": X265}),
    Case(
        "ten_bits_hevc.mkv",
        Container.mkv,
        "smart",
        {"codec": "libx265", "options": X265, "pixel_format": "yuv420p10le"},
    ),
    Case("vp9.webm", Container.webm, "smart", {"codec": "libvpx-vp9", "options": FAST_VP9}),
    Case("vp9.webm", Container.mp4, "smart", {"codec": "libvpx-vp9", "options": FAST_VP9}),
    Case("vp8.webm", Container.mkv, "smart", {"codec": "libvpx", "options": FAST_VP9}),
    Case("mpeg4.mp4", Container.mp4, "encoded", {"codec": "mpeg4"}),
    Case("mpeg4.avi", Container.mov, "encoded", {"codec": "mpeg4"}),
    Case("mpeg2.ts", Container.mkv, "encoded", {"codec": "mpeg2video"}),
    Case("mjpeg.mov", Container.mov, "copied", {"codec": "mjpeg", "pixel_format": "yuvj420p"}),
    Case("prores.mov", Container.mov, "copied", {"codec": "prores_ks", "pixel_format": "yuv422p10le"}),
    Case("prores.mov", Container.mp4, "encoded", {"codec": "prores_ks", "pixel_format": "yuv422p10le"}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}-{case.container.value}")
def test_the_frames_are_those_that_were_asked_for(case: Case, tmp_path: Path) -> None:
    seed = random.randrange(100_000)
    print(f"seed {seed}")
    chance = random.Random(seed)
    video = write_video(tmp_path / case.name, count=160, **case.video)
    source = shown(video)
    # At least a whole group of pictures lies within the piece.
    start, duration = chance.uniform(0.1, 1.0), chance.uniform(4.0, 4.8)
    report = cut(video, tmp_path / "clip", start_sec=start, duration_sec=duration, container=case.container)
    clip = shown(tmp_path / "clip")
    assert [number for _, number in clip] == wanted(source, start, duration)
    assert report.frames == len(clip) == report.copied_frames + report.encoded_frames
    # A piece that happens to begin with a key frame may have nothing to encode.
    assert report.mode == "copied" or case.mode in (report.mode, "")
    assert bool(report.reason) == (report.mode == "encoded")
    assert report.duration_sec == pytest.approx(len(clip) / 25, abs=0.002)
    assert clip[0][0] == pytest.approx(0, abs=0.0011)
    assert np.diff([at for at, _ in clip]) == pytest.approx(0.04, abs=0.0011)


def test_a_cut_at_a_key_frame_encodes_nothing_before_it(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=200, options={"g": "50", "bf": "0", "sc_threshold": "0"})
    report = cut(video, tmp_path / "clip.mp4", start_sec=2, duration_sec=3, container=Container.mp4)
    assert (report.mode, report.copied_frames, report.encoded_frames) == ("copied", 75, 0)
    assert [number for _, number in shown(tmp_path / "clip.mp4")] == list(range(50, 125))


def test_only_pictures_that_lean_on_later_ones_are_encoded_at_the_end(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=200, options={"g": "100", "bf": "3"})
    for duration in (2.0, 2.04, 2.08, 2.12, 2.16):
        report = cut(video, tmp_path / "clip.mp4", start_sec=0, duration_sec=duration, container=Container.mp4)
        assert report.encoded_frames <= 4
        assert [number for _, number in shown(tmp_path / "clip.mp4")] == list(range(round(duration * 25)))


@pytest.mark.parametrize("name", ["v.mp4", "v.mkv", "v.ts"])
def test_times_count_from_the_first_frame(name: str, tmp_path: Path) -> None:
    late = write_video(tmp_path / name, count=200, times=[7 + n / 25 for n in range(200)], options={"g": "50"})
    report = cut(late, tmp_path / "clip.mp4", start_sec=1.0, duration_sec=5, container=Container.mp4)
    assert [number for _, number in shown(tmp_path / "clip.mp4")] == list(range(25, 150))
    assert report.start_sec == pytest.approx(1.0, abs=0.002)


@pytest.mark.parametrize("container", list(Container))
def test_uneven_times_are_kept(container: Container, tmp_path: Path) -> None:
    times = list(itertools.accumulate([0.02, 0.05, 0.033, 0.09] * 40))
    video = write_video(tmp_path / "v.mp4", count=160, times=times, options={"g": "30"})
    source = shown(video)
    cut(video, tmp_path / "clip", start_sec=1.03, duration_sec=5.5, container=container)
    clip = shown(tmp_path / "clip")
    assert [number for _, number in clip] == wanted(source, 1.03, 5.5)
    first = clip[0][1]
    for at, number in clip:
        assert at == pytest.approx(source[number][0] - source[first][0], abs=0.0015)


def test_a_picture_that_stands_for_long_is_shortened_to_the_piece(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=4, times=[0, 10, 10.04, 30], options={"g": "1"})
    report = cut(video, tmp_path / "clip.mp4", start_sec=4, duration_sec=10, container=Container.mp4)
    assert [(round(at, 3), number) for at, number in shown(tmp_path / "clip.mp4")] == [(0, 0), (6, 1), (6.04, 2)]
    assert report.start_sec == pytest.approx(4, abs=0.001)
    assert report.duration_sec == pytest.approx(10, abs=0.001)


@pytest.mark.parametrize("bf", ["0", "2"])
def test_a_piece_past_the_end_is_shortened(bf: str, tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=100, options={"g": "25", "bf": bf})
    report = cut(video, tmp_path / "clip.mp4", start_sec=1.5, duration_sec=60, container=Container.mp4)
    assert [number for _, number in shown(tmp_path / "clip.mp4")] == list(range(37, 100))
    assert report.duration_sec == pytest.approx(63 / 25, abs=0.001)


def test_pieces_that_follow_each_other_show_every_frame_once(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=200, fps=30, options={"g": "40", "bf": "2"})
    numbers: list[int] = []
    for place in range(4):
        start = place * 50 / 30
        cut(video, tmp_path / "clip.mp4", start_sec=start, duration_sec=50 / 30, container=Container.mp4)
        numbers += [number for _, number in shown(tmp_path / "clip.mp4")]
    assert numbers == list(range(200))


def test_one_frame_is_a_clip(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=100, options={"g": "25", "bf": "2"})
    for start in (0.0, 1.0, 1.42, 3.96):
        report = cut(video, tmp_path / "clip.mp4", start_sec=start, duration_sec=0.001, container=Container.mp4)
        assert [number for _, number in shown(tmp_path / "clip.mp4")] == [round(start * 25 - 0.01)]
        assert report.frames == 1


def test_an_elementary_stream_is_counted(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.h264", count=100, format="h264", options={"g": "25"})
    report = cut(video, tmp_path / "clip.mp4", start_sec=1, duration_sec=2, container=Container.mp4)
    assert [number for _, number in shown(tmp_path / "clip.mp4")] == list(range(25, 75))
    assert report.mode == "encoded"


def test_frames_hidden_by_an_edit_list_stay_hidden(tmp_path: Path, hidden: Callable[[Path], Path]) -> None:
    video = hidden(write_video(tmp_path / "v.mp4", count=100, options={"g": "25", "bf": "0"}))
    source = shown(video)
    assert source[0][1] == 10
    cut(video, tmp_path / "clip.mp4", start_sec=0, duration_sec=2, container=Container.mp4)
    assert [number for _, number in shown(tmp_path / "clip.mp4")] == list(range(10, 60))


@pytest.fixture
def hidden() -> Callable[[Path], Path]:
    """Makes an mp4's edit list begin ten frames later."""

    def hide(path: Path) -> Path:
        data = bytearray(path.read_bytes())
        at = data.index(b"elst") + 4
        version = data[at]
        assert version == 0
        media_time = at + 8 + 4
        tick = int.from_bytes(data[data.index(b"mdhd") + 16 : data.index(b"mdhd") + 20], "big")
        begun = int.from_bytes(data[media_time : media_time + 4], "big")
        data[media_time : media_time + 4] = (begun + tick * 10 // 25).to_bytes(4, "big")
        path.write_bytes(bytes(data))
        return path

    return hide
