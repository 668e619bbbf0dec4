"""The compiled loops of the aligner: normalising, one sweep over the similarity matrix, and the way back.

Costs are fixed-point integers of 2**-20. That is coarser than the rounding of the matrix product, so equal clips cost
exactly the same and ties are broken by rule instead of by noise, and integer sums keep the loop's dependency short.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

ONE = 1 << 20
FAR = 1 << 60  # past any real sum, and far enough from overflow to be added to
DIAGONAL, UP, LEFT = 0, 1, 2
GAP = -1


# Only sums may be reordered: an assumption that there is no NaN would remove the check for it.
@njit(cache=True, fastmath={"reassoc", "contract"}, boundscheck=False, nogil=True)
def normalise(rows: Any, out: Any) -> bool:
    """Writes the rows, scaled to length 1, to `out`; zero rows stay zero. Gives False when a length is not finite."""
    for i in range(rows.shape[0]):
        total = np.float32(0)
        for j in range(rows.shape[1]):
            total += rows[i, j] * rows[i, j]
        if not np.isfinite(total):
            return False
        scale = np.float32(1) / np.sqrt(total) if total > 1e-30 else np.float32(0)
        for j in range(rows.shape[1]):
            out[i, j] = rows[i, j] * scale
    return True


@njit(cache=True, boundscheck=False, inline="always")
def _warp_row(costs: Any, previous: Any, moves: Any) -> None:
    """Advances dynamic time warping by one row: cost plus the least of diagonal, up and left, in that order."""
    diagonal = previous[0]
    previous[0] = FAR
    left = previous[0]
    for j in range(costs.shape[0]):
        up = previous[j + 1]
        best, move = diagonal, np.uint8(DIAGONAL)
        if up < best:
            best, move = up, np.uint8(UP)
        if left < best:
            best, move = left, np.uint8(LEFT)
        left = best + costs[j]
        moves[j] = move
        diagonal = up
        previous[j + 1] = left


@njit(cache=True, boundscheck=False, inline="always")
def _gap_row(costs: Any, previous: Any, moves: Any, gap: Any) -> None:
    """Advances Needleman-Wunsch by one row: a pair costs its cost, a step up or left costs a gap."""
    diagonal = previous[0]
    previous[0] = diagonal + gap
    left = previous[0]
    for j in range(costs.shape[0]):
        up = previous[j + 1]
        best, move = diagonal + costs[j], np.uint8(DIAGONAL)
        if up + gap < best:
            best, move = up + gap, np.uint8(UP)
        if left + gap < best:
            best, move = left + gap, np.uint8(LEFT)
        left = best
        moves[j] = move
        diagonal = up
        previous[j + 1] = left


@njit(cache=True, boundscheck=False, nogil=True)
def sweep(
    similarity: Any,
    gap: Any,
    moves: Any,
    column_best: Any,
    column_value: Any,
    preview: Any,
    row_edges: Any,
    column_edges: Any,
) -> None:
    """Fills moves, the best row of each column and the preview, reading each row of the matrix once.

    `similarity` is (m, n) and is clipped to [-1, 1] in place. `gap` is fixed-point, negative for plain warping.
    `preview` gets the mean of each block between neighbouring edges.
    """
    m, n = similarity.shape
    costs = np.empty(n, np.int32)
    previous = np.empty(n + 1, np.int64)
    sums = np.zeros(n, np.float32)
    column_value[:] = np.float32(-2)
    for j in range(n + 1):
        previous[j] = j * gap if gap >= 0 else FAR
    previous[0] = 0
    block = 0
    for i in range(m):
        row = similarity[i]
        for j in range(n):
            value = min(max(row[j], np.float32(-1)), np.float32(1))
            row[j] = value
            sums[j] += value
            costs[j] = np.int32(ONE) - np.int32(np.rint(value * np.float32(ONE)))
        for j in range(n):
            better = row[j] > column_value[j]
            column_value[j] = row[j] if better else column_value[j]
            column_best[j] = i if better else column_best[j]
        if gap < 0:
            _warp_row(costs, previous, moves[i])
        else:
            _gap_row(costs, previous, moves[i], gap)
        if i + 1 == row_edges[block + 1]:
            _close_block(sums, i + 1 - row_edges[block], column_edges, preview[block])
            block += 1


@njit(cache=True, boundscheck=False)
def _close_block(sums: Any, rows: int, edges: Any, preview: Any) -> None:
    for b in range(preview.shape[0]):
        total = 0.0
        for j in range(edges[b], edges[b + 1]):
            total += sums[j]
        preview[b] = np.float32(total / (rows * (edges[b + 1] - edges[b])))
    sums[:] = np.float32(0)


@njit(cache=True, boundscheck=False, nogil=True)
def trace(similarity: Any, moves: Any, gap_cost: float, path: Any, path_similarity: Any) -> tuple[int, float]:
    """Walks back from the last cell. Gives where the path begins in `path` (it is filled from the end) and its cost.

    With gaps (`gap_cost` >= 0) an unmatched clip has -1 on the other side and similarity 0.
    """
    i, j = similarity.shape[0] - 1, similarity.shape[1] - 1
    k = path.shape[0]
    cost = 0.0
    while i >= 0 or j >= 0:
        k -= 1
        move = UP if j < 0 else LEFT  # past one side's first clip only gaps are left
        if i >= 0 and j >= 0:
            move = moves[i, j]
        paired = gap_cost < 0 or move == DIAGONAL
        path[k, 0] = GAP if move == LEFT and not paired else i
        path[k, 1] = GAP if move == UP and not paired else j
        path_similarity[k] = similarity[i, j] if paired else np.float32(0)
        cost += 1.0 - similarity[i, j] if paired else gap_cost
        if move != LEFT:
            i -= 1
        if move != UP:
            j -= 1
    return k, cost
