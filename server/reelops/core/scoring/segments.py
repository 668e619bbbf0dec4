"""The stretches that a trainee's take is made of, and which of them stands for which step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reelops.core.scoring.decoding import Decoding
from reelops.core.scoring.nearest import inner
from reelops.core.scoring.viterbi import UNKNOWN

SLOW_RATIO = 1.6  # beyond the slowest pace (0.8) that still passes, and the usual differences between people
MIN_EXTRA_WINDOWS = 4
SWALLOWED_RATIO = 2.0
CURTAILED = 0.8  # of a step's usual length: a phase of it may have been read as unknown
COMPLETED = 1.35  # of it, at most, with that phase
NOISE = 0.02  # distance that even two equal takes have


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the trainee's take, in windows.

    `state` is a gold step or -1; `fit` is its mean distance to that step, ends left out.
    """

    state: int
    start: int
    end: int
    fit: float

    @property
    def length(self) -> int:
        """The number of windows."""
        return self.end - self.start


def segments_of(decoding: Decoding) -> list[Segment]:
    """Lists the trainee's segments, joining a step that a short unknown stretch had cut in two."""
    joined: list[Segment] = []
    for state, start, end in zip(decoding.states, decoding.starts, decoding.ends, strict=True):
        short = len(joined) > 1 and joined[-1].state == UNKNOWN and joined[-1].length < MIN_EXTRA_WINDOWS
        if short and joined[-2].state == state:
            start = joined[-2].start
            del joined[-2:]
        joined.append(_segment(decoding, int(state), int(start), int(end)))
    return [part for segment in _completed(decoding, joined) for part in _parted(decoding, segment)]


def _segment(decoding: Decoding, state: int, start: int, end: int) -> Segment:
    return Segment(state, start, end, _fit(decoding, state, start, end))


def _completed(decoding: Decoding, segments: list[Segment]) -> list[Segment]:
    """Gives an unknown stretch to the short step beside it that it completes: what is added to the work takes time."""
    lengths, kept = np.diff(decoding.gold_steps), list(segments)
    for unknown in [segment for segment in segments if segment.state == UNKNOWN]:
        at = kept.index(unknown)
        beside = [other for other in kept[max(0, at - 1) : at] + kept[at + 1 : at + 2] if other.state != UNKNOWN]
        fitting = [
            other
            for other in beside
            if other.length <= CURTAILED * lengths[other.state]
            and other.length + unknown.length <= COMPLETED * lengths[other.state]
        ]
        if fitting:
            other = min(fitting, key=lambda one: abs(one.length + unknown.length - lengths[one.state]))
            first, end = min(other.start, unknown.start), max(other.end, unknown.end)
            kept[at] = Segment(other.state, first, end, other.fit)
            kept.remove(other)
    return kept


def _parted(decoding: Decoding, segment: Segment) -> list[Segment]:
    """Splits off what a step that takes too long has swallowed: a stretch at one of its ends that is not like it."""
    if segment.state == UNKNOWN:
        return [segment]
    expected = int(decoding.gold_steps[segment.state + 1] - decoding.gold_steps[segment.state])
    if segment.length < SLOW_RATIO * expected:
        return [segment]
    best, gain = [segment], 0.0
    for cut in range(segment.start + MIN_EXTRA_WINDOWS, segment.end - MIN_EXTRA_WINDOWS + 1):
        first = _segment(decoding, segment.state, segment.start, cut)
        second = _segment(decoding, segment.state, cut, segment.end)
        own, other = (first, second) if first.fit < second.fit else (second, first)
        apart = other.fit - own.fit
        if own.length >= expected / 2 and other.fit > SWALLOWED_RATIO * (own.fit + NOISE) and apart > gain:
            foreign = _segment(decoding, UNKNOWN, other.start, other.end)
            best, gain = sorted([own, foreign], key=lambda part: part.start), apart
    return best


def _fit(decoding: Decoding, state: int, start: int, end: int) -> float:
    first, last = inner(start, end)
    own = decoding.costs[first:last]
    return float(np.mean(own.min(axis=1) if state == UNKNOWN else own[:, state]))


def main_segments(segments: list[Segment], *, steps: int) -> dict[int, int]:
    """Chooses for each step that was done the segment that stands for it: the one that keeps the order best."""
    kept = longest_in_order(segments)
    main = {segments[i].state: i for i in kept}
    for step in range(steps):
        candidates = [i for i, segment in enumerate(segments) if segment.state == step]
        if step not in main and candidates:
            main[step] = max(candidates, key=lambda i: segments[i].length)
    return main


def longest_in_order(segments: list[Segment]) -> list[int]:
    """Finds the segments whose steps rise, covering as many windows as possible."""
    best: list[tuple[int, int]] = []  # (windows covered, segment before) by segment
    for i, segment in enumerate(segments):
        covered, before = 0, -1
        for j in range(i):
            if UNKNOWN < segments[j].state < segment.state and best[j][0] > covered:
                covered, before = best[j][0], j
        best.append((covered + segment.length, before))
    known = [i for i, segment in enumerate(segments) if segment.state != UNKNOWN]
    if not known:
        return []
    chain, at = [], max(known, key=lambda i: best[i][0])
    while at >= 0:
        chain.append(at)
        at = best[at][1]
    return chain[::-1]
