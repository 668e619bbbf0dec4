"""The cheapest sequence of steps for a take (Viterbi, 1967), each with a shortest duration."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Wide = NDArray[np.float64]
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
    """Goes on window by window, each state of its own; the last state is unknown. Time grows with windows x steps.

    A segment that is as short as it may be began `least` windows ago, where the cheapest way to it was noted.
    """
    n, steps = costs.shape
    ring = np.max(least) + 1
    total = np.zeros(steps + 1)  # cost of all windows so far
    best = np.full(steps + 1, np.inf)  # cheapest way to here in a state, for `least` or longer
    recent = np.zeros((ring, steps + 1))  # `total` after each of the latest windows, in turn
    entry = np.full((ring, steps + 1), np.inf)  # the same of what it cost to go over to a state there
    source = np.full((ring, steps + 1), -1, np.int32)  # and from which
    entry[0] = jump / 2
    entry[0, 0] = 0.0
    came = np.full((n, steps + 1), -2, np.int32)  # -2: stayed; -1: began the take; else: the state before
    for j in range(n):
        after = (j + 1) % ring
        for k in range(steps + 1):
            here = np.float64(costs[j, k]) if k < steps else unknown
            total[k] += here
            best[k] += here
            at = after - least[k] if after >= least[k] else after - least[k] + ring  # dividing takes most of the time
            cost = entry[at, k] + (total[k] - recent[at, k])
            if cost < best[k]:
                best[k], came[j, k] = cost, source[at, k]
        recent[after] = total
        _enter(best, jump, entry[after], source[after])
    for k in range(steps + 1):
        best[k] += 0.0 if k == steps - 1 else jump / 2
    return _path(came, least, int(np.argmin(best)))


@njit(cache=True, nogil=True)
def _enter(best: Wide, jump: float, entry: Wide, source: NDArray[np.int32]) -> None:  # pragma: no cover - compiled
    """Finds for each state the one from which going over to it is cheapest, the first of equal ones.

    Every change costs the same but for two kinds, so that is the cheapest step, or the second cheapest where that is
    the state's own, the step before, or unknown.
    """
    unknown = len(best) - 1
    first, second = _two_least(best[:unknown])
    entry[unknown], source[unknown] = best[first] + jump / 2, first
    for k in range(unknown):
        before = first if first != k else second
        cost = best[before] + jump if before >= 0 else np.inf
        if k > 0 and (best[k - 1] < cost or (best[k - 1] == cost and k - 1 < before)):
            before, cost = k - 1, best[k - 1]
        if best[unknown] + jump / 2 < cost:
            before, cost = unknown, best[unknown] + jump / 2
        entry[k], source[k] = cost, before


@njit(cache=True, nogil=True)
def _two_least(values: Wide) -> tuple[int, int]:  # pragma: no cover - compiled
    """Gives the places of the least value and of the next, which is -1 where there is only one."""
    first, second = 0, -1
    for k in range(1, values.size):
        if values[k] < values[first]:
            first, second = k, first
        elif second < 0 or values[k] < values[second]:
            second = k
    return first, second


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
