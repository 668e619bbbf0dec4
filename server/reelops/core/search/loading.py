"""Brings an index into step with its task's rows, which are the truth."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from reelops.core.library.model import embeddings_key
from reelops.core.search import store
from reelops.core.search.model import IndexKey, Listed, Placed
from reelops.core.search.task_index import TaskIndex
from reelops.core.training.adapters import Adapter, effective
from reelops.errors import NotFound
from reelops.infra.blobs import BlobStore
from reelops.infra.database import Database
from reelops.infra.vectors import VectorIndex

# Videos, and at most about so many clips, that are read at a time.
_BATCH_VIDEOS = 64
_BATCH_CLIPS = 4096
_log = logging.getLogger(__name__)


class IndexLoader:
    """Reads embeddings into indexes."""

    def __init__(self, *, db: Database, blobs: BlobStore, exact_limit: int | None = None) -> None:
        self._db = db
        self._blobs = blobs
        self._exact_limit = exact_limit

    def exact_limit_of(self, dim: int) -> int:
        """Returns how many clips a task may have before its index has a graph."""
        return VectorIndex(dim, exact_limit=self._exact_limit).exact_limit

    async def refresh(self, key: IndexKey, index: TaskIndex | None, adapter: Adapter | None) -> TaskIndex:
        """Brings an index into step, or makes one where there is none or most of it is dead."""
        generation, listed = await store.list_videos(self._db, key.task_id, key.embedding_model)
        if index is not None:
            self._drop_gone(index, listed)
            if index.is_wasteful or not len(index.vectors):
                index = None
        async for batch, rows in self._read_new(key, index, listed):
            vectors = await asyncio.to_thread(_adapted, rows, adapter)
            index = index or TaskIndex(key, VectorIndex(vectors[0].shape[1], exact_limit=self._exact_limit))
            await self._add(index, batch, vectors)
        # A task without clips has an index too, so that it is not looked for again.
        index = index or TaskIndex(key, VectorIndex(1, exact_limit=self._exact_limit))
        index.generation = generation
        return index

    def _drop_gone(self, index: TaskIndex, listed: Sequence[Listed]) -> None:
        present = {video.video_id: video.num_clips for video in listed}
        for video_id, placed in list(index.placed.items()):
            if present.get(video_id) != placed.num_clips:
                index.drop(video_id)

    async def _read_new(
        self, key: IndexKey, index: TaskIndex | None, listed: Sequence[Listed]
    ) -> AsyncIterator[tuple[list[Listed], list[NDArray[np.float32]]]]:
        dim = index.vectors.dim if index is not None and len(index.vectors) else None
        for batch in _batches([video for video in listed if index is None or video.video_id not in index.placed]):
            rows = await asyncio.gather(*(self._read(video, key.embedding_model) for video in batch))
            dim = dim or next((one.shape[1] for one in rows if one is not None), None)
            good = [(video, one) for video, one in zip(batch, rows, strict=True) if one is not None]
            if any(one.shape[1] != dim for _, one in good):
                _log.warning("embeddings of one model differ in length in task %s", key.task_id)
                good = [(video, one) for video, one in good if one.shape[1] == dim]
            if good:
                yield [video for video, _ in good], [one for _, one in good]

    async def _add(self, index: TaskIndex, batch: Sequence[Listed], vectors: Sequence[NDArray[np.float32]]) -> None:
        times = await store.list_times(self._db, [video.video_id for video in batch])
        slot = await asyncio.to_thread(index.vectors.add, np.concatenate(vectors))
        for video, rows in zip(batch, vectors, strict=True):
            # A video that was deleted meanwhile has no times; it leaves with the next generation.
            known = times.get(video.video_id)
            if known is not None and len(known) == len(rows):
                index.place(Placed(video.video_id, video.role, slot, known))
            slot += len(rows)

    async def _read(self, video: Listed, model: str) -> NDArray[np.float32] | None:
        try:
            data = await self._blobs.get_bytes(embeddings_key(video.video_id, model))
            rows = np.asarray(np.load(io.BytesIO(data), allow_pickle=False), dtype=np.float32)
        except NotFound:
            return None  # deleted meanwhile
        except (ValueError, EOFError, OSError):
            _log.warning("the embeddings of video %s are damaged", video.video_id)
            return None
        sound = rows.ndim == 2 and len(rows) == video.num_clips and rows.shape[1] > 0 and np.isfinite(rows).all()
        return rows if sound else None


def _batches(listed: Sequence[Listed]) -> Iterator[list[Listed]]:
    batch: list[Listed] = []
    clips = 0
    for video in listed:
        batch.append(video)
        clips += video.num_clips
        if len(batch) >= _BATCH_VIDEOS or clips >= _BATCH_CLIPS:
            yield batch
            batch, clips = [], 0
    if batch:
        yield batch


def _adapted(rows: Sequence[NDArray[np.float32]], adapter: Adapter | None) -> list[NDArray[np.float32]]:
    return [effective(one, adapter) for one in rows]
