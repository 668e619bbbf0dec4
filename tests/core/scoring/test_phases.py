"""What is found fast against the same thing written out plainly."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from reelops.core.scoring.moments import moments
from reelops.core.scoring.phases import FAINT, NEARBY, changes, pauses, phased_steps, unphased_steps
from reelops.core.scoring.segmentation import components
from reelops.core.scoring.settling import settled

Floats = NDArray[np.float32]


def paused(seed: int, *, steps: int, dimensions: int) -> tuple[Floats, NDArray[np.int64]]:
    """A take of steps of 6 windows, the first of each the same pause."""
    print("seed", seed)
    rng = np.random.default_rng(seed)
    windows = np.repeat(2 * rng.normal(size=(steps, dimensions)), 6, axis=0)
    windows[::6] = (windows[::6] + np.roll(windows, 6, axis=0)[::6]) / 2 + 3 * rng.normal(size=dimensions)
    windows += 0.05 * rng.normal(size=windows.shape)
    return windows.astype(np.float32), np.arange(0, 6 * steps + 1, 6, dtype=np.int64)


def plain_pauses(windows: Floats, cuts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Compares every moment with every other, one by one."""
    near = moments(windows.astype(np.float64), (cuts[:, None] + np.array(NEARBY)).ravel())
    near = near.reshape(len(cuts), len(NEARBY), -1)
    near = near / np.maximum(np.sqrt((near**2).sum(axis=2, keepdims=True)), 1e-6)
    alike = np.array([[0.0 if i == j else near[i, 1] @ near[j, 1] for j in range(len(cuts))] for i in range(len(cuts))])
    common = np.linalg.eigh(alike)[1][:, -1] * np.sqrt(len(cuts))
    common *= np.sign(common[0] if abs(common[0]) > 0.05 else common.sum())
    again = []
    for i in range(len(cuts)):
        beside = [
            sum(near[i, a] @ near[j, 1] * common[j] for j in range(len(cuts)) if j != i) / (len(cuts) - 1)
            for a in range(len(NEARBY))
        ]
        again.append(max(beside, key=abs))
    return np.array(again) / max(float(np.sqrt(np.mean(np.square(again)))), FAINT)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("dimensions", [12, 60], ids=["more cuts than dimensions", "fewer cuts than dimensions"])
def test_pauses_are_those_of_comparing_every_pair(seed: int, dimensions: int) -> None:
    windows, cuts = paused(seed, steps=30, dimensions=dimensions)
    np.testing.assert_allclose(pauses(windows, cuts), plain_pauses(windows, cuts), atol=1e-6)


def test_known_components_change_nothing() -> None:
    windows, _ = paused(5, steps=12, dimensions=80)
    points = components(windows)
    for find in (phased_steps, unphased_steps):
        np.testing.assert_array_equal(find(windows), find(windows, points), find.__name__)


def test_what_stays_on_the_bench_is_taken_away_and_what_comes_and_goes_is_kept() -> None:
    rng = np.random.default_rng(6)
    print("seed", 6)
    windows = np.zeros((48, 20), dtype=np.float32)
    windows[:, :4] = np.repeat(rng.choice([-2.0, 2.0], size=(4, 4)), 12, axis=0)  # what is done
    windows[24:, 10] += 5.0  # what is put down half way
    windows += 0.02 * rng.normal(size=windows.shape).astype(np.float32)
    left = settled(windows, changes(windows))
    assert np.abs(left[26:, 10] - left[:22, 10].mean()).max() < 0.5
    np.testing.assert_allclose(left[:, 11:], windows[:, 11:], atol=0.2)
