"""Watchers of jobs. However many there are, one task asks the database for all of them with one query at a time.

Jobs are changed by other processes, and SQLite has nothing to be notified by. The pause between queries is short while
watched jobs change and grows while they do not.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa

from reelops.errors import Unavailable
from reelops.infra.database import Database
from reelops.infra.jobs.model import Job
from reelops.infra.jobs.rows import COLUMNS, to_job
from reelops.infra.jobs.store import job

_SHORTEST_SEC = 0.05
_LONGEST_SEC = 1.0
_GROWTH = 1.25
_BATCH = 500

_log = logging.getLogger(__name__)


class _Latest:
    """Holds the newest state that a watcher has not seen."""

    def __init__(self, version: int) -> None:
        self.version = version
        self._jobs: asyncio.Queue[Job] = asyncio.Queue(1)

    def put(self, changed: Job) -> None:
        self.version = changed.version
        if self._jobs.full():
            self._jobs.get_nowait()
        self._jobs.put_nowait(changed)

    async def get(self) -> Job:
        """Waits for a state that is newer than the last one."""
        return await self._jobs.get()


class Watching:
    """The watchers of one process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._watchers: defaultdict[str, set[_Latest]] = defaultdict(set)
        self._poller: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()

    @contextmanager
    def subscribe(self, job_id: str, version: int) -> Iterator[_Latest]:
        """Watches a job from a version on."""
        latest = _Latest(version)
        self._watchers[job_id].add(latest)
        self.wake()
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            yield latest
        finally:
            self._watchers[job_id].discard(latest)
            if not self._watchers[job_id]:
                del self._watchers[job_id]

    def wake(self) -> None:
        """Says that something is likely to have changed."""
        self._woken.set()

    async def close(self) -> None:
        """Ends the polling."""
        if self._poller is not None:
            self._poller.cancel()
            with suppress(asyncio.CancelledError):
                await self._poller

    async def _poll(self) -> None:
        pause = _SHORTEST_SEC
        while self._watchers:
            try:
                changed = await self._look()
            except Unavailable:
                _log.warning("watched jobs cannot be read for now")
                changed = False
            pause = _SHORTEST_SEC if changed else min(_LONGEST_SEC, pause * _GROWTH)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause)
                pause = _SHORTEST_SEC
            self._woken.clear()

    async def _look(self) -> bool:
        ids = list(self._watchers)
        changed = False
        for start in range(0, len(ids), _BATCH):
            query = sa.select(job.c.job_id, job.c.version).where(job.c.job_id.in_(ids[start : start + _BATCH]))
            versions = await self._db.fetch_all(query)
            news = [
                row.job_id
                for row in versions
                if any(w.version < row.version for w in self._watchers.get(row.job_id, ()))
            ]
            changed = changed or bool(news)
            await self._tell(news)
        return changed

    async def _tell(self, ids: list[str]) -> None:
        if not ids:
            return
        for row in await self._db.fetch_all(sa.select(*COLUMNS).where(job.c.job_id.in_(ids))):
            for watcher in self._watchers.get(row.job_id, ()):
                if watcher.version < row.version:
                    watcher.put(to_job(row))
