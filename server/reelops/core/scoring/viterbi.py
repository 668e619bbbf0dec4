"""The cheapest sequence of steps for a take (Viterbi, 1967), each with a shortest duration."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

UNKNOWN = -1
MIN_UNKNOWN_WINDOWS = 4


def viterbi(
    costs: Floats, unknown: float, jump: float, shortest: Ints, shortest_unknown: int = MIN_UNKNOWN_WINDOWS
) -> tuple[Ints, Ints, Ints]:
    """Finds the cheapest sequence of segments: states (-1 is unknown), first windows and ends.

    `costs` is (windows, steps); a window that is none of the steps costs `unknown`; going on to the next step is free
    and any other change costs `jump`. `shortest` is (steps,), the fewest windows that a stretch of a step can have.
    """
    n, steps = costs.shape
    least = np.minimum(np.append(shortest, shortest_unknown), n)
    path = _viterbi(np.ascontiguousarray(costs, dtype=np.float32), float(unknown), float(jump), least)
    edges = np.flatnonzero(np.diff(path)) + 1
    starts = np.concatenate([[0], edges]).astype(np.int64)
    ends = np.concatenate([edges, [n]]).astype(np.int64)
    states = path[starts]
    return np.where(states == steps, UNKNOWN, states), starts, ends


@njit(cache=True, nogil=True)
def _viterbi(costs: Floats, unknown: float, jump: float, least: Ints) -> Ints:  # pragma: no cover - compiled
    """Fills the table window by window; the last state is unknown. Every change costs the same but for two kinds.

    So a segment's predecessor is the cheapest state, the second cheapest where that is the segment's own, the step
    before, or unknown: time and memory grow with windows x steps.
    """
    n, steps = costs.shape
    total = np.zeros(steps + 1)  # cost of all windows so far
    recent = np.zeros((np.max(least) + 1, steps + 1))  # the same, after each of the latest windows, in turn
    best = np.full((np.max(least) + 1, steps + 1), np.inf)  # cheapest way to a window in a state, for `least` or longer
    cheapest = np.zeros((n, 2), np.int32)  # the two cheapest steps at each window
    came = np.full((n, steps + 1), -2, np.int32)  # -2: stayed; -1: began the take; else: the state before
    ring = best.shape[0]
    for j in range(n):
        now, earlier = best[j % ring], best[(j - 1) % ring]
        after = (j + 1) % ring
        summed = recent[after]
        for k in range(steps + 1):
            here = np.float64(costs[j, k]) if k < steps else unknown
            total[k] += here
            summed[k] = total[k]
            now[k] = np.inf
            first = j + 1 - least[k]
            if first < 0:
                continue
            if j > 0:
                now[k] = earlier[k] + here
            at = after - least[k] if after >= least[k] else after - least[k] + ring  # dividing takes most of the time
            own = total[k] - recent[at, k]
            if first == 0:
                begun = own + (0.0 if k == 0 else jump / 2)
                if begun < now[k]:
                    now[k], came[j, k] = begun, -1
                continue
            before, cost = _entry(best, at - 1 if at > 0 else ring - 1, cheapest, first - 1, k, jump)
            if cost + own < now[k]:
                now[k], came[j, k] = cost + own, before
        _two_least(now[:steps], cheapest[j])
    end = best[(n - 1) % ring]
    for k in range(steps + 1):
        end[k] += 0.0 if k == steps - 1 else jump / 2
    return _path(came, least, int(np.argmin(end)))


@njit(cache=True, nogil=True)
def _entry(
    best: NDArray[np.float64], row: int, cheapest: NDArray[np.int32], window: int, k: int, jump: float
) -> tuple[int, float]:  # pragma: no cover - compiled
    """Finds the state from which going over to `k` is cheapest, the first of equal ones, and what it costs.

    Takes whole tables and where to look in them: a view of a row would be counted, which costs more than the search.
    """
    unknown = best.shape[1] - 1
    other = cheapest[window, 0] if cheapest[window, 0] != k else cheapest[window, 1]
    before, cost = -1, np.inf
    if other >= 0 and other != k:
        before, cost = other, best[row, other] + (jump / 2 if k == unknown else jump)
    if 0 < k < unknown and (best[row, k - 1] < cost or (best[row, k - 1] == cost and k - 1 < before)):
        before, cost = k - 1, best[row, k - 1]
    if k != unknown and best[row, unknown] + jump / 2 < cost:
        before, cost = unknown, best[row, unknown] + jump / 2
    return before, cost


@njit(cache=True, nogil=True)
def _two_least(values: NDArray[np.float64], places: Ints) -> None:  # pragma: no cover - compiled
    places[:] = -1
    for k in range(values.size):
        if places[0] < 0 or values[k] < values[places[0]]:
            places[1], places[0] = places[0], k
        elif places[1] < 0 or values[k] < values[places[1]]:
            places[1] = k


@njit(cache=True, nogil=True)
def _path(came: NDArray[np.int32], least: Ints, state: int) -> Ints:  # pragma: no cover - compiled
    path = np.empty(len(came), np.int64)
    j = len(came) - 1
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
