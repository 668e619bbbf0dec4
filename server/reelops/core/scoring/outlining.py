"""What a gold video shows of itself alone: where its steps lie, and whether they are made of phases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reelops.core.scoring.adaptation import adapted
from reelops.core.scoring.confirming import confirmed, whole
from reelops.core.scoring.phasedness import are_phased
from reelops.core.scoring.phases import phased_steps, unphased_steps
from reelops.core.scoring.segmentation import components, find_steps, join_alike
from reelops.core.scoring.windows import Layout
from reelops.core.scoring.withdrawals import withdrawals

Floats = NDArray[np.float32]
Wide = NDArray[np.float64]
Ints = NDArray[np.int64]

SAME = 0.72  # the share of changes that are pauses for every change to be a step, where steps have no phases


@dataclass(frozen=True, slots=True)
class Outline:
    """The course of a gold video. `steps` are boundaries in windows, (0, ..., windows)."""

    steps: Ints
    phased: bool


def outline(windows: Floats, layout: Layout, glimpses: Floats | None = None, points: Wide | None = None) -> Outline:
    """Finds the steps of a gold video's windows, (n, dimensions).

    `glimpses` are its single frames, (n x frames of a window, channels, cells), where the embedder has them, and
    `points` the windows' components where these are known already.
    """
    points = components(windows) if points is None else points
    found, phased = _found(windows, points, layout, glimpses)
    return Outline(join_alike(adapted(windows, [(0, len(windows))]), found), phased)


def _found(windows: Floats, points: Wide, layout: Layout, glimpses: Floats | None) -> tuple[Ints, bool]:
    """Gives the steps, and whether they have phases, before those that are alike are joined."""
    if layout.windows <= 1:
        return find_steps(windows, points=points), False
    changes = unphased_steps(windows, points)
    paused = _paused_steps(len(windows), layout, glimpses)
    if paused is None:
        phased = phased_steps(windows, points)
        return (changes, False) if phased is None else (phased, True)
    paused = whole(paused)
    if are_phased(points, paused):
        return paused, True
    return confirmed(points, _unphased(changes, paused)), False


def _paused_steps(count: int, layout: Layout, glimpses: Floats | None) -> Ints | None:
    """Gives the steps between which the hands withdraw in windows."""
    if glimpses is None:
        return None
    each = layout.glimpses // layout.windows
    found = withdrawals(glimpses[: count * each])
    if found is None:
        return None
    inner = np.unique(np.round(found[1:-1] / each).astype(np.int64))
    return np.concatenate([[0], inner[(inner > 0) & (inner < count)], [count]]).astype(np.int64)


def _unphased(changes: Ints, paused: Ints) -> Ints:
    """Gives the changes where every pause is one of them and most of them are pauses, else the pauses."""
    told = _share_among(paused, changes) == 1.0 and _share_among(changes, paused) >= SAME
    return changes if told else paused


def _share_among(cuts: Ints, others: Ints) -> float:
    """Says how many of the inner `cuts` have one of the inner `others` beside them."""
    if len(cuts) < 3 or len(others) < 3:
        return 0.0
    return float((np.abs(cuts[1:-1, None] - others[None, 1:-1]).min(axis=1) <= 1).mean())
