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
Places = NDArray[np.int32]  # of windows: half the memory of int64, and there is one for each window and step

SHORTEST_WITH_ENDS = 5  # windows
BLOCK = 256  # trainee windows compared at once
SHARE = 3  # one in so many of a step's windows counts, the nearest
FEWEST = 2
SORTED = 16  # least distances at most that are kept in order; more are selected among


def inner(first: int, end: int) -> tuple[int, int]:
    """Leaves out both ends of a stretch that is long enough for it."""
    return (first + 1, end - 1) if end - first >= SHORTEST_WITH_ENDS else (first, end)


def nearest_per_step(gold: Floats, trainee: Floats, gold_steps: Ints) -> tuple[Floats, Places]:
    """Measures each trainee window against every step: mean distance to its nearest windows there, and the nearest.

    Both are (trainee windows, steps). A distance is half the squared one, which is 1 - cosine for rows of length 1. The
    third of a step's windows that is nearest counts, two at least, and the ends of a step do not count: one window on
    the wrong side of a boundary would make two steps alike.
    """
    n, steps = len(trainee), len(gold_steps) - 1
    spans = [inner(int(a), int(b)) for a, b in pairwise(gold_steps)]
    places = np.concatenate([np.arange(first, end) for first, end in spans])  # what does not count is not multiplied
    edges = np.cumsum([0, *(end - first for first, end in spans)])
    gold = gold[places]
    costs, nearest = np.empty((n, steps), np.float32), np.empty((n, steps), np.int32)
    gold_halves, trainee_halves = ((rows * rows).sum(axis=1) / np.float32(2) for rows in (gold, trainee))
    products = np.empty(len(gold) * min(n, BLOCK), np.float32)
    for first in range(0, n, BLOCK):
        block = slice(first, min(first + BLOCK, n))
        product = products[: len(gold) * (block.stop - first)].reshape(len(gold), -1)
        np.matmul(gold, trainee[block].T, out=product)
        _nearest(product, trainee_halves[block], gold_halves, edges, places, costs[block], nearest[block])
    return costs, nearest


@njit(cache=True, nogil=True)
def _nearest(
    product: Floats, halves: Floats, gold_halves: Floats, edges: Ints, places: Ints, costs: Floats, nearest: Places
) -> None:  # pragma: no cover - compiled
    """Goes through a step's windows one by one, all trainee windows at once, and keeps the least distances in order."""
    width = product.shape[1]
    apart, row = np.empty(width, np.float32), np.empty(product.shape[0], np.float32)
    least, best = np.empty((SORTED, width), np.float32), np.empty(width, np.int32)
    for step in range(edges.size - 1):
        start, end = edges[step], edges[step + 1]
        count = min(end - start, max(FEWEST, (end - start) // SHARE))
        least[: min(count, SORTED)] = np.inf
        best[:] = start
        for j in range(start, end):
            here, half = np.int32(j), gold_halves[j]
            for i in range(width):
                distance = halves[i] + half - product[j, i]
                apart[i] = distance if distance > np.float32(0) else np.float32(0)
            for i in range(width):
                best[i] = here if apart[i] < least[0, i] else best[i]
            for rank in range(count if count <= SORTED else 1):
                for i in range(width):
                    low, new = least[rank, i], apart[i]
                    least[rank, i] = new if new < low else low
                    apart[i] = low if new < low else new
        for i in range(width):
            nearest[i, step] = places[best[i]]
            if count == FEWEST:
                costs[i, step] = (least[0, i] + least[1, i]) / np.float32(2)
            elif count <= SORTED:
                total = 0.0
                for rank in range(count):
                    total += least[rank, i]
                costs[i, step] = total / count
            else:
                for j in range(start, end):
                    row[j] = max(halves[i] + gold_halves[j] - product[j, i], np.float32(0))
                costs[i, step] = _mean_of_least(row[start:end], count)


@njit(cache=True, nogil=True)
def _mean_of_least(values: Floats, count: int) -> float:  # pragma: no cover - compiled
    """Averages the `count` least values, which it moves to the front (quickselect; Hoare, 1961)."""
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
