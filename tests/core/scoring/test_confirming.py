"""Pauses within a step are not its end, and what lies between two that are close together is no step."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from reelops.core.scoring.confirming import confirmed, whole

Wide = NDArray[np.float64]
Ints = NDArray[np.int64]
STEPS, LENGTH, DIMENSIONS = 7, 10, 12
ENDS = np.arange(STEPS + 1) * LENGTH


def work(seed: int, *, apart: float = 3.0) -> Wide:
    """Points of steps that swing about a place of their own."""
    print("seed", seed)
    rng = np.random.default_rng(seed)
    places = apart * rng.normal(size=(STEPS, DIMENSIONS))
    swings = np.sin(2.1 * np.arange(STEPS * LENGTH))[:, None] * np.repeat(rng.normal(size=(STEPS, 12)), LENGTH, axis=0)
    shown: Wide = np.repeat(places, LENGTH, axis=0) + swings + 0.2 * rng.normal(size=swings.shape)
    return shown


def moved(*numbers: int, by: int) -> Ints:
    steps = ENDS.copy()
    steps[list(numbers)] += by
    return steps


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("by", [-4, -2, 2, 4])
@pytest.mark.parametrize("numbers", [(1,), (4,), (6,)])
def test_an_end_that_lies_in_the_middle_of_a_step_is_moved_to_the_change(
    seed: int, by: int, numbers: tuple[int, ...]
) -> None:
    assert confirmed(work(seed), moved(*numbers, by=by)).tolist() == ENDS.tolist()


@pytest.mark.parametrize("seed", range(6))
def test_ends_beside_the_change_are_left(seed: int) -> None:
    steps = moved(2, 5, by=1)
    assert confirmed(work(seed), steps).tolist() == steps.tolist()


@pytest.mark.parametrize("seed", range(6))
def test_ends_are_left_where_most_lie_elsewhere(seed: int) -> None:
    steps = moved(1, 2, 4, 5, by=3)
    assert confirmed(work(seed), steps).tolist() == steps.tolist()


@pytest.mark.parametrize("seed", range(6))
def test_an_end_within_a_slow_change_is_left(seed: int) -> None:
    points = work(seed)
    before, after = points[2 * LENGTH : 3 * LENGTH].mean(axis=0), points[3 * LENGTH : 4 * LENGTH].mean(axis=0)
    points[2 * LENGTH : 4 * LENGTH] = np.linspace(before, after, 2 * LENGTH)
    steps = moved(3, by=2)
    assert confirmed(points, steps).tolist() == steps.tolist()


@pytest.mark.parametrize("steps", [[0, 4], [0, 1, 2], [0, 1, 2, 3, 4], [0, 2, 4]])
def test_a_few_windows_and_footage_that_stands_still_are_left(steps: list[int]) -> None:
    assert confirmed(np.zeros((steps[-1], 3)), np.array(steps)).tolist() == steps


@pytest.mark.parametrize(
    ("told", "joined"),
    [
        pytest.param([0, 20, 23, 40, 44, 60], [0, 22, 42, 60], id="between steps"),
        pytest.param([0, 3, 20, 40, 57, 60], [0, 20, 40, 60], id="at the ends"),
        pytest.param([0, 20, 23, 26, 40, 60], [0, 24, 40, 60], id="three pauses in a row"),
        pytest.param([0, 9, 13, 22], [0, 9, 13, 22], id="half as long is a step"),
        pytest.param([0, 20, 25, 45], [0, 20, 25, 45], id="so are some seconds"),
        pytest.param([0, 2, 60], [0, 2, 60], id="two steps"),
        pytest.param([0, 60], [0, 60], id="one step"),
    ],
)
def test_pauses_with_hardly_anything_between_them_are_one(told: list[int], joined: list[int]) -> None:
    assert whole(np.array(told)).tolist() == joined
