"""The cheapest sequence of steps for a take (Viterbi, 1967), each with a shortest duration."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

UNKNOWN = -1
MIN_UNKNOWN_WINDOWS = 4


def viterbi(costs: Floats, unknown: float, jump: float, shortest: Ints) -> tuple[Ints, Ints, Ints]:
    """Finds the cheapest sequence of segments: states (-1 is unknown), first windows and ends.

    `costs` is (windows, steps); a window that is none of the steps costs `unknown`; going on to the next step is free
    and any other change costs `jump`. `shortest` is (steps,), the fewest windows that a stretch of a step can have.
    """
    n, steps = costs.shape
    emission = np.column_stack([costs.astype(np.float64), np.full(n, unknown)])
    change = np.full((steps + 1, steps + 1), jump)
    change[np.arange(steps - 1), np.arange(1, steps)] = 0.0
    change[steps, :] = change[:, steps] = jump / 2
    np.fill_diagonal(change, np.inf)
    start = np.full(steps + 1, jump / 2)
    start[0] = 0.0
    finish = np.full(steps + 1, jump / 2)
    finish[steps - 1] = 0.0
    least = np.minimum(np.append(shortest, MIN_UNKNOWN_WINDOWS), n)
    path = _viterbi(emission, change, start, finish, least)
    edges = np.flatnonzero(np.diff(path)) + 1
    starts = np.concatenate([[0], edges]).astype(np.int64)
    ends = np.concatenate([edges, [n]]).astype(np.int64)
    states = path[starts]
    return np.where(states == steps, UNKNOWN, states), starts, ends


@njit(cache=True)
def _viterbi(
    emission: NDArray[np.float64],
    change: NDArray[np.float64],
    start: NDArray[np.float64],
    finish: NDArray[np.float64],
    least: Ints,
) -> Ints:  # pragma: no cover - compiled
    n, count = emission.shape
    total = np.zeros((n + 1, count))
    for j in range(n):
        for k in range(count):
            total[j + 1, k] = total[j, k] + emission[j, k]
    best = np.full((n, count), np.inf)  # cheapest way through window j in state k, there for at least `least`
    came = np.full((n, count), -2, np.int32)  # -2: stayed; -1: began the take; else: the state before
    for j in range(n):
        for k in range(count):
            first = j + 1 - least[k]
            if first < 0:
                continue
            if j > 0 and best[j - 1, k] < np.inf:
                best[j, k] = best[j - 1, k] + emission[j, k]
            own = total[j + 1, k] - total[first, k]
            if first == 0 and start[k] + own < best[j, k]:
                best[j, k] = start[k] + own
                came[j, k] = -1
            if first > 0:
                for before in range(count):
                    cost = best[first - 1, before] + change[before, k] + own
                    if cost < best[j, k]:
                        best[j, k] = cost
                        came[j, k] = before
    path = np.empty(n, np.int64)
    state = np.argmin(best[n - 1] + finish)
    j = n - 1
    while j >= 0:
        came_from = came[j, state]
        if came_from == -2:
            path[j] = state
            j -= 1
            continue
        for back in range(least[state]):
            path[j - back] = state
        j -= least[state]
        if came_from >= 0:
            state = came_from
    return path
