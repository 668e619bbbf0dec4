"""The indexes that a process holds: loaded when they are asked for, kept in step, dropped when memory is short."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from reelops.core.search.loading import IndexLoader
from reelops.core.search.model import IndexKey
from reelops.core.search.snapshots import IndexSnapshots
from reelops.core.search.task_index import TaskIndex
from reelops.core.training.adapters import Adapter
from reelops.errors import ReelOpsError, Unavailable

MEMORY_BYTES = 4 * 1024**3
_SAVED_SHARE = 0.1
_SAVING_GRACE_SEC = 5.0
_log = logging.getLogger(__name__)

Family = tuple[str, str]
"""A task and a model. Its index of an older adapter serves until that of the newer one is there."""


class Indexes:
    """Indexes by task and model. Used by one event loop; open it with `async with indexes.open()`."""

    def __init__(
        self,
        *,
        loader: IndexLoader,
        snapshots: IndexSnapshots,
        memory_bytes: int = MEMORY_BYTES,
        patience_sec: float = 20.0,
        patience_with_older_sec: float = 1.0,
    ) -> None:
        self._loader = loader
        self._snapshots = snapshots
        self._memory_bytes = memory_bytes
        self._patience_sec = patience_sec
        self._patience_with_older_sec = patience_with_older_sec
        self._loaded: OrderedDict[Family, TaskIndex] = OrderedDict()
        self._work: dict[Family, asyncio.Task[None]] = {}
        self._saving: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Indexes]:
        """Ends what goes on in the background at its end; what is not saved by then is built again another time."""
        try:
            yield self
        finally:
            if self._saving:
                await asyncio.wait(self._saving, timeout=_SAVING_GRACE_SEC)
            pending = [*self._work.values(), *self._saving]
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
            self._loaded.clear()

    async def current(self, key: IndexKey, adapter: Adapter | None, *, generation: int) -> TaskIndex:
        """Returns the index of a key, at least as new as the task's `generation`.

        While the index for a new adapter is being made, the one for the adapter before is returned. Raises
        `Unavailable("INDEX_BUILDING")` when making it takes long.
        """
        family = (key.task_id, key.embedding_model)
        deadline = asyncio.get_running_loop().time() + self._patience_sec
        while True:
            index = self._loaded.get(family)
            if index is not None and index.generation >= generation and index.key == key:
                self._loaded.move_to_end(family)
                return index
            older = index if index is not None and index.generation >= generation else None
            work = self._start(family, key, adapter)
            left = deadline - asyncio.get_running_loop().time()
            await asyncio.wait({work}, timeout=min(left, self._patience_with_older_sec) if older else max(0, left))
            if work.done():
                work.result()
            elif older is not None:
                return older
            else:
                raise Unavailable("INDEX_BUILDING", "The search index of this task is being built; try again soon.")

    def _start(self, family: Family, key: IndexKey, adapter: Adapter | None) -> asyncio.Task[None]:
        work = self._work.get(family)
        if work is None:
            work = self._work[family] = asyncio.create_task(self._bring_up(family, key, adapter))
            work.add_done_callback(lambda _: self._work.pop(family, None))
        return work

    async def _bring_up(self, family: Family, key: IndexKey, adapter: Adapter | None) -> None:
        index = self._loaded.get(family)
        if index is None or index.key != key:
            index = await self._snapshots.load(key)
        if index is None:
            index = await self._loader.refresh(key, None, adapter)
        else:
            async with index.changing:
                index = await self._loader.refresh(key, index, adapter)
        self._loaded[family] = index
        self._loaded.move_to_end(family)
        self._evict()
        if index.vectors.in_graph - index.saved_slots > max(1, _SAVED_SHARE * index.saved_slots):
            task = asyncio.create_task(self._save(index))
            self._saving.add(task)
            task.add_done_callback(self._saving.discard)

    async def _save(self, index: TaskIndex) -> None:
        async with index.changing:
            try:
                await self._snapshots.save(index)
            except (ReelOpsError, OSError) as error:
                _log.warning("an index could not be saved: %s", error)

    def _evict(self) -> None:
        total = sum(index.nbytes for index in self._loaded.values())
        while total > self._memory_bytes and len(self._loaded) > 1:
            _, index = self._loaded.popitem(last=False)
            total -= index.nbytes
