"""Takes from a take what earlier steps left on the bench, so that a step looks the same whatever came before it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reelops.core.scoring.phases import KEEN
from reelops.core.scoring.segmentation import PENALTY, find_steps

Floats = NDArray[np.float32]

HORIZON = 12  # windows, about a step and a half on either side
LEAST_BEFORE = 6  # windows, to say that something stays: with fewer, an arm that went elsewhere would
LEAST_AFTER = 9
RARE = 0.1  # the share of windows in which an arm may hide what stays


def settled(windows: Floats) -> Floats:
    """Takes away each lasting change from the moment it came.

    `windows` is (n, dimensions). A change lasts where nearly all windows before a cut lie on one side of nearly all
    windows after it; what an arm does comes and goes and is kept.
    """
    n = len(windows)
    left = windows.copy()
    for cut, _ in pairwise(find_steps(windows, penalty=KEEN * PENALTY)[1:].tolist()):
        before, after = windows[max(0, cut - HORIZON) : cut - 1], windows[cut + 1 : min(n, cut + HORIZON)]
        if len(before) < LEAST_BEFORE or len(after) < LEAST_AFTER:
            continue
        low, high = _usual_range(before)
        later_low, later_high = _usual_range(after)
        lasting = np.maximum(later_low - high, 0.0) - np.maximum(low - later_high, 0.0)
        left[cut:] -= lasting.astype(np.float32)
    return left


def _usual_range(windows: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gives the quantiles `RARE` from either end of each dimension, between neighbours linearly (as numpy's are)."""
    ordered = windows.copy()
    _sort(ordered)
    low, high = (share * (len(windows) - 1) for share in (RARE, 1 - RARE))
    return _between(ordered, low), _between(ordered, high)


@njit(cache=True, nogil=True)
def _sort(rows: Floats) -> None:  # pragma: no cover - compiled
    """Sorts each column in place, all columns at once: neighbours change places, as there are a dozen rows at most."""
    for last in range(len(rows) - 1, 0, -1):
        for row in range(last):
            for column in range(rows.shape[1]):
                low, high = rows[row, column], rows[row + 1, column]
                rows[row, column] = high if high < low else low
                rows[row + 1, column] = low if high < low else high


def _between(ordered: Floats, place: float) -> NDArray[np.float64]:
    below = min(int(place), len(ordered) - 2)
    share = place - below
    step = (ordered[below + 1] - ordered[below]).astype(np.float64)
    return np.asarray(ordered[below] + step * share if share < 0.5 else ordered[below + 1] - step * (1 - share))
