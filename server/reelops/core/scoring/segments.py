"""The stretches that a trainee's take is made of, and which of them stands for which step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reelops.core.scoring.decoding import Decoding
from reelops.core.scoring.departures import ONE_KIND, Kinds
from reelops.core.scoring.nearest import inner
from reelops.core.scoring.viterbi import UNKNOWN

BEGUN = 0.2  # of a step of the gold: where a segment starts later there, its beginning is not among what was read
DRAWN_OUT = 1.2  # times as long as the gold's step such a segment is at least, if what comes before it is its beginning


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the trainee's take, in windows.

    `state` is a gold step or -1; `fit` is its mean distance to that step, ends left out; `departure` is (kinds,): how
    far it is as a whole from that step in each channel, in each colour of what moves, and in each tone. Both are of
    what was read as the step, without a beginning that was restored.
    """

    state: int
    start: int
    end: int
    fit: float
    departure: NDArray[np.float32]
    kinds: Kinds = ONE_KIND

    @property
    def length(self) -> int:
        """The number of windows."""
        return self.end - self.start


def segments_of(decoding: Decoding) -> list[Segment]:
    """Lists the trainee's segments. Where steps have phases, slow ones have their beginnings restored."""
    read = zip(decoding.states.tolist(), decoding.starts.tolist(), decoding.ends.tolist(), strict=True)
    segments = [
        Segment(state, start, end, _fit(decoding, state, start, end), departure, decoding.kinds)
        for (state, start, end), departure in zip(read, decoding.departures, strict=True)
    ]
    if not decoding.phased:
        return segments
    begun = {i + 1 for i, (one, following) in enumerate(pairwise(segments)) if _begins(decoding, one, following)}
    return [
        replace(segment, start=segments[i - 1].start) if i in begun else segment
        for i, segment in enumerate(segments)
        if i + 1 not in begun
    ]


def _begins(decoding: Decoding, unknown: Segment, segment: Segment) -> bool:
    """Says whether something unknown is how the step after it began.

    The first phase of a step that is done slowly may be like nothing in the gold: the rest of it is read as the step,
    takes long as well, and lacks that phase.
    """
    step = segment.state
    if unknown.state != UNKNOWN or step == UNKNOWN:
        return False
    first, end = int(decoding.gold_steps[step]), int(decoding.gold_steps[step + 1])
    begun = float(np.quantile(decoding.nearest[segment.start : segment.end] - first, 0.1)) / (end - first)
    nearest = int(decoding.costs[unknown.start : unknown.end].mean(axis=0).argmin())
    return nearest == step and begun >= BEGUN and segment.length >= DRAWN_OUT * (end - first)


def _fit(decoding: Decoding, state: int, start: int, end: int) -> float:
    first, last = inner(start, end)
    own = decoding.costs[first:last]
    return float(np.mean(own.min(axis=1) if state == UNKNOWN else own[:, state]))


def main_segments(segments: list[Segment], *, steps: int) -> dict[int, int]:
    """Chooses for each step that was done the segment that stands for it: the one that keeps the order best."""
    kept = longest_in_order([(segment.state, segment.length) for segment in segments])
    main = {segments[i].state: i for i in kept}
    longest: dict[int, int] = {}
    for i, segment in enumerate(segments):
        if segment.state not in longest or segment.length > segments[longest[segment.state]].length:
            longest[segment.state] = i
    return main | {step: longest[step] for step in range(steps) if step in longest and step not in main}


def longest_in_order(stretches: Sequence[tuple[int, int]]) -> list[int]:
    """Finds the stretches (state, windows) whose steps rise, covering as many windows as possible."""
    states = np.array([state for state, _ in stretches], dtype=np.int64)
    best = np.zeros(len(stretches), dtype=np.int64)  # windows covered up to and with each stretch
    came = np.full(len(stretches), -1, dtype=np.int64)
    for i, (state, length) in enumerate(stretches):
        covered = np.where((states[:i] > UNKNOWN) & (states[:i] < state), best[:i], 0)
        if i and covered.max() > 0:
            came[i] = covered.argmax()
        best[i] = length + (covered[came[i]] if came[i] >= 0 else 0)
    known = [i for i, (state, _) in enumerate(stretches) if state != UNKNOWN]
    if not known:
        return []
    chain, at = [], max(known, key=lambda i: int(best[i]))
    while at >= 0:
        chain.append(at)
        at = int(came[at])
    return chain[::-1]
