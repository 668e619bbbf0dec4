"""The index of one task: which clip is in which slot, and which slots still count."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from reelops.core.search.model import K_LIMIT, Hit, IndexKey, Placed
from reelops.infra.vectors import VectorIndex

_DEAD_SHARE = 0.25
# A search for so few takes well under a millisecond.
_INLINE_LIMIT = 2 * K_LIMIT + 1


class TaskIndex:
    """Vectors of a task's clips. The slots of videos that are gone stay until the index is compacted.

    `generation` is the task's when the index was last brought into step. Changed by one task at a time (`changing`).
    """

    def __init__(self, key: IndexKey, vectors: VectorIndex, placed: Iterable[Placed] = ()) -> None:
        self.key = key
        self.vectors = vectors
        self.generation = -1
        self.saved_slots = vectors.in_graph
        self.changing = asyncio.Lock()
        self.placed: dict[int, Placed] = {}
        self._firsts: list[int] = []
        self._owners: list[int] = []
        self._live = 0
        for one in placed:
            self.place(one)

    @property
    def nbytes(self) -> int:
        """Memory that it takes, about."""
        return self.vectors.nbytes + 16 * len(self.vectors) + 400 * len(self.placed)

    @property
    def is_wasteful(self) -> bool:
        """Says whether so many slots are dead that a new index is worth its while."""
        dead = len(self.vectors) - self._live
        return dead > _DEAD_SHARE * len(self.vectors)

    def place(self, video: Placed) -> None:
        """Lets a video be found. Its slots follow those of every video that was placed before."""
        self.placed[video.video_id] = video
        self._firsts.append(video.first_slot)
        self._owners.append(video.video_id)
        self._live += video.num_clips

    def drop(self, video_id: int) -> None:
        """Lets a video be found no more."""
        self._live -= self.placed.pop(video_id).num_clips

    async def similar(self, video_id: int, clip_idx: int, k: int) -> list[Hit] | None:
        """Returns the `k` clips nearest to one, without it, best first; None where it is not in the index."""
        video = self.placed.get(video_id)
        if video is None or not clip_idx < video.num_clips:
            return None
        slot = video.first_slot + clip_idx
        # One more for the clip itself, and some for the dead.
        wanted = k + 1 if self._live == len(self.vectors) else 2 * k + 1
        while True:
            slots, similarities = await self._nearest(slot, wanted)
            hits = self._hits(slots, similarities, without=slot)
            if len(hits) >= k or wanted >= len(self.vectors):
                return hits[:k]
            wanted *= 4

    async def _nearest(self, slot: int, wanted: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        # Going to a thread and back costs as much as such a search, and many times as much on a busy machine.
        if wanted <= _INLINE_LIMIT and self.vectors.is_idle:
            return self._nearest_blocking(slot, wanted)
        return await asyncio.to_thread(self._nearest_blocking, slot, wanted)

    def _nearest_blocking(self, slot: int, wanted: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        return self.vectors.search(self.vectors.vector(slot), wanted)

    def _hits(self, slots: NDArray[np.int64], similarities: NDArray[np.float32], *, without: int) -> list[Hit]:
        hits = []
        for slot, similarity in zip(slots.tolist(), similarities.tolist(), strict=True):
            video = self._owner(slot) if slot != without else None
            if video is not None:
                start_sec, end_sec = video.times[slot - video.first_slot].tolist()
                clip_idx = slot - video.first_slot
                hits.append(Hit(similarity, video.video_id, clip_idx, start_sec, end_sec, video.role))
        return hits

    def _owner(self, slot: int) -> Placed | None:
        """Returns the video whose clip is in a slot, or None where it is gone or not placed yet."""
        at = bisect_right(self._firsts, slot) - 1
        video = self.placed.get(self._owners[at]) if at >= 0 else None
        if video is None or not video.first_slot <= slot < video.first_slot + video.num_clips:
            return None
        return video
