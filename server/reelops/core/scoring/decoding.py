"""Reads a trainee's take as a sequence of the gold's steps, in any order, with stretches that are none of them.

It is read in turns. Before the first, each take is freed of its own background; after it the remaining difference
between the cameras is estimated from the steps that were matched, taken away, and the take is read again, as speech
recognisers do with channels. Only arrays go in and out, and memory grows with steps x windows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reelops.core.scoring.adaptation import adapted, both_adapted
from reelops.core.scoring.colours import colours_of, tones_of, window_colours
from reelops.core.scoring.departures import ONE_KIND, Kinds, Measure, measure_of, unevenness_of
from reelops.core.scoring.nearest import nearest_per_step
from reelops.core.scoring.phases import changes
from reelops.core.scoring.phasing import phases_within
from reelops.core.scoring.refining import Refinement
from reelops.core.scoring.turns import Course, Turn, read_turn, step_distances, unknown_cost
from reelops.core.scoring.viterbi import MIN_UNKNOWN_WINDOWS, UNKNOWN

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

TURNS = 3
MIN_SEGMENT_WINDOWS = 3
MIN_SHARE = 0.5  # of a step's usual length: a shorter stretch is not that step
PHASED_SHARE = 0.6  # of a step, where steps have phases: something unknown or extra is no shorter
PHASE_COST = 1.2  # times the distance at which a window is unknown: what is done slowly is less alike


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a trainee's take reads in terms of the gold's steps. All positions are windows.

    `gold_steps` is (steps + 1,). `states`, `starts`, `ends` are one per trainee segment; a state is a gold step or -1.
    `costs` is (trainee windows, steps): the mean distance to the nearest gold windows of each step. `nearest` is
    (trainee windows,): the gold window that each was matched with, -1 where unknown. `unknown_cost` is the distance at
    which a window counts as none of the steps; `spread` is (steps,), the distance within each step of the gold.
    `departures` are (segments, channels + colours + tones), as many of each as `kinds` says: how far each segment as a
    whole is from its step in each channel, in how much moves in each colour, and in what there is of each tone beyond
    the usual; an unknown one is from none.
    `phased` says that the gold's steps are made of phases; `lost` is how many windows of the gold and of the trainee's
    take were too few for a clip at the end, where that is known.
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
    kinds: Kinds = ONE_KIND
    phased: bool = False
    lost: tuple[float, float] | None = None


def decode(
    gold: Floats,
    trainee: Floats,
    gold_steps: Ints,
    *,
    channels: int = 1,
    grid: tuple[int, int] | None = None,
    moving: tuple[Floats, Floats] | None = None,
    palettes: tuple[Floats, Floats] | None = None,
    phased: bool = False,
    edges: Ints | None = None,
    cuts: Ints | None = None,
) -> Decoding:
    """Reads the trainee's windows (n, dimensions) as steps of the gold's (m, dimensions).

    A window is `channels` maps, each of the cells of `grid` row by row; without a grid nothing is registered. `moving`
    is how much moves in each colour in the gold's windows, (m, colours), and in the trainee's, (n, colours);
    `palettes` are the shares of the picture that have each tone, in the same way. `edges` are those of the gold's
    phases (`phases_within`), `cuts` where the trainee changes; what is not given is found. `phased` says that steps are
    made of phases.
    """
    nothing = np.zeros((len(gold), 0), np.float32), np.zeros((len(trainee), 0), np.float32)
    moving, palettes = moving or nothing, palettes or nothing
    own = adapted(gold, [(0, len(gold))])
    if gold.shape == trainee.shape and np.array_equal(gold, trainee):
        return replace(_itself(own, gold_steps, channels, moving[0], palettes[0]), phased=phased)
    seen = adapted(trainee, [(0, len(trainee))])
    course = _course(gold_steps, phases_within(gold, gold_steps) if edges is None else edges, phased=phased)
    mine, theirs = (window_colours(side) for side in moving)
    for turn in range(TURNS - 1):
        parts = read_turn(np.hstack([own, mine]), np.hstack([seen, theirs]), course, first=turn == 0).matched()
        own, seen = both_adapted(gold, trainee, parts, channels, grid)
        theirs = window_colours(moving[1], colours_of(*moving, parts).shift)
    last = read_turn(np.hstack([own, mine]), np.hstack([seen, theirs]), course)
    matched = last.matched()
    measure = measure_of(own, seen, gold_steps, channels, colours_of(*moving, matched), tones_of(*palettes, matched))
    cuts = changes(trainee) if cuts is None else cuts
    return replace(_refined(last, own, measure, cuts, phased=phased), phased=phased)


def _course(gold_steps: Ints, edges: Ints, *, phased: bool) -> Course:
    """Says what a stretch must have to be read as a step, or as none."""
    lengths = np.diff(gold_steps)
    shortest = np.maximum(np.round(MIN_SHARE * lengths), np.clip(lengths - 1, 1, MIN_SEGMENT_WINDOWS)).astype(np.int64)
    shortest_unknown = max(MIN_UNKNOWN_WINDOWS, round(PHASED_SHARE * float(np.median(lengths))) if phased else 0)
    return Course(gold_steps, edges, shortest, shortest_unknown)


def _refined(turn: Turn, gold: Floats, measure: Measure, cuts: Ints, *, phased: bool) -> Decoding:
    """Sets the last reading right, `gold` being adapted, and measures it."""
    steps, phases = turn.course.steps, turn.phases
    bare = measure.without_tones()
    unevenness = unevenness_of(gold, steps, bare)
    by_phase = measure.by(gold, turn.course.edges)
    phase_cost = PHASE_COST * turn.unknown if phased else 0.0
    refinement = Refinement(steps, turn.costs, bare, unevenness, cuts, phases, by_phase.without_tones(), phase_cost)
    stretches = refinement.refined(turn.states, turn.starts, turn.ends)
    states, starts, ends = np.array([(one.state, one.start, one.end) for one in stretches], dtype=np.int64).T
    nearest = np.full(len(turn.costs), UNKNOWN, dtype=np.int64)
    for one in stretches:
        if one.state != UNKNOWN:
            nearest[one.start : one.end] = phases.nearest[one.start : one.end, one.state]
    return Decoding(
        steps,
        states,
        starts,
        ends,
        turn.costs,
        nearest,
        turn.unknown,
        turn.match,
        turn.between,
        turn.spread,
        refinement.departures(stretches, measure, by_phase),
        measure.kinds,
    )


def _itself(gold: Floats, gold_steps: Ints, channels: int, moving: Floats, palette: Floats) -> Decoding:
    """Reads the gold as what it is, however little its steps may be told apart."""
    within, between = step_distances(gold, gold_steps)
    costs, nearest = nearest_per_step(gold, gold, gold_steps)
    states = np.arange(len(gold_steps) - 1, dtype=np.int64)
    matched = nearest[np.arange(len(gold)), np.repeat(states, np.diff(gold_steps))].astype(np.int64)
    match, scale = float(np.median(within)), float(np.median(between))
    parts = [((int(a), int(b)), (int(a), int(b))) for a, b in pairwise(gold_steps)]
    measure = measure_of(
        gold, gold, gold_steps, channels, colours_of(moving, moving, parts), tones_of(palette, palette, parts)
    )
    departures = np.vstack([measure.departure(a, b, step) for step, ((a, b), _) in enumerate(parts)])
    return Decoding(
        gold_steps,
        states,
        gold_steps[:-1],
        gold_steps[1:],
        costs,
        matched,
        unknown_cost(match, within, scale),
        match,
        scale,
        within,
        departures,
        measure.kinds,
    )
