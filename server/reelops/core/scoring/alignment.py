"""Monotone alignment of two sequences of clips: the arithmetic that Triton's `sequence_aligner` batches.

The service takes the result from Triton. This plain form serves offline scoring and says what is meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reelops.core.scoring.boundaries import normalised

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

GAP = -1
_DIAGONAL, _UP, _LEFT = 0, 1, 2


class AlignmentLike(Protocol):
    """What a profile needs to know of an alignment, wherever it was computed.

    `path` is (pairs, 2) of gold and trainee clip, -1 for a gap; `path_similarity` (pairs,) is the cosine of each pair;
    `gold_best` (gold clips,) is each gold clip's most similar trainee clip and `gold_best_similarity` its cosine.
    """

    @property
    def path(self) -> NDArray[Any]: ...
    @property
    def path_similarity(self) -> NDArray[Any]: ...
    @property
    def gold_best(self) -> NDArray[Any]: ...
    @property
    def gold_best_similarity(self) -> NDArray[Any]: ...


@dataclass(frozen=True, slots=True)
class Alignment:
    """A path through the similarity matrix and the best partner of each clip on either side."""

    path: IntArray
    path_similarity: FloatArray
    cost: float
    gold_best: IntArray
    gold_best_similarity: FloatArray
    trainee_best: IntArray
    trainee_best_similarity: FloatArray


def align(gold: NDArray[Any], trainee: NDArray[Any], *, gap_cost: float | None = None) -> Alignment:
    """Finds the cheapest monotone path between two sequences of embeddings.

    `gold` is (gold clips, dimensions), `trainee` (trainee clips, dimensions); rows are brought to length 1 and a pair
    costs 1 - cosine. Without `gap_cost` it is dynamic time warping with unit steps, ties going to the diagonal, then
    up (Sakoe and Chiba, 1978). With it, clips of either side may stay unmatched at that cost each (Needleman and
    Wunsch, 1970) and the path holds -1 there, with similarity 0.
    """
    similarity = normalised(gold) @ normalised(trainee).T
    if gap_cost is None:
        path, cost = _warp(1.0 - similarity)
    else:
        path, cost = _with_gaps(1.0 - similarity, gap_cost)
    paired = (path >= 0).all(axis=1)
    return Alignment(
        path=path,
        path_similarity=np.where(paired, similarity[path[:, 0], path[:, 1]], 0.0),
        cost=float(cost),
        gold_best=similarity.argmax(axis=1),
        gold_best_similarity=similarity.max(axis=1),
        trainee_best=similarity.argmax(axis=0),
        trainee_best_similarity=similarity.max(axis=0),
    )


@njit(cache=True)
def _warp(cost: FloatArray) -> tuple[IntArray, float]:  # pragma: no cover - compiled
    m, n = cost.shape
    total = np.full((m + 1, n + 1), np.inf)
    total[0, 0] = 0.0
    came = np.zeros((m, n), np.uint8)
    for i in range(m):
        for j in range(n):
            best = total[i, j]
            if total[i, j + 1] < best:
                best, came[i, j] = total[i, j + 1], _UP
            if total[i + 1, j] < best:
                best, came[i, j] = total[i + 1, j], _LEFT
            total[i + 1, j + 1] = best + cost[i, j]
    return _trace(came, m, n, False), float(total[m, n])


@njit(cache=True)
def _with_gaps(cost: FloatArray, gap: float) -> tuple[IntArray, float]:  # pragma: no cover - compiled
    m, n = cost.shape
    total = np.empty((m + 1, n + 1))
    total[:, 0] = np.arange(m + 1) * gap
    total[0, :] = np.arange(n + 1) * gap
    came = np.zeros((m, n), np.uint8)
    for i in range(m):
        for j in range(n):
            best = total[i, j] + cost[i, j]
            if total[i, j + 1] + gap < best:
                best, came[i, j] = total[i, j + 1] + gap, _UP
            if total[i + 1, j] + gap < best:
                best, came[i, j] = total[i + 1, j] + gap, _LEFT
            total[i + 1, j + 1] = best
    return _trace(came, m, n, True), float(total[m, n])


@njit(cache=True)
def _trace(came: NDArray[np.uint8], m: int, n: int, gaps: bool) -> IntArray:  # pragma: no cover - compiled
    path = np.empty((m + n, 2), np.int64)
    length, i, j = 0, m, n
    while i > 0 or j > 0:
        step = came[i - 1, j - 1] if i > 0 and j > 0 else (_UP if i > 0 else _LEFT)
        path[length, 0] = -1 if gaps and step == _LEFT else i - 1
        path[length, 1] = -1 if gaps and step == _UP else j - 1
        length += 1
        if step != _LEFT:
            i -= 1
        if step != _UP:
            j -= 1
        if not gaps and (i == 0 or j == 0):
            break
    return path[:length][::-1].copy()
