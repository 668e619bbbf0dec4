"""The plan of sampling follows the source's frame rate."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reelops.infra.media import plan_sampling


@pytest.mark.parametrize(
    ("fps", "stride", "window"),
    [
        (25, 6, 17),
        (30, 8, 15),
        (29.97, 7, 17),
        (24, 6, 16),
        (60, 15, 16),
        (12, 3, 16),
        (4, 1, 16),
        (1, 1, 4),
        (0.1, 1, 1),
    ],
)
def test_about_four_frames_a_second_in_windows_of_about_four_seconds(fps: float, stride: int, window: int) -> None:
    plan = plan_sampling(fps)
    assert (plan.stride, plan.window) == (stride, window)
    assert plan.sampled_fps == pytest.approx(fps / stride)


@pytest.mark.parametrize("fps", [0, -25, math.nan, math.inf, 1_000_000])
def test_a_frame_rate_that_no_video_has_counts_as_thirty(fps: float) -> None:
    assert plan_sampling(fps) == plan_sampling(30)


@given(st.floats())
def test_any_number_gives_a_usable_plan(fps: float) -> None:
    plan = plan_sampling(fps)
    assert plan.stride >= 1
    assert 1 <= plan.least_tail <= plan.window
    assert math.isfinite(plan.interval_sec)


@pytest.mark.parametrize("fps", [25, 29.97, 12, 4])
def test_a_close_look_is_twice_as_often_in_clips_half_as_long(fps: float) -> None:
    usual, close = plan_sampling(fps), plan_sampling(fps, closely=True)
    assert close.interval_sec == pytest.approx(usual.interval_sec / 2)
    assert close.window == usual.window
