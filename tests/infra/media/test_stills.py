"""Single pictures are those shown at the moment asked for."""

from __future__ import annotations

import io
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from reelops.errors import Cancelled
from reelops.infra.media import PrivacyMask, encode_jpeg, frame_at, frames_at, probe, still_at

from tests.media import numbered, read_number, rotate, write_video


@pytest.mark.parametrize("name", ["v.mp4", "v.mkv", "v.ts", "v.avi", "v.h264"])
def test_the_picture_is_the_one_shown_at_that_moment(name: str, tmp_path: Path) -> None:
    codec = "mpeg4" if name.endswith("avi") else "libx264"
    video = write_video(tmp_path / name, count=400, codec=codec, options={"g": "60"} if codec == "libx264" else None)
    moments = [0.0, 0.02, 0.04, 3.5, 3.52, 9.99, 15.0, 15.96, 99.0, 4.0, 4.0]
    pictures = frames_at(video, moments, max_side=128)
    assert [read_number(picture) for picture in pictures] == [0, 0, 1, 87, 88, 249, 375, 399, 399, 100, 100]


@pytest.mark.parametrize("name", ["v.mp4", "v.mkv", "v.h264"])
def test_a_still_knows_how_long_it_is_shown(name: str, tmp_path: Path) -> None:
    video = write_video(tmp_path / name, count=200, options={"g": "60"})
    for moment, number, begin, end in ((0.0, 0, 0.0, 0.04), (5.01, 125, 5.0, 5.04), (7.97, 199, 7.96, 8.0)):
        still = still_at(video, moment, max_side=128)
        assert read_number(still.picture) == number
        assert still.begin_sec == pytest.approx(begin, abs=0.001)
        assert still.end_sec == pytest.approx(end, abs=0.001)
    late = still_at(video, 8.5, max_side=128)
    assert read_number(late.picture) == 199
    assert late.end_sec == pytest.approx(8.0, abs=0.001)


def test_a_still_is_given_up_when_nobody_wants_it(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=50)
    with pytest.raises(Cancelled):
        still_at(video, 1.0, max_side=128, cancelled=lambda: True)


def test_any_order_of_moments_gives_the_same_pictures(tmp_path: Path) -> None:
    seed = random.randrange(10_000)
    print(f"seed {seed}")
    chance = random.Random(seed)
    late = write_video(tmp_path / "v.ts", count=500, times=[7 + n / 25 for n in range(500)])
    shown = [chance.randrange(498) for _ in range(12)]
    moments = [(number + chance.uniform(0.05, 0.95)) / 25 for number in shown]
    batch = [read_number(picture) for picture in frames_at(late, moments, max_side=96)]
    assert batch == shown
    assert batch[0] == read_number(frame_at(late, moments[0], max_side=96))


def test_pictures_are_upright_small_and_square_in_their_pixels(tmp_path: Path) -> None:
    video = rotate(write_video(tmp_path / "v.mp4", count=10, size=(320, 180)), 90)
    assert frame_at(video, 0, max_side=160).shape == (160, 90, 3)
    assert (probe(video).width, probe(video).height, probe(video).rotation) == (180, 320, 270)
    assert frame_at(video, 0, max_side=4000).shape == (320, 180, 3)


def test_the_privacy_mask_covers_stills(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", frames=[np.full((90, 160, 3), 200, np.uint8)] * 5, size=(160, 90))
    picture = frame_at(video, 0, max_side=160, mask=PrivacyMask.parse("0.5:0:1:1"))
    assert picture[:, 80:].max() == 0
    assert picture[:, :79].min() > 180


def test_a_jpeg_shows_the_picture(tmp_path: Path) -> None:
    picture = numbered(1234, (160, 90))
    image = Image.open(io.BytesIO(encode_jpeg(picture, 80)))
    assert image.format == "JPEG"
    assert read_number(np.asarray(image)) == 1234


def test_probing_says_what_the_header_says(tmp_path: Path) -> None:
    info = probe(write_video(tmp_path / "v.mp4", count=50, fps=10, size=(160, 90), audio_sec=2))
    assert (info.width, info.height, info.codec, info.pixel_format) == (160, 90, "h264", "yuv420p")
    assert info.source_fps == 10
    assert info.duration_sec == pytest.approx(5, abs=0.1)
    assert info.has_audio
    assert not probe(write_video(tmp_path / "w.mkv", count=5)).has_audio
    assert probe(write_video(tmp_path / "x.h264", count=20, format="h264")).duration_sec is None
