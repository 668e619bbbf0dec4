"""The compiled loops of the reading against plain ones."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reelops.core.scoring.moments import AROUND, moments
from reelops.core.scoring.nearest import BLOCK, inner, nearest_per_step
from reelops.core.scoring.viterbi import MIN_UNKNOWN_WINDOWS, UNKNOWN, viterbi


def plainly(
    gold: NDArray[np.float32], trainee: NDArray[np.float32], steps: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean distance to the nearest third of each step, and the distance to its nearest window, all at once."""
    distance = ((trainee[:, None, :].astype(np.float64) - gold[None]) ** 2).sum(axis=2) / 2
    costs, least = [], []
    for a, b in pairwise(steps):
        start, end = inner(int(a), int(b))
        own = np.sort(distance[:, start:end], axis=1)
        costs.append(own[:, : min(end - start, max(2, (end - start) // 3))].mean(axis=1))
        least.append(own[:, 0])
    return np.stack(costs, axis=1), np.stack(least, axis=1)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=9),
    n=st.one_of(st.integers(1, 30), st.integers(BLOCK - 1, BLOCK + 2)),
    distinct=st.booleans(),
)
def test_the_nearest_windows_of_each_step_are_those_that_sorting_finds(
    seed: int, lengths: list[int], n: int, distinct: bool
) -> None:
    rng = np.random.default_rng(seed)
    steps = np.cumsum([0, *lengths])
    draw = rng.normal if distinct else lambda size: rng.integers(-1, 2, size=size)  # with many equal distances
    gold, trainee = (np.asarray(draw(size=(count, 3)), dtype=np.float32) for count in (int(steps[-1]), n))
    costs, nearest = nearest_per_step(gold, trainee, steps)
    expected, least = plainly(gold, trainee, steps)
    np.testing.assert_allclose(costs, expected, atol=1e-5)
    found = ((trainee[:, None, :].astype(np.float64) - gold[nearest]) ** 2).sum(axis=2) / 2
    np.testing.assert_allclose(found, least, atol=1e-5)
    assert (nearest >= steps[:-1]).all()
    assert (nearest < steps[1:]).all()


def table(costs: NDArray[np.float32], unknown: float, jump: float, shortest: NDArray[np.int64]) -> float:
    """The least cost over all predecessors of every segment, tried one by one."""
    n, steps = costs.shape
    emission = np.column_stack([costs.astype(np.float64), np.full(n, unknown)])
    total = np.concatenate([np.zeros((1, steps + 1)), np.cumsum(emission, axis=0)])
    least = np.minimum([*shortest, MIN_UNKNOWN_WINDOWS], n)
    best = np.full((n + 1, steps + 1), np.inf)  # cheapest way whose last segment, of this state, ends here
    for end in range(1, n + 1):
        for k in range(steps + 1):
            for first in range(end - least[k] + 1):
                own = total[end, k] - total[first, k]
                come = [best[first, b] + change(b, k, steps, jump) for b in range(steps + 1) if b != k]
                entry = (0.0 if k == 0 else jump / 2) if first == 0 else min(come, default=np.inf)
                best[end, k] = min(best[end, k], entry + own)
    return float(min(best[n, k] + (0.0 if k == steps - 1 else jump / 2) for k in range(steps + 1)))


def change(before: int, after: int, unknown: int, jump: float) -> float:
    if unknown in (before, after):
        return jump / 2
    return 0.0 if after == before + 1 else jump


@pytest.mark.parametrize("seed", range(25))
def test_the_reading_costs_no_more_than_trying_every_change_of_step(seed: int) -> None:
    print("seed", seed)
    rng = np.random.default_rng(seed)
    n, steps = int(rng.integers(1, 26)), int(rng.integers(1, 7))
    costs = rng.random((n, steps)).astype(np.float32)
    shortest = rng.integers(1, 7, size=steps)
    unknown, jump = float(rng.uniform(0.1, 0.9)), float(rng.uniform(0.0, 0.6))
    states, starts, ends = viterbi(costs, unknown, jump, shortest)
    assert ends.tolist() == [*starts[1:].tolist(), n]
    total = (states[0] != 0) * jump / 2 + (states[-1] != steps - 1) * jump / 2
    for a, b in pairwise(states):
        total += jump / 2 if UNKNOWN in (a, b) else 0.0 if b == a + 1 else jump
    for state, start, end in zip(states, starts, ends, strict=True):
        total += unknown * (end - start) if state == UNKNOWN else float(costs[start:end, state].sum())
        assert end - start >= min(n, MIN_UNKNOWN_WINDOWS if state == UNKNOWN else shortest[state])
    assert total == pytest.approx(table(costs, unknown, jump, shortest), abs=1e-5)


def moment(wide: NDArray[np.float64], cut: int) -> NDArray[np.float64]:
    """One moment, with numpy's medians."""
    n = len(wide)
    if cut <= 0:
        return np.asarray(wide[0] - np.median(wide[1 : 1 + AROUND], axis=0))
    if cut >= n:
        return np.asarray(wide[-1] - np.median(wide[max(0, n - 1 - AROUND) : n - 1], axis=0))
    before = np.median(wide[max(0, cut - 1 - AROUND) : max(1, cut - 1)], axis=0)
    after = np.median(wide[min(n - 1, cut + 1) : cut + 1 + AROUND], axis=0)
    way = after - before
    both = wide[cut - 1 : cut + 1] - before
    share = np.clip(both @ way / (way @ way + 1e-9), 0.0, 1.0)
    return np.asarray((both - share[:, None] * way).sum(axis=0) / max(float(np.sqrt(way @ way)), 1e-6))


@pytest.mark.parametrize("n", [2, 3, 4, 5, 8, 40])
def test_moments_are_what_medians_leave(n: int) -> None:
    print("seed", n)
    wide = np.random.default_rng(n).normal(size=(n, 7))
    cuts = np.arange(-1, n + 2)
    np.testing.assert_allclose(moments(wide, cuts), [moment(wide, int(cut)) for cut in cuts], atol=1e-9)
