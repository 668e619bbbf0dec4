"""A privacy mask hides its rectangles and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from reelops.errors import Invalid
from reelops.infra.media import ClipGeometry, PrivacyMask, read_clips

from tests.media import write_video

SCENE = np.random.default_rng(5).integers(0, 256, (60, 80, 3)).astype(np.uint8)


@pytest.mark.parametrize("mode", ["black", "blur", "pixelate"])
def test_detail_goes_inside_and_stays_outside(mode: str) -> None:
    mask = PrivacyMask.parse("0.25:0.5:0.75:1; 0:0:0.1:0.1", mode=mode)
    assert mask is not None
    hidden = mask.apply(SCENE)
    inside = hidden[30:60, 20:60]
    assert np.abs(np.diff(inside.astype(int), axis=1)).mean() < 12
    assert np.abs(np.diff(SCENE[30:60, 20:60].astype(int), axis=1)).mean() > 60
    np.testing.assert_array_equal(hidden[:30, 10:], SCENE[:30, 10:])
    assert (hidden[:6, :8] != SCENE[:6, :8]).any()


@pytest.mark.parametrize("text", ["", " ; ;", ";"])
def test_no_rectangle_is_no_mask(text: str) -> None:
    assert PrivacyMask.parse(text) is None


@pytest.mark.parametrize("text", ["1:2:3", "a:b:c:d", "0.5:0:0.2:1", "0:0:1.2:1", "-0.1:0:1:1", "nan:0:1:1", "0:0:0:1"])
def test_what_is_no_rectangle_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        PrivacyMask.parse(text)
    assert caught.value.code == "PRIVACY_MASK_INVALID"


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(Invalid):
        PrivacyMask.parse("0:0:1:1", mode="sparkle")


@pytest.mark.parametrize("text", ["0:0:0.001:0.001", "0.999:0.999:1:1", "0:0:1:1"])
@pytest.mark.parametrize("mode", ["black", "blur", "pixelate"])
def test_the_smallest_and_the_largest_rectangle_work(text: str, mode: str) -> None:
    mask = PrivacyMask.parse(text, mode=mode)
    assert mask is not None
    assert mask.apply(SCENE).shape == SCENE.shape


def test_clips_are_masked(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", frames=[np.full((96, 128, 3), 180, np.uint8)] * 20, size=(128, 96))
    mask = PrivacyMask.parse("0:0:0.5:1")
    [clip] = read_clips(video, ClipGeometry(4, 32, 32), mask=mask)
    assert clip.frames[:, :, :16].max() == 0
    assert clip.frames[:, :, 17:].min() > 150
