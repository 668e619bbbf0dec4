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

from reelops.core.scoring.registration import register

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Part = tuple[int, int]  # first window and end

UNKNOWN = -1
MIN_SEGMENT_WINDOWS = 3
MIN_UNKNOWN_WINDOWS = 4
MIN_SHARE = 0.5  # of a step's usual length: a shorter stretch is not that step
ROUNDS = 3
JUMP = 0.6  # windows of unknown footage that an unexpected change of step must be worth
EVENNESS = 0.3  # how far the dimensions keep their own scale: 0 makes all alike
QUIET = 0.05  # of the usual energy: below it a window is near the background and its direction means nothing
STILLNESS = 0.02  # deviation below which footage counts as static, in the unit of the embedding
UNKNOWN_SHARE = 0.5
SHORTEST_WITH_ENDS = 5  # windows
LEAST_TRUST = 0.05
NEVER = 1e6  # before the takes are laid over each other, nothing can be called unknown
BLOCK = 512  # trainee windows compared at once


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a trainee's take reads in terms of the gold's steps. All positions are windows.

    `gold_steps` is (steps + 1,). `states`, `starts`, `ends` are one per trainee segment; a state is a gold step or -1.
    `costs` is (trainee windows, steps): the mean distance to the nearest gold windows of each step. `nearest` is
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


def decode(
    gold: Floats, trainee: Floats, gold_steps: Ints, *, channels: int = 1, grid: tuple[int, int] | None = None
) -> Decoding:
    """Reads the trainee's windows (n, dimensions) as steps of the gold's (m, dimensions).

    A window is `channels` maps, each of the cells of `grid` row by row; without a grid nothing is registered.
    """
    own = adapted(gold, [(0, len(gold))])
    if gold.shape == trainee.shape and np.array_equal(gold, trainee):
        return _itself(own, gold_steps)
    seen = adapted(trainee, [(0, len(trainee))])
    lengths = np.diff(gold_steps)
    shortest = np.maximum(np.round(MIN_SHARE * lengths), np.clip(lengths - 1, 1, MIN_SEGMENT_WINDOWS)).astype(np.int64)
    for turn in range(ROUNDS):
        within, between = step_distances(own, gold_steps)
        scale = float(np.median(between)) if len(between) else 0.0
        costs, nearest = nearest_per_step(own, seen, gold_steps)
        match = float(np.median(costs.min(axis=1)))
        unknown = _unknown_cost(match, within, scale) if turn else NEVER
        states, starts, ends = viterbi(costs, unknown, JUMP * min(unknown, scale), shortest)
        if turn + 1 < ROUNDS:
            parts = _matched_parts(gold_steps, states, starts, ends)
            own, seen = _both_adapted(gold, trainee, parts, channels, grid)
    matched = np.full(len(trainee), UNKNOWN, dtype=np.int64)
    for state, start, end in zip(states, starts, ends, strict=True):
        if state != UNKNOWN:
            matched[start:end] = nearest[start:end, state]
    return Decoding(gold_steps, states, starts, ends, costs, matched, unknown, match, scale, within)


def _itself(gold: Floats, gold_steps: Ints) -> Decoding:
    """Reads the gold as what it is, however little its steps may be told apart."""
    within, between = step_distances(gold, gold_steps)
    costs, nearest = nearest_per_step(gold, gold, gold_steps)
    states = np.arange(len(gold_steps) - 1, dtype=np.int64)
    matched = nearest[np.arange(len(gold)), np.repeat(states, np.diff(gold_steps))]
    match, scale = float(np.median(within)), float(np.median(between))
    return Decoding(
        gold_steps,
        states,
        gold_steps[:-1],
        gold_steps[1:],
        costs,
        matched,
        _unknown_cost(match, within, scale),
        match,
        scale,
        within,
    )


def adapted(windows: Floats, parts: list[Part], weights: NDArray[np.float64] | None = None) -> Floats:
    """Frees a take of what belongs to its camera, light and bench, and gives windows of length near 1.

    Each dimension is centred and scaled by what it is and does over `parts` (first, end), each counting alike however
    long it is, and weighted; then neighbours are averaged, which makes the phase of a motion matter less.
    """
    means = np.stack([windows[first:end].mean(axis=0) for first, end in parts])
    centre = means.mean(axis=0)
    powers = np.stack([((windows[first:end] - centre) ** 2).mean(axis=0) for first, end in parts])
    deviation = np.sqrt(powers.mean(axis=0))
    overall = max(float(np.sqrt(np.mean(deviation**2))), STILLNESS)
    scaled = (windows - centre) / (deviation + EVENNESS * overall)
    if weights is not None:
        scaled = scaled * weights
    smooth = _smoothed(scaled)
    lengths = np.sqrt((smooth * smooth).sum(axis=1, keepdims=True) + QUIET * smooth.shape[1])
    return np.asarray(smooth / lengths, dtype=np.float32)


def _smoothed(windows: Floats) -> Floats:
    """Averages three neighbours, taking of the three groups a window belongs to the most even one.

    So that nothing is mixed across a change of step (Kuwahara et al., 1976).
    """
    padded = np.concatenate([windows[:1], windows, windows[-1:]])
    mean = (padded[:-2] + padded[1:-1] + padded[2:]) / 3
    unevenness = sum(((padded[i : i + len(windows)] - mean) ** 2).sum(axis=1) for i in range(3))
    around = np.pad(np.asarray(unevenness), 1, constant_values=np.inf)
    choices = np.stack([around[1:-1], around[:-2], around[2:]])  # the middle one first: it wins a tie
    offset = np.array([0, -1, 1])[choices.argmin(axis=0)]
    return np.asarray(mean[np.arange(len(windows)) + offset], dtype=np.float32)


