"""Reads a trainee's take as a sequence of the gold's steps, in any order, with stretches that are none of them.

A hidden semi-Markov reading with a shortest duration (Ferguson, 1980; Rabiner, 1989), found by Viterbi over windows of
about 1 s. Before it, each take is freed of its own background; after a first reading the remaining difference between
the cameras is estimated from the steps that were matched, taken away, and the take is read again, as speech
recognisers do with channels. Only arrays go in and out, and memory grows with steps x windows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reelops.core.scoring.adaptation import Part, adapted, both_adapted
from reelops.core.scoring.colours import colours_of, window_colours
from reelops.core.scoring.departures import measure_of
from reelops.core.scoring.nearest import inner, nearest_per_step
from reelops.core.scoring.phases import changes
from reelops.core.scoring.phasing import nearest_phases, phases_within
from reelops.core.scoring.refining import Refinement
from reelops.core.scoring.viterbi import MIN_UNKNOWN_WINDOWS, UNKNOWN, viterbi

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

MIN_SEGMENT_WINDOWS = 3
MIN_SHARE = 0.5  # of a step's usual length: a shorter stretch is not that step
ROUNDS = 3
PHASED_SHARE = 0.6  # of a step, where steps have phases: something unknown or extra is no shorter
PHASE_COST = 1.2  # times the distance at which a window is unknown: what is done slowly is less alike
JUMP = 0.6  # windows of unknown footage that an unexpected change of step must be worth
UNKNOWN_SHARE = 0.5  # of the way from a usual match to another step
NEVER = 1e6  # before the takes are laid over each other, nothing can be called unknown


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a trainee's take reads in terms of the gold's steps. All positions are windows.

    `gold_steps` is (steps + 1,). `states`, `starts`, `ends` are one per trainee segment; a state is a gold step or -1.
    `costs` is (trainee windows, steps): the mean distance to the nearest gold windows of each step. `nearest` is
    (trainee windows,): the gold window that each was matched with, -1 where unknown. `unknown_cost` is the distance at
    which a window counts as none of the steps; `spread` is (steps,), the distance within each step of the gold.
    `departures` are (segments, steps, channels + colours): how far each segment as a whole is from each step in each
    channel, and in how much moves in each colour.
    `phased` says that the gold's steps are made of phases.
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
    departures: Floats
    channels: int = 1
    phased: bool = False


def decode(
    gold: Floats,
    trainee: Floats,
    gold_steps: Ints,
    *,
    channels: int = 1,
    grid: tuple[int, int] | None = None,
    moving: tuple[Floats, Floats] | None = None,
    phased: bool = False,
    edges: Ints | None = None,
    cuts: Ints | None = None,
) -> Decoding:
    """Reads the trainee's windows (n, dimensions) as steps of the gold's (m, dimensions).

    A window is `channels` maps, each of the cells of `grid` row by row; without a grid nothing is registered. `moving`
    is how much moves in each colour in the gold's windows, (m, colours), and in the trainee's, (n, colours). `edges`
    are those of the gold's phases (`phases_within`), `cuts` where the trainee changes; what is not given is found.
    `phased` says that steps are made of phases.
    """
    moving = moving or (np.zeros((len(gold), 0), np.float32), np.zeros((len(trainee), 0), np.float32))
    own = adapted(gold, [(0, len(gold))])
    if gold.shape == trainee.shape and np.array_equal(gold, trainee):
        return replace(_itself(own, gold_steps, channels, moving[0]), phased=phased)
    seen = adapted(trainee, [(0, len(trainee))])
    lengths = np.diff(gold_steps)
    shortest = np.maximum(np.round(MIN_SHARE * lengths), np.clip(lengths - 1, 1, MIN_SEGMENT_WINDOWS)).astype(np.int64)
    coloured = window_colours(moving[0]), window_colours(moving[1])
    shortest_unknown = max(MIN_UNKNOWN_WINDOWS, round(PHASED_SHARE * float(np.median(lengths))) if phased else 0)
    edges = phases_within(gold, gold_steps) if edges is None else edges
    for turn in range(ROUNDS):
        mine, theirs = (np.hstack([w, c]) for w, c in zip((own, seen), coloured, strict=True))
        within, between = step_distances(mine, gold_steps)
        scale = float(np.median(between)) if len(between) else 0.0
        costs, phases = nearest_phases(mine, theirs, gold_steps, edges)
        match = float(np.median(costs.min(axis=1)))
        unknown = _unknown_cost(match, within, scale) if turn else NEVER
        states, starts, ends = viterbi(costs, unknown, JUMP * min(unknown, scale), shortest, shortest_unknown)
        if turn + 1 < ROUNDS:
            parts = matched_parts(gold_steps, states, starts, ends)
            own, seen = both_adapted(gold, trainee, parts, channels, grid)
            coloured = coloured[0], window_colours(moving[1], colours_of(*moving, parts).shift)
    colours = colours_of(*moving, matched_parts(gold_steps, states, starts, ends))
    measure = measure_of(own, seen, gold_steps, channels, colours)
    cuts = changes(trainee) if cuts is None else cuts
    by_phase = measure_of(own, seen, edges, channels, colours)
    phase_cost = PHASE_COST * unknown if phased else 0.0
    refinement = Refinement(gold_steps, costs, measure, cuts, phases, by_phase, phase_cost)
    stretches = refinement.refined(states, starts, ends)
    states, starts, ends = np.array([(one.state, one.start, one.end) for one in stretches], dtype=np.int64).T
    departures = refinement.departures(stretches)
    matched = np.full(len(trainee), UNKNOWN, dtype=np.int64)
    for state, start, end in zip(states, starts, ends, strict=True):
        if state != UNKNOWN:
            matched[start:end] = phases.nearest[start:end, state]
    return Decoding(
        gold_steps, states, starts, ends, costs, matched, unknown, match, scale, within, departures, channels, phased
    )


def _itself(gold: Floats, gold_steps: Ints, channels: int, moving: Floats) -> Decoding:
    """Reads the gold as what it is, however little its steps may be told apart."""
    within, between = step_distances(gold, gold_steps)
    costs, nearest = nearest_per_step(gold, gold, gold_steps)
    states = np.arange(len(gold_steps) - 1, dtype=np.int64)
    matched = nearest[np.arange(len(gold)), np.repeat(states, np.diff(gold_steps))]
    match, scale = float(np.median(within)), float(np.median(between))
    parts = [((int(a), int(b)), (int(a), int(b))) for a, b in pairwise(gold_steps)]
    measure = measure_of(gold, gold, gold_steps, channels, colours_of(moving, moving, parts))
    departures = np.stack([measure.departure(int(a), int(b)) for a, b in pairwise(gold_steps)])
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
        departures,
        channels,
    )


def matched_parts(gold_steps: Ints, states: Ints, starts: Ints, ends: Ints) -> list[tuple[Part, Part]]:
    """Pairs each step that was found with its longest stretch in the trainee's take."""
    longest: dict[int, Part] = {}
    for state, start, end in zip(states.tolist(), starts.tolist(), ends.tolist(), strict=True):
        first, last = longest.get(state, (0, 0))
        if state != UNKNOWN and end - start > last - first:
            longest[state] = (start, end)
    return [((int(gold_steps[s]), int(gold_steps[s + 1])), part) for s, part in sorted(longest.items())]


def step_distances(gold: Floats, gold_steps: Ints) -> tuple[Floats, Floats]:
    """Measures the gold itself: the usual distance within each step, and to the nearest other step."""
    steps = len(gold_steps) - 1
    spans = [inner(int(a), int(b)) for a, b in pairwise(gold_steps)]
    costs, _ = nearest_per_step(gold, np.concatenate([gold[first:end] for first, end in spans]), gold_steps)
    edges = np.cumsum([0, *(end - first for first, end in spans)])
    within = np.zeros(steps, dtype=np.float32)
    between = np.zeros(steps, dtype=np.float32)
    for step in range(steps):
        means = costs[edges[step] : edges[step + 1]].mean(axis=0)
        within[step] = means[step]
        between[step] = np.delete(means, step).min() if steps > 1 else 0.0
    return within, between


def _unknown_cost(match: float, within: Floats, between: float) -> float:
    """Puts the limit half way from how this take usually matches to how far other steps are."""
    usual = max(match, float(np.median(within)))
    return max(usual + UNKNOWN_SHARE * max(between - usual, 0.0), 1.3 * usual, 1e-3)
