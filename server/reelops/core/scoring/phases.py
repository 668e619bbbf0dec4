"""Tells the steps of a take from the phases within a step: between steps the work pauses and the hands withdraw.

A step is often made of phases that look nothing alike (fetch, place, fasten), so that a change of look is no change of
step. What the ends of steps have in common is a short moment that is like neither side, and like the same moment
elsewhere in the take: the bench without hands, a tool put down. That moment is looked for as the common direction of
what is left of the windows at each cut when both sides of it are taken away.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reelops.core.scoring.moments import moments
from reelops.core.scoring.segmentation import PENALTY, find_steps

Floats = NDArray[np.float32]
Wide = NDArray[np.float64]
Ints = NDArray[np.int64]

NEARBY = (-1, 0, 1)  # windows: a cut may stand a little beside its moment
KEEN = 0.4  # of the usual price of a cut, where steps are known to have phases
JOINED = 1.35  # of a step's usual length
FAINT = 0.03  # likeness of the moments below which none recur
DISTINCT = 0.4  # of the change at a cut, usually: cuts from one still picture to the next have no moment of their own
CLEAR = 0.2  # a score beyond which a cut is a pause, or below which it is not
LEAST_PAUSES = 2  # between steps, for a take to be said to pause at all
PAUSING = 0.35  # and the share of all cuts
MOST_PAUSES = 3  # the same for leaving out a single cut that is none, in a take whose steps have no phases
MOSTLY = 0.6
PHASED = 0.35  # the share of cuts within steps for steps to be said to have phases


def changes(windows: Floats, points: Wide | None = None) -> Ints:
    """Finds where a take changes, between steps or within them, as window numbers (0, ..., n).

    `windows` and `points` are those of `unphased_steps`.
    """
    return find_steps(windows, penalty=KEEN * PENALTY, points=points)


def unphased_steps(windows: Floats, points: Wide | None = None) -> Ints:
    """Finds step boundaries as window numbers (0, ..., n) of a take whose steps are not made of phases.

    `windows` is (n, dimensions), about 1 s each, and `points` their components where these are known already. Where no
    pauses recur, the steps are those of `find_steps`.
    """
    cuts = find_steps(windows, points=points)
    score = _trusted(pauses(windows, cuts), least=MOST_PAUSES, share=MOSTLY)
    return cuts if score is None else np.concatenate([cuts[:1], cuts[1:-1][score[1:-1] > -CLEAR], cuts[-1:]])


def pauses(windows: Floats, cuts: Ints) -> Wide:
    """Says of each cut how far it is a moment such as at the others: about 1 for all alike, below 0 for another kind.

    The take's own ends count as cuts, and the beginning says which way is a pause. Gives (cuts,).
    """
    wide = windows.astype(np.float64)
    near = moments(wide, (cuts[:, None] + np.array(NEARBY)).ravel()).reshape(len(cuts), len(NEARBY), -1)
    size = np.sqrt((near**2).sum(axis=2, keepdims=True))
    if len(cuts) < 3 or np.median(size[1:-1].max(axis=1)) < DISTINCT:
        return np.zeros(len(cuts))
    near = near / np.maximum(size, 1e-6)
    at = near[:, len(NEARBY) // 2]
    common = _shared(at) * np.sqrt(len(cuts))
    towards = common[0] if abs(common[0]) > 0.05 else common.sum()
    common = common * (1.0 if towards >= 0 else -1.0)
    own = np.einsum("iad,id->ia", near, at) * common[:, None]  # a moment does not vouch for itself
    beside = (near @ (common @ at) - own) / max(1, len(cuts) - 1)
    strongest = np.abs(beside).argmax(axis=1)
    again = beside[np.arange(len(cuts)), strongest]
    strength = float(np.sqrt(np.mean(again**2)))
    return np.asarray(again / max(strength, FAINT))


def _shared(moments_at: Wide) -> Wide:
    """Says how much each moment has of what they have most in common: a row (cuts,) of length 1.

    The first eigenvector of the moments' likeness, taken from the smaller of both products.
    """
    cuts, dimensions = moments_at.shape
    if cuts <= dimensions:
        alike = moments_at @ moments_at.T
        np.fill_diagonal(alike, 0.0)
        return np.asarray(np.linalg.eigh(alike)[1][:, -1])
    along = moments_at @ np.linalg.eigh(moments_at.T @ moments_at)[1][:, -1]
    return np.asarray(along / max(float(np.sqrt(along @ along)), 1e-12))


def phased_steps(windows: Floats, points: Wide | None = None) -> Ints | None:
    """Finds the steps of a take whose steps are usually made of phases; None where they are not.

    `windows` and `points` are those of `unphased_steps`.
    """
    if _share_within(pauses(windows, find_steps(windows, points=points))) < PHASED:
        return None
    finer = changes(windows, points)
    score = _trusted(pauses(windows, finer), least=LEAST_PAUSES, share=PAUSING)
    if score is None or _share_within(score) < PHASED:
        return None
    kept = score > CLEAR
    kept[[0, -1]] = True
    return _without_short(finer[kept], score[kept])


def _without_short(cuts: Ints, score: Wide) -> Ints:
    """Joins two neighbours that together are no longer than a step usually is, the weakest cut first."""
    while len(cuts) > 3:
        usual = float(np.median(np.diff(cuts)))
        short = np.flatnonzero(cuts[2:] - cuts[:-2] <= JOINED * usual) + 1
        if not len(short):
            break
        weakest = short[score[short].argmin()]
        cuts, score = np.delete(cuts, weakest), np.delete(score, weakest)
    return cuts


def _share_within(score: Wide) -> float:
    return float((score[1:-1] < -CLEAR).mean()) if len(score) > 2 else 0.0


def _trusted(score: Wide, *, least: int, share: float) -> Wide | None:
    """Gives the scores back where pauses recur often enough, else nothing."""
    paused = int((score[1:-1] > CLEAR).sum())
    return score if paused >= least and paused >= share * (len(score) - 2) else None
