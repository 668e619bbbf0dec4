"""Two looks at a video: as always, and closely. Which of them tells a gold's steps, and which a take is read by.

A close look has twice as many windows a second, each half as long. Where steps last a few seconds it sees the pauses
between them and the phases within them, which windows of 1 s blur; where they last longer it takes every turn of the
hand for a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reelops.core.scoring.outlining import Outline
from reelops.core.scoring.windows import window_times

Glimpses = NDArray[np.float32]

CLOSER = 2  # how many times as many frames a second a close look has
SHORT_STEP_SEC, SHORT_PHASED_STEP_SEC = 5.5, 7.0  # takes are read closely where steps usually are no longer
FEW_WINDOWS_SEC = 5.0  # steps usually as short as this are told by a close look
DIVIDED = 0.5  # of the usual length: a close look that divides steps as far takes turns of the hand for steps
EVENER = 0.1  # of the logarithm of their length: whoever saw fewer steps must have seen them so much more even
BLURRED_SEC = 7.5  # phases of steps usually as short as this are told by a close look alone
BESIDE_SEC, BESIDE = 0.5, 0.2  # so far, and this share of a step, boundaries may lie from each other to be the same


@dataclass(frozen=True, slots=True)
class FoundSteps:
    """The steps of a gold video. `boundaries_sec` is where each begins, and where the last ends."""

    boundaries_sec: tuple[float, ...]
    phased: bool

    @property
    def usual_sec(self) -> float:
        """How long its steps usually are."""
        return float(np.median(np.diff(self.boundaries_sec)))

    @property
    def unevenness(self) -> float:
        """The standard deviation of the logarithm of their length."""
        return float(np.log(np.diff(self.boundaries_sec)).std())


def seldom(glimpses: Glimpses) -> Glimpses:
    """Gives one of every two frames of a close look's, (clips, frames, channels, cells): as many as the usual look has.

    It is the one that differs less from what is usually seen there, so that hands that are away for a moment only stay
    away.
    """
    clips, frames, *cell = glimpses.shape
    pairs = glimpses.reshape(clips, frames // CLOSER, CLOSER, *cell)
    unlike = np.abs(glimpses - np.median(glimpses, axis=(0, 1))).sum(axis=2).mean(axis=2)
    chosen = unlike.reshape(clips, frames // CLOSER, CLOSER).argmin(axis=2)
    return np.ascontiguousarray(np.take_along_axis(pairs, chosen[:, :, None, None, None], axis=2)[:, :, 0])


def located(outline: Outline, clip_times: Sequence[tuple[float, float]], windows: int) -> FoundSteps:
    """Gives the seconds of an outline that was found in clips of so many windows each."""
    times = window_times(clip_times, windows)
    starts = [float(times[step, 0]) for step in outline.steps[:-1]]
    return FoundSteps((*starts, float(times[outline.steps[-1] - 1, 1])), outline.phased)


def told_by(usual: FoundSteps, close: FoundSteps | None) -> FoundSteps:
    """Chooses the look whose steps are believed.

    Where both see the same steps, a close look sees better when they begin. Where they differ, one of them overlooked
    a step or divided one, and its steps are less even. Phases of long steps must be seen at both looks.
    """
    if close is None or close.usual_sec <= DIVIDED * usual.usual_sec:
        return usual
    if _same(usual, close):
        return close if usual.usual_sec <= BLURRED_SEC else replace(close, phased=usual.phased and close.phased)
    if usual.usual_sec <= FEW_WINDOWS_SEC:
        return close
    if usual.phased and not close.phased and usual.unevenness <= close.unevenness + EVENER:  # it missed the phases
        return usual
    found = len(close.boundaries_sec) - len(usual.boundaries_sec)
    return close if close.unevenness <= usual.unevenness + EVENER * np.sign(found) else usual


def _same(a: FoundSteps, b: FoundSteps) -> bool:
    """Says whether two looks saw the same steps."""
    if len(a.boundaries_sec) != len(b.boundaries_sec):
        return False
    apart = np.abs(np.subtract(a.boundaries_sec, b.boundaries_sec))
    return bool(apart.max() <= BESIDE_SEC + BESIDE * min(a.usual_sec, b.usual_sec))


def are_short(usual_sec: float, *, phased: bool) -> bool:
    """Says whether steps of this usual length are too short to be read by windows of 1 s."""
    return usual_sec <= (SHORT_PHASED_STEP_SEC if phased else SHORT_STEP_SEC)
