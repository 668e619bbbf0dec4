"""Builds the large indexes of a new adapter aside, before it comes into use."""

from __future__ import annotations

from reelops.core.search import store
from reelops.core.search.loading import IndexLoader
from reelops.core.search.model import IndexKey
from reelops.core.search.snapshots import IndexSnapshots, version_name
from reelops.core.training.adapters import Adapter
from reelops.core.training.jobs import Report
from reelops.core.training.store import used_adapters
from reelops.infra.database import Database


class SnapshotBuilder:
    """What a training asks for, in a worker."""

    def __init__(self, *, db: Database, loader: IndexLoader, snapshots: IndexSnapshots) -> None:
        self._db = db
        self._loader = loader
        self._snapshots = snapshots

    async def prepare(self, embedding_model: str, adapter: Adapter, report: Report) -> None:
        """Writes snapshots of the tasks that are too large to be read in a moment; removes those of old adapters.

        Calls `report` before each task.
        """
        await self._remove_unused(adapter.version)
        limit = self._loader.exact_limit_of(len(adapter.mean))
        large = await store.list_large_tasks(self._db, embedding_model, more_than=limit)
        for number, task_id in enumerate(large):
            await report(number / len(large), f"building the search index of {task_id}")
            key = IndexKey(task_id, embedding_model, adapter.version)
            await self._snapshots.save(await self._loader.refresh(key, None, adapter))

    async def discard(self, adapter_version: str) -> None:
        """Removes the snapshots of an adapter that will never be used."""
        await self._snapshots.discard(adapter_version)

    async def _remove_unused(self, new_version: str) -> None:
        kept = {new_version, version_name(None), *await used_adapters(self._db)}
        for version in await self._snapshots.versions() - kept:
            await self._snapshots.discard(version)
