"""The stretches that a trainee's take is made of, and which of them stands for which step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reelops.core.scoring.decoding import Decoding
from reelops.core.scoring.nearest import inner
from reelops.core.scoring.viterbi import UNKNOWN


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the trainee's take, in windows.

    `state` is a gold step or -1; `fit` is its mean distance to that step, ends left out; `departures` are (steps,
    channels): how far it is as a whole from each step in each channel.
    """

    state: int
    start: int
    end: int
    fit: float
    departures: NDArray[np.float32]

    @property
    def length(self) -> int:
        """The number of windows."""
        return self.end - self.start


def segments_of(decoding: Decoding) -> list[Segment]:
    """Lists the trainee's segments."""
    read = zip(decoding.states.tolist(), decoding.starts.tolist(), decoding.ends.tolist(), strict=True)
    return [
        Segment(state, start, end, _fit(decoding, state, start, end), departures)
        for (state, start, end), departures in zip(read, decoding.departures, strict=True)
    ]


def _fit(decoding: Decoding, state: int, start: int, end: int) -> float:
    first, last = inner(start, end)
    own = decoding.costs[first:last]
    return float(np.mean(own.min(axis=1) if state == UNKNOWN else own[:, state]))


def main_segments(segments: list[Segment], *, steps: int) -> dict[int, int]:
    """Chooses for each step that was done the segment that stands for it: the one that keeps the order best."""
    kept = longest_in_order([(segment.state, segment.length) for segment in segments])
    main = {segments[i].state: i for i in kept}
    for step in range(steps):
        candidates = [i for i, segment in enumerate(segments) if segment.state == step]
        if step not in main and candidates:
            main[step] = max(candidates, key=lambda i: segments[i].length)
    return main


def longest_in_order(stretches: Sequence[tuple[int, int]]) -> list[int]:
    """Finds the stretches (state, windows) whose steps rise, covering as many windows as possible."""
    best: list[tuple[int, int]] = []  # (windows covered, stretch before) by stretch
    for i, (state, length) in enumerate(stretches):
        covered, before = 0, -1
        for j in range(i):
            if UNKNOWN < stretches[j][0] < state and best[j][0] > covered:
                covered, before = best[j][0], j
        best.append((covered + length, before))
    known = [i for i, (state, _) in enumerate(stretches) if state != UNKNOWN]
    if not known:
        return []
    chain, at = [], max(known, key=lambda i: best[i][0])
    while at >= 0:
        chain.append(at)
        at = best[at][1]
    return chain[::-1]
