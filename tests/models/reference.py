"""Sequence alignment written as the textbooks write it, to hold the model against."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
GAP = -1


@dataclass(frozen=True, slots=True)
class Reference:
    """The cheapest path and what it costs."""

    path: list[tuple[int, int]]
    cost: float


def cosine(gold: NDArray[np.float32], trainee: NDArray[np.float32]) -> Floats:
    """Gives the cosine of every pair, (m, n); a zero row is like nothing."""
    sides = []
    for rows in (gold.astype(np.float64), trainee.astype(np.float64)):
        length = np.linalg.norm(rows, axis=1, keepdims=True)
        sides.append(np.divide(rows, length, out=np.zeros_like(rows), where=length > 0))
    return np.asarray(sides[0] @ sides[1].T)


def warp(similarity: Floats) -> Reference:
    """Dynamic time warping on 1 - cosine; ties prefer diagonal, then up."""
    m, n = similarity.shape
    total = np.full((m + 1, n + 1), np.inf)
    total[0, 0] = 0
    for i in range(m):
        for j in range(n):
            total[i + 1, j + 1] = 1 - similarity[i, j] + min(total[i, j], total[i, j + 1], total[i + 1, j])
    path = [(m - 1, n - 1)]
    while path[-1] != (0, 0):
        i, j = path[-1]
        choices = [(total[i, j], (i - 1, j - 1)), (total[i, j + 1], (i - 1, j)), (total[i + 1, j], (i, j - 1))]
        path.append(min(choices, key=lambda choice: choice[0])[1])
    return Reference(path=path[::-1], cost=float(total[m, n]))


def with_gaps(similarity: Floats, gap: float) -> Reference:
    """Global alignment in which an unmatched clip costs `gap`; ties prefer a pair, then an unmatched gold clip."""
    m, n = similarity.shape
    total = np.zeros((m + 1, n + 1))
    total[:, 0] = np.arange(m + 1) * gap
    total[0, :] = np.arange(n + 1) * gap
    for i in range(m):
        for j in range(n):
            total[i + 1, j + 1] = min(total[i, j] + 1 - similarity[i, j], total[i, j + 1] + gap, total[i + 1, j] + gap)
    path: list[tuple[int, int]] = []
    i, j = m, n
    while i or j:
        if i and j and total[i, j] == total[i - 1, j - 1] + 1 - similarity[i - 1, j - 1]:
            i, j = i - 1, j - 1
            path.append((i, j))
        elif i and total[i, j] == total[i - 1, j] + gap:
            i -= 1
            path.append((i, GAP))
        else:
            j -= 1
            path.append((GAP, j))
    return Reference(path=path[::-1], cost=float(total[m, n]))


def block_mean(similarity: Floats, side: int) -> Floats:
    """Averages the matrix in at most side × side blocks."""
    rows, columns = (np.arange(k + 1) * count // k for count, k in ((s, min(s, side)) for s in similarity.shape))
    return np.array([[similarity[a:b, c:d].mean() for c, d in pairwise(columns)] for a, b in pairwise(rows)])
