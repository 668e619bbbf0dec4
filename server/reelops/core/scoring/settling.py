"""Takes from a take what earlier steps left on the bench, so that a step looks the same whatever came before it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

HORIZON = 12  # windows, about a step and a half on either side
LEAST_BEFORE = 6  # windows, to say that something stays: with fewer, an arm that went elsewhere would
LEAST_AFTER = 9


def settled(windows: Floats, cuts: Ints) -> Floats:
    """Takes away each lasting change from the moment it came.

    `windows` is (n, dimensions), and `cuts` are where it changes, (0, ..., n). A change lasts where all windows before
    a cut lie on one side of all windows after it; what an arm does comes and goes and is kept.
    """
    n = len(windows)
    left, lasting = windows.copy(), np.zeros(windows.shape[1], windows.dtype)
    for cut, following in pairwise(cuts[1:].tolist()):
        before, after = windows[max(0, cut - HORIZON) : cut - 1], windows[cut + 1 : min(n, cut + HORIZON)]
        if len(before) >= LEAST_BEFORE and len(after) >= LEAST_AFTER:
            risen = np.maximum(after.min(axis=0) - before.max(axis=0), 0.0)
            fallen = np.maximum(before.min(axis=0) - after.max(axis=0), 0.0)
            lasting += risen - fallen
        left[cut:following] -= lasting
    return left
