"""What speaks against a reading as a whole, and so against each thing that it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reelops.core.scoring.comparison import Finding, place_of, standing
from reelops.core.scoring.decoding import Decoding
from reelops.core.scoring.model import FaultType
from reelops.core.scoring.segments import Segment

USUAL_WINDOWS = 5.0  # a step that was found in a gold video is rarely shorter
NEIGHBOURS = 1  # steps


@dataclass(frozen=True, slots=True)
class Doubt:
    """Reasons to doubt a statement, about 0 to 1 each.

    `crowd` is the logarithm of 1 and the other statements about the same step or the next: one misread stretch gives
    rise to several. `blur` is how much the gold's steps differ within, against how much from each other, `brevity` how
    short the shortest is, `unevenness` how the trainee's pace changes from step to step, and `mismatch` how far all of
    the take is from the gold.
    """

    crowd: float = 0.0
    blur: float = 0.0
    brevity: float = 0.0
    unevenness: float = 0.07
    mismatch: float = 0.13

    @property
    def values(self) -> tuple[float, ...]:
        """The reasons in order."""
        return self.crowd, self.blur, self.brevity, self.unevenness, self.mismatch


USUAL_DOUBT = Doubt()


def doubts_of(decoding: Decoding, segments: list[Segment], findings: Sequence[Finding]) -> list[Doubt]:
    """Gives the doubt of each finding."""
    lengths = np.diff(decoding.gold_steps)
    main = standing(decoding, segments)
    places = [_steps_at(finding, main) for finding in findings]
    between = max(decoding.between_cost, 1e-6)
    blur = min(1.0, float(np.median(decoding.spread)) / between)
    brevity = max(0.0, 1.0 - float(lengths.min()) / USUAL_WINDOWS)
    mismatch = min(1.5, decoding.match_cost / between)
    uneven = _unevenness(segments, main, lengths.tolist())
    return [Doubt(float(np.log1p(_near(place, places) - 1)), blur, brevity, uneven, mismatch) for place in places]


def _steps_at(finding: Finding, main: dict[int, int]) -> set[int]:
    """Gives the steps that a finding is about; something extra is about those on either side of it."""
    _, step, other = place_of(finding, main)
    if step is None:
        before = -1 if other is None else other
        return {before, before + 1}
    return {step, other} if finding.type is FaultType.ORDER_SWAP and other is not None else {step}


def _near(place: set[int], places: Sequence[set[int]]) -> int:
    return sum(min(abs(a - b) for a in place for b in other) <= NEIGHBOURS for other in places)


def _unevenness(segments: list[Segment], main: dict[int, int], lengths: list[int]) -> float:
    paces = np.log([segments[i].length / lengths[step] for step, i in main.items()])
    return min(1.0, float(np.median(np.abs(paces - np.median(paces))))) if len(paces) else 1.0
