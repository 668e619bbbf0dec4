"""What a search finds, and what an index knows of a video."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

K_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Hit:
    """A clip that was found. `similarity` is the cosine, -1 to 1; times in seconds; `role` is the video's."""

    similarity: float
    video_id: int
    clip_idx: int
    start_sec: float
    end_sec: float
    role: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A video as the database has it."""

    video_id: int
    role: str
    num_clips: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A video in an index: its clips are in the slots from `first_slot` on. `times` is (clips, 2), start and end."""

    video_id: int
    role: str
    first_slot: int
    times: NDArray[np.float64]

    @property
    def num_clips(self) -> int:
        """How many slots it has."""
        return len(self.times)


@dataclass(frozen=True, slots=True)
class IndexKey:
    """What is compared with each other: clips of one task, embedded by one model, adapted by one version or none."""

    task_id: str
    embedding_model: str
    adapter_version: str | None
