"""One turn of reading a trainee's take: the cheapest sequence of steps for windows as they are adapted so far.

A hidden semi-Markov reading with a shortest duration (Ferguson, 1980; Rabiner, 1989), found by Viterbi over windows of
about 1 s.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reelops.core.scoring.nearest import inner, nearest_per_step
from reelops.core.scoring.phasing import Phases, nearest_phases
from reelops.core.scoring.sums import Part, means_of
from reelops.core.scoring.viterbi import UNKNOWN, viterbi

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

JUMP = 0.6  # windows of unknown footage that an unexpected change of step must be worth
UNKNOWN_SHARE = 0.5  # of the way from a usual match to another step
NEVER = 1e6  # before the takes are laid over each other, nothing can be called unknown


@dataclass(frozen=True, slots=True)
class Course:
    """The gold's steps and phases, as boundaries in windows, and how short a stretch of a step, or of none, can be."""

    steps: Ints
    edges: Ints
    shortest: Ints
    shortest_unknown: int


@dataclass(frozen=True, slots=True)
class Turn:
    """What was read of two takes as they are adapted to each other so far.

    `states`, `starts`, `ends`, `costs` and `spread` are those of `Decoding`; `unknown`, `match` and `between` are
    its costs.
    """

    course: Course
    costs: Floats
    phases: Phases
    unknown: float
    match: float
    between: float
    spread: Floats
    states: Ints
    starts: Ints
    ends: Ints

    def matched(self) -> list[tuple[Part, Part]]:
        """Pairs each step that was found with its longest stretch in the trainee's take."""
        longest: dict[int, Part] = {}
        for state, start, end in zip(self.states.tolist(), self.starts.tolist(), self.ends.tolist(), strict=True):
            first, last = longest.get(state, (0, 0))
            if state != UNKNOWN and end - start > last - first:
                longest[state] = (start, end)
        steps = self.course.steps
        return [((int(steps[s]), int(steps[s + 1])), part) for s, part in sorted(longest.items())]


def read_turn(gold: Floats, trainee: Floats, course: Course, *, first: bool = False) -> Turn:
    """Reads the trainee's adapted windows, their colours among them, as steps of the gold's."""
    within, between = step_distances(gold, course.steps)
    scale = float(np.median(between)) if len(between) else 0.0
    costs, phases = nearest_phases(gold, trainee, course.steps, course.edges)
    match = float(np.median(costs.min(axis=1)))
    unknown = NEVER if first else unknown_cost(match, within, scale)
    read = viterbi(costs, unknown, JUMP * min(unknown, scale), course.shortest, course.shortest_unknown)
    return Turn(course, costs, phases, unknown, match, scale, within, *read)


def step_distances(gold: Floats, gold_steps: Ints) -> tuple[Floats, Floats]:
    """Measures the gold itself: the usual distance within each step, and to the nearest other step."""
    steps = len(gold_steps) - 1
    spans = [inner(int(a), int(b)) for a, b in pairwise(gold_steps)]
    costs, _ = nearest_per_step(gold, np.concatenate([gold[first:end] for first, end in spans]), gold_steps)
    edges = np.cumsum([0, *(end - first for first, end in spans)])
    means = means_of(costs, [*pairwise(edges)]).astype(np.float32)
    within = means.diagonal().copy()
    np.fill_diagonal(means, np.inf)
    return within, means.min(axis=1) if steps > 1 else np.zeros(1, np.float32)


def unknown_cost(match: float, within: Floats, between: float) -> float:
    """Puts the limit half way from how this take usually matches to how far other steps are."""
    usual = max(match, float(np.median(within)))
    return max(usual + UNKNOWN_SHARE * max(between - usual, 0.0), 1.3 * usual, 1e-3)
