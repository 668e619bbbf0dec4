"""The best frame is one that a person would choose."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter
from reelops.errors import Cancelled, Invalid, NotFound
from reelops.infra.media import PrivacyMask, best_moment

from tests.media import Pixels, write_video

_SIZE = (320, 180)
_FPS = 10


def _scene(seed: int) -> Pixels:
    """A picture full of coloured shapes with hard edges."""
    chance = np.random.default_rng(seed)
    picture = np.full((_SIZE[1], _SIZE[0], 3), 110, np.uint8)
    for _ in range(120):
        x, y = chance.integers(0, _SIZE[0]), chance.integers(0, _SIZE[1])
        wide, tall = chance.integers(8, 40, 2)
        picture[y : y + tall, x : x + wide] = chance.integers(20, 235, 3)
    return picture


def _blurred(picture: Pixels, radius: float) -> Pixels:
    return np.array(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))


def _card() -> Pixels:
    card = np.full((_SIZE[1], _SIZE[0], 3), 12, np.uint8)
    card[80:100, 90:230] = 240
    return card


def _film() -> list[Pixels]:
    """Two seconds each of black, blur, a sharp scene, a restless one, and a card at the end."""
    black = [np.zeros((_SIZE[1], _SIZE[0], 3), np.uint8)] * 20
    blur = [_blurred(_scene(1), 5)] * 20
    sharp = [_scene(2)] * 20
    restless = [np.roll(_blurred(_scene(3), 2), 23 * place, axis=1) for place in range(20)]
    return [*black, *blur, *sharp, *restless, *([_card()] * 20)]


@pytest.mark.parametrize("interval", [5, 250])
def test_the_sharp_and_quiet_part_is_chosen(interval: int, tmp_path: Path) -> None:
    options = {"g": str(interval), "sc_threshold": "0"}
    video = write_video(tmp_path / "v.mp4", frames=_film(), fps=_FPS, size=_SIZE, options=options)
    assert 4.0 <= best_moment(video) < 6.0


def test_times_count_from_the_first_frame(tmp_path: Path) -> None:
    times = [30 + place / _FPS for place in range(100)]
    video = write_video(tmp_path / "v.ts", frames=_film(), fps=_FPS, size=_SIZE, times=times, options={"g": "5"})
    assert 4.0 <= best_moment(video) < 6.0


def test_what_the_mask_hides_does_not_count(tmp_path: Path) -> None:
    left, right = _blurred(_scene(4), 6), _blurred(_scene(5), 6)
    left[:, : _SIZE[0] // 2] = _scene(6)[:, : _SIZE[0] // 2]
    right[:, _SIZE[0] // 2 :] = _blurred(_scene(7), 1)[:, _SIZE[0] // 2 :]
    frames = [left] * 20 + [right] * 20
    video = write_video(tmp_path / "v.mp4", frames=frames, fps=_FPS, size=_SIZE, options={"g": "5"})
    assert best_moment(video) < 2.0
    assert best_moment(video, mask=PrivacyMask.parse("0:0:0.5:1")) >= 2.0


def test_progress_grows_to_the_end(tmp_path: Path) -> None:
    told: list[float] = []
    best_moment(write_video(tmp_path / "v.mp4", count=40), on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_one_frame_is_the_best_of_one(tmp_path: Path) -> None:
    assert best_moment(write_video(tmp_path / "v.mp4", count=1)) == 0.0


def test_it_stops_when_asked_and_refuses_what_is_no_video(tmp_path: Path) -> None:
    asked = threading.Event()
    asked.set()
    with pytest.raises(Cancelled):
        best_moment(write_video(tmp_path / "v.mp4", count=40), cancelled=asked)
    (tmp_path / "junk.mp4").write_bytes(b"no video" * 100)
    with pytest.raises(Invalid):
        best_moment(tmp_path / "junk.mp4")
    with pytest.raises(NotFound):
        best_moment(tmp_path / "nowhere.mp4")
