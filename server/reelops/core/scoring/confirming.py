"""Checks a gold video's steps, which pauses have told: by their lengths, and by where the windows change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reelops.core.scoring.sums import running_sum

Wide = NDArray[np.float64]
Ints = NDArray[np.int64]

BRIEF = 0.4  # of the usual step: what is shorter than that,
MOMENT = 4  # and no longer than so many windows, is no step but a moment between two pauses
BESIDE = 1  # windows that a pause may lie from a change
MOST = 0.66  # the share of pauses beside a change from which on the others are moved to theirs
MISSED = 0.12  # of what the change explains: what a cut at the pause must miss for it to be moved
SHORTEST = 2  # windows of a step


def whole(steps: Ints) -> Ints:
    """Joins pauses with hardly anything between them: the step ends in the middle. `steps` are (0, ..., n)."""
    while len(steps) > 3:
        lengths = np.diff(steps)
        short = int(lengths.argmin())
        if lengths[short] > MOMENT or lengths[short] >= BRIEF * np.median(lengths):
            break
        if short in (0, len(lengths) - 1):
            steps = np.delete(steps, max(1, short))
        else:
            middle = (steps[short] + steps[short + 1] + 1) // 2
            steps = np.concatenate([steps[:short], [middle], steps[short + 2 :]])
    return steps


def confirmed(points: Wide, steps: Ints) -> Ints:
    """Moves the ends of steps to where their windows change, if most lie there already.

    `points` is (n, directions) and `steps` are boundaries among them, (0, ..., n). Hands are away within a step as
    well, and sometimes such a moment is taken for its end. Where steps have jobs of their own, windows change within
    them, too: few ends lie where windows change most, and all are left as they are.
    """
    if len(steps) < 3:
        return steps
    sums = running_sum(points)
    around = zip(steps[:-2], steps[1:-1], steps[2:], strict=True)
    changes, missed = zip(*(_change(sums, *one) for one in around), strict=True)
    away = np.abs(steps[1:-1] - changes) > BESIDE
    if away.mean() > 1 - MOST:
        return steps
    moved = np.where(away & (np.asarray(missed) >= MISSED), changes, steps[1:-1])
    return np.unique([0, *moved, steps[-1]])


def _change(sums: Wide, start: int, now: int, end: int) -> tuple[int, float]:
    """Gives where a stretch changes most, and what share of that change a cut at `now` misses."""
    cuts = np.arange(start + SHORTEST, end - SHORTEST + 1)
    if now not in cuts:
        return now, 0.0
    before, after = sums[cuts] - sums[start], sums[end] - sums[cuts]
    explained = (before**2).sum(axis=1) / (cuts - start) + (after**2).sum(axis=1) / (end - cuts)
    best = int(np.argmax(explained))
    missed = explained[best] - explained[now - cuts[0]]
    return int(cuts[best]), float(missed / max(explained[best] - explained.min(), 1e-12))
