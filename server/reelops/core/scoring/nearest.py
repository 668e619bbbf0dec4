"""How near each window of a take is to each step of the gold, in compiled loops over a few windows at a time.

Memory is one block of windows against all of the gold's, and the result: windows x steps.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

SHORTEST_WITH_ENDS = 5  # windows
BLOCK = 256  # trainee windows compared at once
SHARE = 3  # one in so many of a step's windows counts, the nearest
FEWEST = 2


def inner(first: int, end: int) -> tuple[int, int]:
    """Leaves out both ends of a stretch that is long enough for it."""
    return (first + 1, end - 1) if end - first >= SHORTEST_WITH_ENDS else (first, end)


def nearest_per_step(gold: Floats, trainee: Floats, gold_steps: Ints) -> tuple[Floats, Ints]:
    """Measures each trainee window against every step: mean distance to its nearest windows there, and the nearest.

    Both are (trainee windows, steps). A distance is half the squared one, which is 1 - cosine for rows of length 1. The
    third of a step's windows that is nearest counts, two at least, and the ends of a step do not count: one window on
    the wrong side of a boundary would make two steps alike.
    """
    n, steps = len(trainee), len(gold_steps) - 1
    spans = np.array([inner(int(a), int(b)) for a, b in pairwise(gold_steps)], np.int64)
    costs, nearest = np.empty((n, steps), np.float32), np.empty((n, steps), np.int64)
    gold_lengths, trainee_lengths = ((rows * rows).sum(axis=1) for rows in (gold, trainee))
    products = np.empty((min(n, BLOCK), len(gold)), np.float32)
    for first in range(0, n, BLOCK):
        block = slice(first, min(first + BLOCK, n))
        product = products[: block.stop - first]
        np.matmul(trainee[block], gold.T, out=product)
        _nearest(product, trainee_lengths[block], gold_lengths, spans, costs[block], nearest[block])
    return costs, nearest


@njit(cache=True, nogil=True)
def _nearest(
    product: Floats, lengths: Floats, gold_lengths: Floats, spans: Ints, costs: Floats, nearest: Ints
) -> None:  # pragma: no cover - compiled
    row = np.empty(product.shape[1], np.float32)
    for i in range(product.shape[0]):
        for j in range(row.size):
            row[j] = max((lengths[i] + gold_lengths[j]) / np.float32(2) - product[i, j], np.float32(0))
        for step in range(spans.shape[0]):
            start, end = spans[step]
            best = start
            for j in range(start + 1, end):
                if row[j] < row[best]:
                    best = j
            nearest[i, step] = best
            count = min(end - start, max(FEWEST, (end - start) // SHARE))
            costs[i, step] = _mean_of_least(row[start:end], count)


@njit(cache=True, nogil=True)
def _mean_of_least(values: Floats, count: int) -> float:  # pragma: no cover - compiled
    """Averages the `count` least values, which it moves to the front (quickselect; Hoare, 1961)."""
    if count == FEWEST:
        least, second = min(values[0], values[1]), max(values[0], values[1])
        for k in range(2, values.size):
            least, second = min(least, values[k]), min(second, max(least, values[k]))
        return float((least + second) / 2)
    low, high = 0, values.size - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if count - 1 <= j:
            high = j
        elif count - 1 >= i:
            low = i
        else:
            break
    total = 0.0
    for k in range(count):
        total += values[k]
    return float(total / count)
