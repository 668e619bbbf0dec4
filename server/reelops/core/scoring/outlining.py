"""What a gold video shows of itself alone: where its steps lie, and whether they are made of phases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reelops.core.scoring.adaptation import adapted
from reelops.core.scoring.phases import phased_steps, unphased_steps
from reelops.core.scoring.segmentation import components, find_steps, join_alike
from reelops.core.scoring.windows import Layout


@dataclass(frozen=True, slots=True)
class Outline:
    """The course of a gold video. `steps` are boundaries in windows, (0, ..., windows)."""

    steps: NDArray[np.int64]
    phased: bool


def outline(windows: NDArray[np.float32], layout: Layout) -> Outline:
    """Finds the steps of a gold video's windows, (n, dimensions)."""
    points = components(windows)
    phased = phased_steps(windows, points) if layout.windows > 1 else None
    if phased is not None:
        found = phased
    else:
        found = unphased_steps(windows, points) if layout.windows > 1 else find_steps(windows, points=points)
    return Outline(join_alike(adapted(windows, [(0, len(windows))]), found), phased is not None)
