"""What the models say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class EmbedderInfo:
    """Which embedder runs. Embeddings compare only when their labels are equal.

    `geometry` is what a clip must have: (frames, height, width).
    """

    name: str
    version: str
    dim: int
    geometry: tuple[int, int, int]

    @property
    def label(self) -> str:
        return f"{self.name}:{self.version}"


@dataclass(frozen=True, slots=True)
class Alignment:
    """How gold (m clips) and trainee (n clips) go together.

    `path` is (L, 2) with gold and trainee clip, -1 for a gap; `path_similarity` (L,) is the cosine of each pair, 0 for
    a gap. `cost` is the sum of 1 - cosine along the path, and of the gaps. The best arrays give, for each clip of one
    side, the most similar of the other side and their cosine. `preview` is the similarity matrix averaged in blocks,
    at most 192 × 192.
    """

    path: IntArray
    path_similarity: FloatArray
    cost: float
    gold_best: IntArray
    gold_best_similarity: FloatArray
    trainee_best: IntArray
    trainee_best_similarity: FloatArray
    preview: FloatArray
