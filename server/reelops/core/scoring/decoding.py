"""Reads a trainee's take as a sequence of the gold's steps, in any order, with stretches that are none of them.

A hidden semi-Markov reading with a shortest duration (Ferguson, 1980; Rabiner, 1989), found by Viterbi over windows of
about 1 s. Before it, each take is freed of its own background; after a first reading the remaining difference between
the cameras is estimated from the steps that were matched, taken away, and the take is read again, as speech
recognisers do with channels. Only arrays go in and out, and memory grows with steps x windows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

UNKNOWN = -1
MIN_SEGMENT_WINDOWS = 2
ROUNDS = 3
JUMP = 2.5  # windows of unknown footage that an unexpected change of step must be worth
BLOCK = 512  # trainee windows compared at once


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a trainee's take reads in terms of the gold's steps. All positions are windows.

    `gold_steps` is (steps + 1,). `states`, `starts`, `ends` are one per trainee segment; a state is a gold step or -1.
    `costs` is (trainee windows, steps): the squared distance to the nearest gold window of each step. `nearest` is
    (trainee windows,): the gold window that each was matched with, -1 where unknown. `unknown_cost` is the distance at
    which a window counts as none of the steps; `spread` is (steps,), the distance within each step of the gold.
    """

    gold_steps: Ints
    states: Ints
    starts: Ints
    ends: Ints
    costs: Floats
    nearest: Ints
    unknown_cost: float
    match_cost: float
    between_cost: float
    spread: Floats


def decode(gold: Floats, trainee: Floats, gold_steps: Ints) -> Decoding:
    """Reads the trainee's windows (n, dimensions) as steps of the gold's (m, dimensions)."""
    gold = centred(gold)
    trainee = centred(trainee)
    within, between = step_distances(gold, gold_steps)
    scale = float(np.median(between)) if len(between) else 0.0
    adapted, match = trainee, 0.0
    for turn in range(ROUNDS):
        costs, nearest = nearest_per_step(gold, adapted, gold_steps)
        match = _match_cost(costs)
        unknown = _unknown_cost(match, within, scale)
        states, starts, ends = viterbi(costs, unknown, JUMP * unknown)
        if turn + 1 < ROUNDS:
            adapted = _adapted(gold, adapted, gold_steps, states, starts, ends)
    matched = np.full(len(trainee), UNKNOWN, dtype=np.int64)
    for state, start, end in zip(states, starts, ends, strict=True):
        if state != UNKNOWN:
            matched[start:end] = nearest[start:end, state]
    return Decoding(gold_steps, states, starts, ends, costs, matched, unknown, match, scale, within)


def centred(windows: Floats) -> Floats:
    """Takes away a take's own background: what most of its windows have in common."""
    return np.asarray(windows - np.median(windows, axis=0), dtype=np.float32)


def nearest_per_step(gold: Floats, trainee: Floats, gold_steps: Ints) -> tuple[Floats, Ints]:
    """Finds each trainee window's nearest gold window within every step: squared distances and window numbers."""
    n, steps = len(trainee), len(gold_steps) - 1
    costs = np.empty((n, steps), dtype=np.float32)
    nearest = np.empty((n, steps), dtype=np.int64)
    for first in range(0, n, BLOCK):
        distance = squared_distances(trainee[first : first + BLOCK], gold)
        for step in range(steps):
            own = distance[:, gold_steps[step] : gold_steps[step + 1]]
            best = own.argmin(axis=1)
            costs[first : first + BLOCK, step] = np.take_along_axis(own, best[:, None], axis=1)[:, 0]
            nearest[first : first + BLOCK, step] = best + gold_steps[step]
    return costs, nearest


def squared_distances(a: Floats, b: Floats) -> Floats:
    """Gives (rows of a, rows of b)."""
    product = a @ b.T
    lengths = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None, :]
    return np.asarray(np.maximum(lengths - 2 * product, 0.0), dtype=np.float32)


def step_distances(gold: Floats, gold_steps: Ints) -> tuple[Floats, Floats]:
    """Measures the gold itself: the usual distance within each step, and to the nearest other step."""
    steps = len(gold_steps) - 1
    within = np.zeros(steps, dtype=np.float32)
    between = np.zeros(steps, dtype=np.float32)
    costs, _ = nearest_per_step(gold, gold, gold_steps)
    for step in range(steps):
        first, end = gold_steps[step], gold_steps[step + 1]
        own = squared_distances(gold[first:end], gold[first:end])
        own[np.diag_indices(end - first)] = np.inf
        within[step] = np.median(own.min(axis=1)) if end - first > 1 else 0.0
        others = np.delete(costs[first:end], step, axis=1)
        between[step] = np.median(others.min(axis=1)) if steps > 1 else 0.0
    return within, between


def _match_cost(costs: Floats) -> float:
    return float(np.median(costs.min(axis=1)))


def _unknown_cost(match: float, within: Floats, between: float) -> float:
    usual = max(match, float(np.median(within)))
    return max(usual + 0.5 * max(between - usual, 0.0), 1.5 * usual, 1e-3)


def _adapted(gold: Floats, trainee: Floats, gold_steps: Ints, states: Ints, starts: Ints, ends: Ints) -> Floats:
    """Takes away what all matched steps of the trainee have in common against the gold's."""
    offsets = [
        trainee[start:end].mean(axis=0) - gold[gold_steps[state] : gold_steps[state + 1]].mean(axis=0)
        for state, start, end in zip(states, starts, ends, strict=True)
        if state != UNKNOWN
    ]
    if len(offsets) < 2:
        return trainee
    return np.asarray(trainee - np.median(offsets, axis=0), dtype=np.float32)


def viterbi(costs: Floats, unknown: float, jump: float) -> tuple[Ints, Ints, Ints]:
    """Finds the cheapest sequence of segments: states (-1 is unknown), first windows and ends.

    `costs` is (windows, steps); a window that is none of the steps costs `unknown`; going on to the next step is free
    and any other change costs `jump`.
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
    shortest = min(MIN_SEGMENT_WINDOWS, n)
    path = _viterbi(emission, change, start, finish, shortest)
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
    shortest: int,
) -> Ints:  # pragma: no cover - compiled
    n, count = emission.shape
    total = np.zeros((n + 1, count))
    for j in range(n):
        for k in range(count):
            total[j + 1, k] = total[j, k] + emission[j, k]
    best = np.full((n, count), np.inf)  # cheapest way through window j in state k, there for at least `shortest`
    came = np.full((n, count), -2, np.int32)  # -2: stayed; -1: began the take; else: the state before
    for j in range(shortest - 1, n):
        first = j + 1 - shortest
        for k in range(count):
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
        for back in range(shortest):
            path[j - back] = state
        j -= shortest
        if came_from >= 0:
            state = came_from
    return path
