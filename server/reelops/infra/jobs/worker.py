"""A worker process's part: takes jobs from queues and runs their handlers until it is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from reelops.infra.database import Database
from reelops.infra.jobs.queue import JobQueue
from reelops.infra.jobs.settings import Handler, Periodic, WorkerSettings


class Worker:
    """Runs jobs. One per process, as the engine is one per process."""

    def __init__(
        self,
        db: Database,
        queue: JobQueue,
        handlers: Mapping[str, Handler],
        concurrency: Mapping[str, int],
        *,
        settings: WorkerSettings | None = None,
        periodics: Sequence[Periodic] = (),
    ) -> None:
        self.ready = asyncio.Event()
        raise NotImplementedError

    async def run(self) -> None:
        """Works until it is cancelled, then gives back what does not end within the grace period."""
        raise NotImplementedError
