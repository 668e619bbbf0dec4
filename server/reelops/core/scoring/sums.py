"""Sums and means over stretches of a take's windows, in compiled loops that go through each window once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Wide = NDArray[np.float64]
Ints = NDArray[np.int64]
Part = tuple[int, int]  # first window and end


def means_of(windows: Floats, parts: Sequence[Part]) -> Wide:
    """Gives the mean window of each part, (parts, dimensions)."""
    return np.asarray(_means(np.ascontiguousarray(windows), np.asarray(parts, dtype=np.int64)))


def running_sum(windows: Floats | Wide) -> Wide:
    """Gives the sums of all windows before each, (windows + 1, dimensions)."""
    return np.asarray(_running_sum(np.ascontiguousarray(windows)))


@njit(cache=True, nogil=True)
def _running_sum(windows: NDArray[Any]) -> Wide:  # pragma: no cover - compiled
    n, dimensions = windows.shape
    sums = np.empty((n + 1, dimensions))
    sums[0] = 0.0
    for row in range(n):
        for c in range(dimensions):
            sums[row + 1, c] = sums[row, c] + windows[row, c]
    return sums


@njit(cache=True, nogil=True)
def _means(windows: Floats, parts: Ints) -> Wide:  # pragma: no cover - compiled
    means = np.zeros((len(parts), windows.shape[1]))
    for part in range(len(parts)):
        first, end = parts[part]
        for row in range(first, end):
            for c in range(windows.shape[1]):
                means[part, c] += windows[row, c]
        for c in range(windows.shape[1]):
            means[part, c] /= end - first
    return means
