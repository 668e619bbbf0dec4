"""Finding the clips of a task that look like one of them."""

from __future__ import annotations

from reelops.core.search import store
from reelops.core.search.indexes import Indexes
from reelops.core.search.model import K_LIMIT, Hit, IndexKey
from reelops.core.training.adapters import Adapters
from reelops.errors import Invalid, NotFound
from reelops.infra.database import Database


class Search:
    """Searches by example."""

    def __init__(self, *, db: Database, adapters: Adapters, indexes: Indexes) -> None:
        self._db = db
        self._adapters = adapters
        self._indexes = indexes

    async def similar(self, task_id: str, video_id: int, clip_idx: int, k: int = 5) -> list[Hit]:
        """Returns the `k` (1 to 50) clips of the task nearest to a clip, without it, best first.

        Only clips that the same model embedded are compared. Raises `NotFound` with `VIDEO_NOT_FOUND` or
        `CLIP_NOT_FOUND`, `Invalid` with `TASK_MISMATCH` or `K_INVALID`, `Unavailable("INDEX_BUILDING")`.
        """
        if not 1 <= k <= K_LIMIT:
            raise Invalid("K_INVALID", f"k has to be between 1 and {K_LIMIT}.")
        queried = await store.find_queried(self._db, video_id)
        if queried is None:
            raise NotFound("VIDEO_NOT_FOUND", f"There is no video {video_id}.")
        if queried.task_id != task_id:
            raise Invalid("TASK_MISMATCH", f"Video {video_id} is not part of the task {task_id}.")
        if not 0 <= clip_idx < queried.num_clips:
            raise self._no_clip(video_id, clip_idx)
        adapter = await self._adapters.active(queried.embedding_model)
        key = IndexKey(task_id, queried.embedding_model, adapter.version if adapter is not None else None)
        index = await self._indexes.current(key, adapter, generation=queried.generation or 0)
        hits = await index.similar(video_id, clip_idx, k)
        if hits is None:
            raise self._no_clip(video_id, clip_idx)
        return hits

    def _no_clip(self, video_id: int, clip_idx: int) -> NotFound:
        return NotFound("CLIP_NOT_FOUND", f"Video {video_id} has no clip {clip_idx}.")
