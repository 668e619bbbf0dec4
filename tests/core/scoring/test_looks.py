"""Which look at a gold video tells its steps."""

from __future__ import annotations

import numpy as np
import pytest
from reelops.core.scoring.looks import FoundSteps, are_short, located, told_by
from reelops.core.scoring.outlining import Outline


def steps(length_sec: float, *, phased: bool, count: int = 5) -> FoundSteps:
    return FoundSteps(tuple(length_sec * n for n in range(count + 1)), phased)


@pytest.mark.parametrize(
    ("usual", "close"),
    [
        pytest.param(steps(4.5, phased=False), steps(4.0, phased=False), id="a few windows to a step"),
        pytest.param(steps(6.0, phased=False), steps(5.5, phased=True), id="phases that windows of 1 s blur"),
        pytest.param(steps(7.0, phased=True), steps(4.0, phased=True), id="pauses that windows of 1 s miss"),
    ],
)
def test_short_steps_are_told_by_a_close_look(usual: FoundSteps, close: FoundSteps) -> None:
    assert told_by(usual, close) is close


@pytest.mark.parametrize(
    ("usual", "close"),
    [
        pytest.param(steps(12.0, phased=True), steps(3.0, phased=True), id="long steps"),
        pytest.param(steps(6.0, phased=False), steps(3.0, phased=True), id="the swings of a tool are no phases"),
        pytest.param(steps(5.0, phased=True), steps(4.0, phased=False), id="phases that a close look missed"),
        pytest.param(steps(6.0, phased=False), steps(6.5, phased=False), id="steps of many windows"),
    ],
)
def test_what_a_close_look_mistakes_is_left(usual: FoundSteps, close: FoundSteps) -> None:
    assert told_by(usual, close) is usual


def test_without_a_close_look_the_usual_one_tells() -> None:
    usual = steps(3.0, phased=False)
    assert told_by(usual, None) is usual


def test_steps_with_phases_count_as_short_for_longer() -> None:
    assert are_short(6.0, phased=True)
    assert not are_short(6.0, phased=False)
    assert are_short(4.0, phased=False)


def test_steps_are_located_in_seconds_by_the_clips_they_were_found_in() -> None:
    clips = [(2.0 * n, 2.0 * n + 2.0) for n in range(10)]
    found = located(Outline(np.array([0, 8, 20, 38]), True), clips, 4)
    assert found == FoundSteps((0.0, 4.0, 10.0, 19.0), True)
    assert found.usual_sec == 6.0
