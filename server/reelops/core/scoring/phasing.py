"""Where the steps of a gold change within, and how a trainee's stretch goes through these phases.

A step is seldom the same from its beginning to its end. What a trainee does is compared with the phase that it is like,
so that fetching counts as the step whose part is fetched.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reelops.core.scoring.nearest import Places, nearest_per_step
from reelops.core.scoring.segmentation import PENALTY, find_steps

Floats = NDArray[np.float32]
Wide = NDArray[np.float64]
Ints = NDArray[np.int64]

KEENEST = 0.15  # of the usual price of a cut
LEAST_PHASE = 2  # windows
LEAST_TOLD = 3  # windows, of gold and trainee, for a phase to be judged by itself
LACKING = 0.5  # of a phase's length in the gold: less of it in a stretch, and it was done elsewhere


@dataclass(frozen=True, slots=True)
class Phases:
    """The phases of a gold's steps, and how near a trainee's windows are to them.

    `edges` are boundaries in windows, those of `gold_steps` among them. `costs` is (windows, phases), the mean distance
    to the nearest gold windows of each; `nearest` is (windows, steps), the nearest gold window of each step.
    """

    edges: Ints
    gold_steps: Ints
    costs: Floats
    nearest: Places

    def of(self, step: int) -> range:
        """Gives the phases of a step."""
        first, end = np.searchsorted(self.edges, self.gold_steps[step : step + 2])
        return range(int(first), int(end))

    def length(self, phase: int) -> int:
        """Gives how many windows a phase has in the gold."""
        return int(self.edges[phase + 1] - self.edges[phase])

    def lacks(self, step: int, start: int, end: int, *, last: bool) -> bool:
        """Says whether a trainee's stretch of a step lacks its first, or its last, phase."""
        own = self.of(step)
        if len(own) < 2:
            return False
        phase = own[-1] if last else own[0]
        seen = self.nearest[start:end, step]
        there = np.count_nonzero((seen >= self.edges[phase]) & (seen < self.edges[phase + 1]))
        return bool(there < LACKING * self.length(phase))

    def within(self, step: int, start: int, end: int) -> list[tuple[int, int, int]]:
        """Gives where the phases of a step lie in a trainee's stretch of it, in order: (phase, start, end).

        The cheapest division of the stretch; phases that are too short to be judged are left out.
        """
        own = self.of(step)
        if len(own) < 2:
            return []
        edges = _divided(self.costs[start:end, own.start : own.stop])
        return [
            (phase, start + first, start + last)
            for phase, (first, last) in zip(own, pairwise(edges), strict=True)
            if last - first >= LEAST_TOLD and self.length(phase) >= LEAST_TOLD
        ]


def phases_within(gold: Floats, gold_steps: Ints, points: Wide | None = None) -> Ints:
    """Finds where the gold changes within its steps, as boundaries in windows; those of the steps are among them.

    `points` are the components of the gold's windows where they are known already.
    """
    cuts = find_steps(gold, penalty=KEENEST * PENALTY, min_windows=LEAST_PHASE, points=points)
    apart = np.abs(cuts[:, None] - gold_steps[None, :]).min(axis=1)
    return np.union1d(gold_steps, cuts[apart >= LEAST_PHASE])


def nearest_phases(gold: Floats, trainee: Floats, gold_steps: Ints, edges: Ints) -> tuple[Floats, Phases]:
    """Measures each trainee window against the phase of every step that it is nearest to: (windows, steps)."""
    costs, nearest = nearest_per_step(gold, trainee, edges)
    step_costs, step_nearest = _of_steps(costs, nearest, np.searchsorted(edges, gold_steps))
    return step_costs, Phases(edges, gold_steps, costs, step_nearest)


@njit(cache=True, nogil=True)
def _of_steps(costs: Floats, nearest: Places, firsts: Ints) -> tuple[Floats, Places]:  # pragma: no cover - compiled
    """Takes of each step's phases, which begin at `firsts`, the nearest: (windows, steps)."""
    n, steps = len(costs), len(firsts) - 1
    step_costs, step_nearest = np.empty((n, steps), np.float32), np.empty((n, steps), np.int32)
    for i in range(n):
        for step in range(steps):
            best = firsts[step]
            for phase in range(best + 1, firsts[step + 1]):
                if costs[i, phase] < costs[i, best]:
                    best = phase
            step_costs[i, step], step_nearest[i, step] = costs[i, best], nearest[i, best]
    return step_costs, step_nearest


def _divided(costs: Floats) -> list[int]:
    """Divides windows among phases in their order as cheaply as can be: their edges, (phases + 1,)."""
    windows, phases = costs.shape
    sums = np.vstack([np.zeros(phases), np.cumsum(costs, axis=0)])
    later = np.triu(np.ones((windows + 1, windows + 1), dtype=bool))
    best, came = sums[:, 0], []
    for phase in range(1, phases):
        total = np.where(later, (best - sums[:, phase])[:, None] + sums[None, :, phase], np.inf)
        came.append(total.argmin(axis=0))
        best = total.min(axis=0)
    edges = [windows]
    for back in reversed(came):
        edges.append(int(back[edges[-1]]))
    return [0, *reversed(edges)]
