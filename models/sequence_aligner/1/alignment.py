"""Alignment of two embedding sequences, without anything of Triton in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import kernels
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]

PREVIEW_SIDE = 192
# A pair costs at most 2, so past this a dearer gap changes no path; the reported cost uses the real one.
DEAREST_GAP = 4.0
WARM_CLIPS, WARM_DIM = 2000, 768


@dataclass(frozen=True, slots=True)
class Alignment:
    """The path between two sequences and what each clip is most like; shapes as in models/README.md."""

    path: IntArray
    path_similarity: FloatArray
    cost: float
    gold_best: IntArray
    gold_best_similarity: FloatArray
    trainee_best: IntArray
    trainee_best_similarity: FloatArray
    preview: FloatArray


class Aligner:
    """Keeps its large buffers from one alignment to the next; not for use by several threads at once."""

    def __init__(self, *, max_cells: int) -> None:
        self._max_cells = max_cells
        self._buffers: dict[str, NDArray[Any]] = {}

    def align(self, gold: FloatArray, trainee: FloatArray, gap_cost: float) -> Alignment:
        """Aligns gold (m, D) with trainee (n, D) on 1 - cosine.

        A negative `gap_cost` asks for dynamic time warping with unit steps (Sakoe and Chiba, 1978), any other for
        global alignment with gaps (Needleman and Wunsch, 1970). Ties prefer diagonal, then up (gold advances).
        Raises ValueError with a sentence for input that cannot be aligned.
        """
        self._check(gold, trainee, gap_cost)
        m, n = len(gold), len(trainee)
        similarity = self._buffer("similarity", (m, n), np.float32)
        np.matmul(self._unit("gold", gold), self._unit("trainee", trainee).T, out=similarity)
        moves = self._buffer("moves", (m, n), np.uint8)
        trainee_best, trainee_value = np.zeros(n, np.int32), np.empty(n, np.float32)
        row_edges, column_edges = _edges(m), _edges(n)
        preview = np.empty((len(row_edges) - 1, len(column_edges) - 1), np.float32)
        gap = round(min(gap_cost, DEAREST_GAP) * kernels.ONE) if gap_cost >= 0 else -1
        kernels.sweep(similarity, gap, moves, trainee_best, trainee_value, preview, row_edges, column_edges)
        gold_best = similarity.argmax(axis=1)
        path, path_similarity = np.empty((m + n, 2), np.int32), np.empty(m + n, np.float32)
        start, cost = kernels.trace(similarity, moves, float(gap_cost), path, path_similarity)
        return Alignment(
            path=path[start:],
            path_similarity=path_similarity[start:],
            cost=cost,
            gold_best=gold_best.astype(np.int32),
            gold_best_similarity=similarity[np.arange(m), gold_best],
            trainee_best=trainee_best,
            trainee_best_similarity=trainee_value,
            preview=preview,
        )

    def warm(self) -> None:
        """Compiles every kernel, or loads it from the cache, and maps the buffers, so that no request pays for it."""
        rows = np.eye(WARM_CLIPS, WARM_DIM, dtype=np.float32)
        for gap_cost in (-1.0, 0.5):
            self.align(rows, rows, gap_cost)

    def _check(self, gold: FloatArray, trainee: FloatArray, gap_cost: float) -> None:
        for name, rows in (("GOLD", gold), ("TRAINEE", trainee)):
            if rows.ndim != 2 or 0 in rows.shape:
                raise ValueError(f"{name} is empty: it has shape {list(rows.shape)}")
        if gold.shape[1] != trainee.shape[1]:
            raise ValueError(f"GOLD has {gold.shape[1]} dimensions and TRAINEE has {trainee.shape[1]}")
        if len(gold) * len(trainee) > self._max_cells:
            raise ValueError(f"{len(gold)} × {len(trainee)} clips are more than {self._max_cells} pairs")
        if not np.isfinite(gap_cost):
            raise ValueError("GAP_COST is not a finite number")

    def _unit(self, name: str, rows: FloatArray) -> FloatArray:
        rows = np.ascontiguousarray(rows)
        unit = self._buffer(name, rows.shape, np.float32)
        if kernels.normalise(rows, unit):
            return unit
        if not np.isfinite(rows).all():
            raise ValueError(f"{name.upper()} holds a value that is NaN or infinite")
        # Finite values whose squares overflow: bring them near 1 first.
        largest = np.abs(rows).max(axis=1, keepdims=True)
        kernels.normalise(rows / np.maximum(largest, np.float32(1)), unit)
        return unit

    def _buffer(self, name: str, shape: tuple[int, ...], dtype: type) -> NDArray[Any]:
        """Reuses memory that the kernel has already mapped: fresh pages cost as much as the whole sweep."""
        size = int(np.prod(shape))
        held = self._buffers.get(name)
        if held is None or held.size < size:
            held = self._buffers[name] = np.empty(size, dtype)
        return held[:size].reshape(shape)


def _edges(count: int) -> NDArray[np.int64]:
    blocks = min(count, PREVIEW_SIDE)
    return np.arange(blocks + 1, dtype=np.int64) * count // blocks
