"""Which look at a gold video tells its steps."""

from __future__ import annotations

import numpy as np
import pytest
from reelops.core.scoring.looks import FoundSteps, are_short, located, seldom, told_by
from reelops.core.scoring.outlining import Outline


def steps(length_sec: float, *, phased: bool, count: int = 5) -> FoundSteps:
    return FoundSteps(tuple(length_sec * n for n in range(count + 1)), phased)


def told(*boundaries_sec: float, phased: bool = False) -> FoundSteps:
    return FoundSteps(boundaries_sec, phased)


@pytest.mark.parametrize(
    ("usual", "close"),
    [
        pytest.param(steps(4.5, phased=False), steps(4.0, phased=False), id="a few windows to a step"),
        pytest.param(steps(6.0, phased=False), steps(5.5, phased=True), id="phases that windows of 1 s blur"),
        pytest.param(told(0, 6, 12, 24), told(0, 6, 12, 18, 24), id="a step that the usual look missed"),
        pytest.param(told(0, 10, 20, 30), told(0, 10.5, 20, 30), id="the same steps, seen better"),
        pytest.param(told(0, 7, 12, 22, 30), told(0, 7, 12, 17, 22, 30), id="more steps that are hardly less even"),
        pytest.param(told(0, 8, 12, 20), told(0, 7, 14, 20), id="as many steps that are more even"),
        pytest.param(told(0, 6, 8, 14, 20), told(0, 7, 14, 20), id="fewer steps that are far more even"),
    ],
)
def test_a_close_look_is_believed(usual: FoundSteps, close: FoundSteps) -> None:
    assert told_by(usual, close) == close


@pytest.mark.parametrize(
    ("usual", "close"),
    [
        pytest.param(steps(12.0, phased=True), steps(3.0, phased=True), id="turns of the hand in long steps"),
        pytest.param(steps(6.0, phased=False), steps(3.0, phased=True), id="the swings of a tool are no phases"),
        pytest.param(steps(6.0, phased=True), steps(4.0, phased=False), id="phases that a close look missed"),
        pytest.param(told(0, 6, 12, 18, 24), told(0, 6, 8, 12, 18, 24), id="a step that a close look divided"),
        pytest.param(told(0, 6, 13, 19, 26), told(0, 13, 26), id="steps that a close look joined"),
        pytest.param(told(0, 6, 12, 18, 23, 29), told(0, 6, 12, 23, 29), id="a step that a close look missed"),
    ],
)
def test_what_a_close_look_mistakes_is_left(usual: FoundSteps, close: FoundSteps) -> None:
    assert told_by(usual, close) is usual


@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True)])
def test_long_steps_have_phases_where_both_looks_see_them(first: bool, second: bool) -> None:
    both = told_by(steps(10.0, phased=True), steps(10.0, phased=True))
    one = told_by(steps(10.0, phased=first), steps(10.0, phased=second))
    assert both.phased
    assert not one.phased


def test_a_close_look_gives_as_many_glimpses_a_second_as_the_usual_one() -> None:
    glimpses = np.zeros((3, 16, 2, 4), dtype=np.float32)
    assert seldom(glimpses).shape == (3, 8, 2, 4)


@pytest.mark.parametrize("away", [6, 7, 21])
def test_hands_that_are_away_for_one_frame_of_a_close_look_are_still_seen_away(away: int) -> None:
    rng = np.random.default_rng(away)
    bench = rng.normal(size=(2, 12))
    shown = np.repeat(bench[None], 32, axis=0)
    for at in (at for at in range(32) if at != away):
        shown[at, :, rng.choice(12, 4, replace=False)] += 2.0
    found = seldom(shown.reshape(2, 16, 2, 12).astype(np.float32)).reshape(-1, 2, 12)
    assert np.abs(found[away // 2] - bench).max() < 1e-6


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
