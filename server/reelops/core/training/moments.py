"""Mean and variance of rows that are never in memory together (Chan, Golub and LeVeque, 1979)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class RunningMoments:
    """Takes batches of rows; keeps two vectors. Figures are float64, so the order of batches does not matter."""

    def __init__(self, dim: int) -> None:
        self.count = 0
        self.mean: NDArray[np.float64] = np.zeros(dim)
        self._squares: NDArray[np.float64] = np.zeros(dim)

    def add(self, rows: NDArray[np.float32]) -> None:
        """Takes rows (n, dim); a batch of none changes nothing."""
        if not len(rows):
            return
        batch = rows.astype(np.float64)
        mean = batch.mean(axis=0)
        total = self.count + len(rows)
        shift = mean - self.mean
        self._squares += ((batch - mean) ** 2).sum(axis=0) + shift**2 * (self.count * len(rows) / total)
        self.mean = self.mean + shift * (len(rows) / total)
        self.count = total

    @property
    def variance(self) -> NDArray[np.float64]:
        """The variance over all rows so far (not of a sample: divided by their number)."""
        return self._squares / max(1, self.count)