def _matched_parts(gold_steps: Ints, states: Ints, starts: Ints, ends: Ints) -> list[tuple[Part, Part]]:
    """Pairs each step that was found with its longest stretch in the trainee's take."""
    longest: dict[int, Part] = {}
    for state, start, end in zip(states.tolist(), starts.tolist(), ends.tolist(), strict=True):
        first, last = longest.get(state, (0, 0))
        if state != UNKNOWN and end - start > last - first:
            longest[state] = (start, end)
    return [((int(gold_steps[s]), int(gold_steps[s + 1])), part) for s, part in sorted(longest.items())]


def _both_adapted(
    gold: Floats, trainee: Floats, parts: list[tuple[Part, Part]], channels: int, grid: tuple[int, int] | None
) -> tuple[Floats, Floats]:
    """Adapts both takes over the steps that both of them have, so that a missing or extra step shifts neither."""
    if len(parts) < 2:
        return adapted(gold, [(0, len(gold))]), adapted(trainee, [(0, len(trainee))])
    gold_parts, trainee_parts = [part for part, _ in parts], [part for _, part in parts]
    if grid is not None:
        moved = register(_maps(gold, gold_parts, channels), _maps(trainee, trainee_parts, channels), grid)
        shape = (len(trainee), channels, grid[0] * grid[1])
        trainee = np.asarray(trainee.reshape(shape) @ moved.T.astype(np.float32)).reshape(trainee.shape)
    trust = _trust(_maps(gold, gold_parts, channels), _maps(trainee, trainee_parts, channels))
    weights = np.repeat(np.sqrt(trust), gold.shape[1] // channels)
    return adapted(gold, gold_parts, weights), adapted(trainee, trainee_parts, weights)


def _maps(windows: Floats, parts: list[Part], channels: int) -> NDArray[np.float64]:
    """Gives the mean map of each part, less what all parts have in common, each channel of equal power."""
    means = np.stack([windows[first:end].mean(axis=0) for first, end in parts]).astype(np.float64)
    maps = (means - means.mean(axis=0)).reshape(len(parts), channels, -1)
    power = np.sqrt((maps**2).mean(axis=(0, 2), keepdims=True))
    return np.asarray(maps / np.maximum(power, STILLNESS))


def _trust(gold: NDArray[np.float64], trainee: NDArray[np.float64]) -> NDArray[np.float64]:
    """Says of each channel how far both takes agree in it over the steps: a new sleeve takes weight from colour."""
    apart = np.median(((gold - trainee) ** 2).sum(axis=2), axis=0)
    power = np.median((gold**2 + trainee**2).sum(axis=2), axis=0)
    agreement = np.clip(1.0 - apart / np.maximum(power, 1e-9), LEAST_TRUST, 1.0)
    return np.asarray(agreement / agreement.mean())


def nearest_per_step(gold: Floats, trainee: Floats, gold_steps: Ints) -> tuple[Floats, Ints]:
    """Measures each trainee window against every step: mean distance to its nearest windows there, and the nearest.

    The third of a step's windows that is nearest counts, two at least, and the ends of a step do not count: one window
    on the wrong side of a boundary would make two steps alike.
    """
    n, steps = len(trainee), len(gold_steps) - 1
    costs = np.empty((n, steps), dtype=np.float32)
    nearest = np.empty((n, steps), dtype=np.int64)
    for first in range(0, n, BLOCK):
        distance = distances(trainee[first : first + BLOCK], gold)
        for step in range(steps):
            start, end = inner(int(gold_steps[step]), int(gold_steps[step + 1]))
            own = distance[:, start:end]
            count = min(end - start, max(2, (end - start) // 3))
            costs[first : first + BLOCK, step] = np.partition(own, count - 1, axis=1)[:, :count].mean(axis=1)
            nearest[first : first + BLOCK, step] = own.argmin(axis=1) + start
    return costs, nearest


def inner(first: int, end: int) -> Part:
    """Leaves out both ends of a stretch that is long enough for it."""
    return (first + 1, end - 1) if end - first >= SHORTEST_WITH_ENDS else (first, end)


def distances(a: Floats, b: Floats) -> Floats:
    """Gives half the squared distance, which is 1 - cosine for rows of length 1: (rows of a, rows of b)."""
    product = a @ b.T
    lengths = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None, :]
    return np.asarray(np.maximum(lengths / 2 - product, 0.0), dtype=np.float32)


def step_distances(gold: Floats, gold_steps: Ints) -> tuple[Floats, Floats]:
    """Measures the gold itself: the usual distance within each step, and to the nearest other step."""
    steps = len(gold_steps) - 1
    costs, _ = nearest_per_step(gold, gold, gold_steps)
    within = np.zeros(steps, dtype=np.float32)
    between = np.zeros(steps, dtype=np.float32)
    for step in range(steps):
        first, end = inner(int(gold_steps[step]), int(gold_steps[step + 1]))
        means = costs[first:end].mean(axis=0)
        within[step] = means[step]
        between[step] = np.delete(means, step).min() if steps > 1 else 0.0
    return within, between


def _unknown_cost(match: float, within: Floats, between: float) -> float:
    """Puts the limit half way from how this take usually matches to how far other steps are."""
    usual = max(match, float(np.median(within)))
    return max(usual + UNKNOWN_SHARE * max(between - usual, 0.0), 1.3 * usual, 1e-3)


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
