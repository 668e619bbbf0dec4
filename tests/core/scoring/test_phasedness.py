"""Steps are said to be made of phases where one change explains most of what varies within them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from reelops.core.scoring.phasedness import are_phased

Wide = NDArray[np.float64]
STEPS, LENGTH, DIMENSIONS = 6, 9, 12


def work(seed: int, *, fetching: int, swing: float = 1.0, drift: float = 0.0) -> tuple[Wide, NDArray[np.int64]]:
    """Points of steps that swing about a place of their own, after `fetching` windows at another, and their boundaries.

    `drift` is how far a step moves from its beginning to its end.
    """
    print("seed", seed)
    rng = np.random.default_rng(seed)
    points = []
    for _ in range(STEPS):
        here, there, tool, way = rng.normal(size=(4, DIMENSIONS)) * 3
        at = np.arange(LENGTH)
        place = np.where((at < fetching)[:, None], there, here)
        points.append(place + swing * np.sin(2.1 * at + rng.uniform(0, 6))[:, None] * tool / 3)
        points[-1] += drift * (at / LENGTH - 0.5)[:, None] * way / 3
    return np.concatenate(points) + 0.2 * rng.normal(size=(STEPS * LENGTH, DIMENSIONS)), np.arange(STEPS + 1) * LENGTH


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("fetching", [3, 5])
def test_steps_that_fetch_before_they_work_have_phases(seed: int, fetching: int) -> None:
    assert are_phased(*work(seed, fetching=fetching))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("swing", [0.0, 1.0, 3.0])
def test_the_swings_of_a_tool_are_no_phases(seed: int, swing: float) -> None:
    assert not are_phased(*work(seed, fetching=0, swing=swing))


@pytest.mark.parametrize("seed", range(6))
def test_a_slow_drift_is_no_phase(seed: int) -> None:
    assert not are_phased(*work(seed, fetching=0, drift=1.0))


@pytest.mark.parametrize("seed", range(6))
def test_one_step_with_phases_does_not_make_a_procedure_of_them(seed: int) -> None:
    points, steps = work(seed, fetching=0)
    other, _ = work(seed, fetching=4)
    points[:LENGTH] = other[:LENGTH]
    assert not are_phased(points, steps)


def test_what_has_one_step_or_stands_still_has_no_phases() -> None:
    points, _ = work(0, fetching=4)
    assert not are_phased(points, np.array([0, len(points)]))
    assert not are_phased(np.zeros((30, 4)), np.array([0, 10, 20, 30]))
    assert not are_phased(points[:9], np.array([0, 3, 6, 9]))
