"""Step boundaries from neighbouring distances, as the formula profile has them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

MIN_STEP_CLIPS = 2
THRESHOLD_DEVIATIONS = 1.0


def find_boundaries(embeddings: ArrayLike) -> tuple[int, ...]:
    """Finds where one step ends and the next begins, as clip numbers (0, ..., n).

    `embeddings` is (clips, dimensions), of any length. With d_i = 1 - cos(e_i, e_i+1), a step begins at clip i + 1
    where d_i is at least mean(d) + 1.0 std(d) and at least 2 clips passed since the last boundary.
    """
    unit = normalised(embeddings)
    n = len(unit)
    if n < 2:
        return (0, n)
    distances = 1.0 - np.einsum("ij,ij->i", unit[:-1], unit[1:])
    threshold = distances.mean() + THRESHOLD_DEVIATIONS * distances.std()
    found = [0]
    for i in np.flatnonzero(distances >= threshold):
        if i + 1 - found[-1] >= MIN_STEP_CLIPS:
            found.append(int(i) + 1)
    return (*found, n)


def step_of_clips(boundaries: tuple[int, ...]) -> NDArray[np.int64]:
    """Gives each clip the zero-based number of its step."""
    return np.repeat(np.arange(len(boundaries) - 1), np.diff(boundaries))


def normalised(embeddings: ArrayLike) -> NDArray[np.float64]:
    """Scales each row to length 1; a row of zeros stays one."""
    rows = np.asarray(embeddings, dtype=np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1.0), dtype=np.float64)
