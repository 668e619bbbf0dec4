"""Clips hold the right frames at the right times, whatever the file looks like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reelops.infra.media import Clip, ClipGeometry, plan_sampling, read_clips

from tests.media import numbered, read_number, rotate, write_video

GEOMETRY = ClipGeometry(16, 64, 96)


def clips_of(path: Path, **options: Any) -> list[Clip]:
    return list(read_clips(path, GEOMETRY, **options))


def numbers(clips: list[Clip]) -> list[int]:
    return [read_number(picture) for clip in clips for picture in clip.frames]


def furthest(clips: list[Clip], fps: float) -> float:
    """How far, in sampling intervals, a frame lies from the moment it stands for; for full windows of 16 or 17."""
    plan = plan_sampling(fps)
    worst = 0.0
    for clip in clips:
        wanted = clip.start_sec + np.linspace(0, plan.window - 1, GEOMETRY.frames).round() * plan.interval_sec
        shown = np.array([read_number(picture) for picture in clip.frames]) / fps
        inside = wanted < clip.end_sec - 1e-6
        worst = max(worst, float(np.abs(wanted - shown)[inside].max()) / plan.interval_sec)
    return worst


ENCODINGS: dict[str, dict[str, Any]] = {
    "x264 as it comes": {"codec": "libx264"},
    "x264 without B frames": {"codec": "libx264", "options": {"profile": "baseline"}, "format": "mp4"},
    "x264 open groups": {"codec": "libx264", "options": {"x264-params": "open-gop=1:keyint=30:min-keyint=30"}},
    "x264 many B frames, none kept": {"codec": "libx264", "options": {"bf": "16", "x264-params": "b-pyramid=none"}},
    "x264 every frame a key": {"codec": "libx264", "options": {"g": "1"}},
    "x265": {"codec": "libx265", "options": {"preset": "ultrafast", "x265-params": "log-level=none:keyint=40"}},
    "mpeg4": {"codec": "mpeg4"},
    "motion jpeg": {"codec": "mjpeg", "pixel_format": "yuvj420p"},
    "vp9": {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}},
    "av1": {"codec": "libsvtav1", "options": {"preset": "8", "crf": "15", "svtav1-params": "keyint=60"}},
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_every_frame_lies_near_its_moment(name: str, tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mkv", count=280, **{"format": "matroska", **ENCODINGS[name]})
    clips = clips_of(video)
    assert [clip.index for clip in clips] == [0, 1, 2]
    assert furthest(clips, 25) <= 0.36


def test_without_skipping_the_frames_are_exactly_every_stride(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=120, fps=8, options={"bf": "0"})
    assert plan_sampling(8).stride == 2
    assert numbers(clips_of(video))[:48] == list(range(0, 96, 2))


def test_the_number_of_decoders_changes_nothing(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=400, options={"g": "50"})
    alone, together = clips_of(video, decoders=1), clips_of(video, decoders=3)
    assert len(alone) == len(together) == 4
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one.frames, other.frames)
        assert (one.start_sec, one.end_sec, one.sharpness) == (other.start_sec, other.end_sec, other.sharpness)


def test_a_group_of_pictures_longer_than_a_run_is_read_whole(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=1300, size=(160, 90), options={"g": "100000", "sc_threshold": "0"})
    clips = clips_of(video)
    assert len(clips) == 13
    assert furthest(clips, 25) <= 0.36


@pytest.mark.parametrize(("count", "clips"), [(30, 1), (100, 1), (160, 1), (166, 2), (204, 2), (263, 2), (270, 3)])
def test_the_tail_is_kept_from_six_tenths_of_a_window(count: int, clips: int, tmp_path: Path) -> None:
    # 25 frames a second: every 6th is a sample, 17 samples are a window, 11 are enough for a tail.
    video = write_video(tmp_path / "v.mp4", count=count, size=(64, 48), options={"bf": "0"})
    assert len(clips_of(video)) == clips


def test_a_short_tail_is_padded_with_its_last_picture(tmp_path: Path) -> None:
    [clip] = clips_of(write_video(tmp_path / "v.mp4", count=10, options={"bf": "0"}))
    assert clip.frames.shape == (16, 64, 96, 3)
    assert [read_number(picture) for picture in clip.frames][:2] == [0, 6]
    assert {read_number(picture) for picture in clip.frames[2:]} == {6}
    assert clip.end_sec == pytest.approx(0.4)


def test_one_picture_is_a_video_of_one_clip(tmp_path: Path) -> None:
    [clip] = clips_of(write_video(tmp_path / "v.mp4", count=1))
    assert set(numbers([clip])) == {0}


def test_uneven_frame_rates_are_sampled_by_time(tmp_path: Path) -> None:
    # Ten frames a second, then a still of five seconds, then thirty a second.
    times = [n / 10 for n in range(40)] + [9 + n / 30 for n in range(120)]
    video = write_video(tmp_path / "v.mkv", times=times, count=len(times), fps=25)
    clips = clips_of(video)
    plan = plan_sampling(25)
    for clip in clips:
        for place, picture in enumerate(clip.frames):
            moment = clip.start_sec + round(place * (plan.window - 1) / 15) * plan.interval_sec
            shown = times[read_number(picture)]
            standing = max(time for time in times if time <= moment + 1e-6)
            assert abs(shown - moment) < plan.interval_sec / 2 or shown == pytest.approx(standing)
    assert clips[-1].end_sec <= 13.1


def test_every_other_picture_of_a_close_look_is_one_of_the_usual_look(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=200, fps=24)
    usual, close = clips_of(video), clips_of(video, closely=True)
    assert [clip.start_sec for clip in close[::2]] == pytest.approx([clip.start_sec for clip in usual])
    assert close[0].end_sec == pytest.approx(usual[0].end_sec / 2)
    whole = 2 * len(usual[0].frames)  # of the first two clips
    assert numbers(close)[: 2 * whole : 2] == numbers(usual)[:whole]


def test_times_count_from_the_first_frame(tmp_path: Path) -> None:
    late = write_video(tmp_path / "v.ts", count=110, times=[12.5 + n / 25 for n in range(110)], options={"bf": "0"})
    clips = clips_of(late)
    assert clips[0].start_sec == 0
    assert clips[0].end_sec == pytest.approx(4.08)
    assert numbers(clips)[0] == 0


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("mirrored", [False, True])
def test_turned_pictures_are_shown_upright(degrees: int, mirrored: bool, tmp_path: Path) -> None:
    upright = [numbered(n + 4660, (320, 180)) for n in range(12)]
    stored = [np.rot90(picture, degrees // 90) for picture in upright]
    stored = [picture[:, ::-1] if mirrored else picture for picture in stored]
    size = (stored[0].shape[1], stored[0].shape[0])
    video = write_video(tmp_path / "v.mp4", frames=map(np.ascontiguousarray, stored), size=size, options={"bf": "0"})
    [clip] = clips_of(rotate(video, degrees, mirrored=mirrored))
    assert read_number(clip.frames[0]) == 4660


@pytest.mark.parametrize(
    ("name", "options"),
    {
        "odd.webm": {"size": (321, 181), "codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}},
        "ten_bit.mp4": {"pixel_format": "yuv420p10le"},
        "alpha.mov": {"codec": "png", "pixel_format": "rgba"},
        "alpha.webm": {"codec": "libvpx-vp9", "pixel_format": "yuva420p", "options": {"deadline": "realtime"}},
        "full_range.mp4": {"pixel_format": "yuvj420p"},
        "full_chroma.mkv": {"pixel_format": "yuv444p"},
        "lossless.mkv": {"codec": "ffv1"},
        "prores.mov": {"codec": "prores_ks", "pixel_format": "yuv422p10le"},
        "old.avi": {"codec": "mpeg4"},
        "transport.ts": {"codec": "mpeg2video"},
        "with_sound.mp4": {"audio_sec": 3.0},
        "fragmented.mp4": {"container_options": {"movflags": "frag_keyframe+empty_moov"}},
        "live.webm": {"codec": "libvpx-vp9", "container_options": {"live": "1"}, "options": {"deadline": "realtime"}},
        "bare.h264": {"format": "h264"},
        "tiny.mkv": {"size": (8, 8), "codec": "ffv1"},
    }.items(),
)
def test_formats_of_many_kinds_are_read(name: str, options: dict[str, Any], tmp_path: Path) -> None:
    clips = clips_of(write_video(tmp_path / name, count=60, **options))
    assert len(clips) == 1
    found = numbers(clips)
    assert found[0] <= 2
    assert found == sorted(found)
    assert max(found) >= 50
    assert clips[0].end_sec == pytest.approx(2.4, abs=0.1)


def test_full_and_limited_range_look_the_same(tmp_path: Path) -> None:
    grey = [np.full((96, 128, 3), 200, np.uint8)] * 10
    limited = write_video(tmp_path / "a.mp4", frames=grey, size=(128, 96))
    full = write_video(tmp_path / "b.mp4", frames=grey, size=(128, 96), pixel_format="yuvj420p")
    for video in (limited, full):
        [clip] = clips_of(video)
        assert clip.frames.mean() == pytest.approx(200, abs=4)
        assert clip.mean_luma == pytest.approx(200, abs=4)


def test_dark_bright_and_blurry_clips_are_flagged(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    noise = random.integers(-20, 20, (96, 128, 3))
    for level, wanted in ((30, "low_light"), (232, "over_exposed"), (128, None)):
        pictures = [np.clip(level + noise, 0, 255).astype(np.uint8)] * 8
        video = write_video(tmp_path / f"{level}.mkv", frames=pictures, size=(128, 96), codec="ffv1")
        [clip] = clips_of(video)
        assert clip.flags == ((wanted,) if wanted else ())
    [flat] = clips_of(
        write_video(tmp_path / "f.mp4", frames=[np.full((96, 128, 3), 128, np.uint8)] * 8, size=(128, 96))
    )
    assert flat.flags == ("blurry",)
