"""Two looks at a video: as always, and closely. Which of them tells a gold's steps, and which a take is read by.

A close look has twice as many windows a second, each half as long. Where steps last a few seconds it sees the pauses
between them and the phases within them, which windows of 1 s blur; where they last longer it takes every turn of the
hand for a step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from reelops.core.scoring.outlining import Outline
from reelops.core.scoring.windows import window_times

SHORT_STEP_SEC, SHORT_PHASED_STEP_SEC = 5.5, 7.0  # takes are read closely where steps usually are no longer
SHORT_SEC: Mapping[tuple[bool, bool], float] = MappingProxyType(
    {
        (False, False): 5.0,  # steps without phases are told by windows of 1 s, unless there are but a few to a step
        (False, True): 6.5,  # phases that only a close look sees may be the swings of a tool
        (True, True): 7.5,
        (True, False): 0.0,  # it missed the phases
    }
)
"""Up to which usual length of steps a close look tells them, by whether they have phases at either look."""
DIVIDED = 0.7  # of the usual length: what divides steps further than this and sees phases in the parts, is fooled


@dataclass(frozen=True, slots=True)
class FoundSteps:
    """The steps of a gold video. `boundaries_sec` is where each begins, and where the last ends."""

    boundaries_sec: tuple[float, ...]
    phased: bool

    @property
    def usual_sec(self) -> float:
        """How long its steps usually are."""
        return float(np.median(np.diff(self.boundaries_sec)))


def located(outline: Outline, clip_times: Sequence[tuple[float, float]], windows: int) -> FoundSteps:
    """Gives the seconds of an outline that was found in clips of so many windows each."""
    times = window_times(clip_times, windows)
    starts = [float(times[step, 0]) for step in outline.steps[:-1]]
    return FoundSteps((*starts, float(times[outline.steps[-1] - 1, 1])), outline.phased)


def told_by(usual: FoundSteps, close: FoundSteps | None) -> FoundSteps:
    """Chooses the look whose steps are believed."""
    if close is None or usual.usual_sec > SHORT_SEC[usual.phased, close.phased]:
        return usual
    divided = close.phased and not usual.phased and close.usual_sec < DIVIDED * usual.usual_sec
    return usual if divided else close


def are_short(usual_sec: float, *, phased: bool) -> bool:
    """Says whether steps of this usual length are too short to be read by windows of 1 s."""
    return usual_sec <= (SHORT_PHASED_STEP_SEC if phased else SHORT_STEP_SEC)
