"""Whether the steps of a take are made of phases: fetch, carry, work.

Work that goes on as it began varies about one mean, however wide a tool swings. A step that is made of phases has a
change within it that explains most of what varies in it, and that is about as large as the changes from step to step.
Both are told by the best division of each step into two.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Wide = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_STEP = 4  # windows: shorter ones have no room for phases that could be told
LEAST_PHASE = 0.2  # of its step
FITTED = 3  # what a division fits to the windows of a step: two means and a place
EXPLAINED, SIZE, DOUBT = 10.9, 5.0, -7.9  # logistic weights, fitted on plain procedures, assemblies and kitchens


def are_phased(points: Wide, steps: Ints) -> bool:
    """Says whether steps usually are made of phases.

    `points` are the components of windows, (n, dimensions), and `steps` boundaries among them, (0, ..., n).
    """
    told = np.array([_divided(points[a:b]) for a, b in pairwise(steps.tolist()) if b - a >= LEAST_STEP])
    means = np.stack([points[a:b].mean(axis=0) for a, b in pairwise(steps.tolist())])
    if not len(told) or len(means) < 2:
        return False
    between = float(np.median(((means[1:] - means[:-1]) ** 2).sum(axis=1)))
    explained, size = np.median(told, axis=0)
    return bool(EXPLAINED * explained + SIZE * size / max(between, 1e-12) + DOUBT > 0.0)


def _divided(points: Wide) -> tuple[float, float]:
    """Divides a step in two as well as can be.

    Gives the share of its variance that this explains, less what it would explain of mere chance, and the squared
    distance of the two means.
    """
    n = len(points)
    centred = points - points.mean(axis=0)
    least = max(1, int(np.ceil(LEAST_PHASE * n)))
    first = np.arange(least, n - least + 1)
    apart = (np.cumsum(centred, axis=0)[first - 1] ** 2).sum(axis=1) * (n / (first * (n - first))) ** 2
    gained = apart * first * (n - first) / n
    best = int(gained.argmax())
    total = float((centred**2).sum())
    if total <= 0.0:
        return 0.0, 0.0
    return 1 - (1 - float(gained[best]) / total) * (n - 1) / (n - FITTED), float(apart[best])
