"""A worker process's part: takes jobs from queues and runs their handlers until it is cancelled."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence

import sqlalchemy as sa

from reelops.infra.database import Database
from reelops.infra.database.schema import utc_now
from reelops.infra.jobs import periodic, rescue, transitions, upkeep
from reelops.infra.jobs.context import JobContext
from reelops.infra.jobs.engine import Engine
from reelops.infra.jobs.presence import Presence
from reelops.infra.jobs.queue import JobQueue
from reelops.infra.jobs.runner import Runner
from reelops.infra.jobs.settings import Handler, Periodic, WorkerSettings
from reelops.infra.jobs.store import job
from reelops.infra.jobs.transitions import Superseded
from reelops.infra.jobs.tuning import Tuning

_PURGE_EVERY_SEC = 60.0

_log = logging.getLogger(__name__)


class Worker:
    """Runs jobs. One per process, as the engine is one per process.

    `concurrency` says how many jobs of each queue this process runs at once; workers of one queue share the figure, and
    the last one that started sets it. `ready` is set when it takes jobs.
    """

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
        self._db = db
        self._client = queue.client
        self._handlers = handlers
        self._concurrency = dict(concurrency)
        self._settings = settings or WorkerSettings()
        self._periodics = periodics
        self._executor_id = f"{self._settings.slot[:40]}-{secrets.token_hex(6)}"
        self._presence = Presence(
            executor_id=self._executor_id, slot=self._settings.slot, queues=tuple(concurrency), started_at=utc_now()
        )
        self._tuning = Tuning(self._client, self._concurrency, self._settings)
        self._runner = Runner(db, self._client, handlers, self._settings, executor_id=self._executor_id)

    async def run(self) -> None:
        """Works until it is cancelled, then gives back what does not end within the grace period."""
        await self._beat()
        await periodic.plan(self._db, self._periodics)
        # Queues that the engine knows when it is launched are served at once, later ones after a second.
        await asyncio.to_thread(self._tuning.register)
        engine = await asyncio.to_thread(self._make_engine)
        try:
            await self._rescue()
            engine.launch()
            self.ready.set()
            await self._watch_over()
        finally:
            await asyncio.shield(asyncio.ensure_future(self._stop(engine)))

    def _make_engine(self) -> Engine:
        return Engine(
            self._db.address, executor_id=self._executor_id, run=self._runner.run, queues=list(self._concurrency)
        )

    async def _watch_over(self) -> None:
        every = self._settings.heartbeat_sec
        async with asyncio.TaskGroup() as group:
            group.create_task(_repeat(self._pulse, self._settings.pulse_sec))
            group.create_task(_repeat(self._beat, every))
            group.create_task(_repeat(self._rescue, every))
            group.create_task(_repeat(self._tune, every))
            group.create_task(_repeat(self._sweep, every))
            group.create_task(_repeat(self._fire, every))
            group.create_task(_repeat(self._purge, _PURGE_EVERY_SEC))

    async def _stop(self, engine: Engine) -> None:
        await self._runner.stop(grace_sec=self._settings.grace_sec)
        await engine.destroy()
        await rescue.give_back(self._db, self._client, executor_id=self._executor_id)

    async def _beat(self) -> None:
        async with self._db.write() as conn:
            await self._presence.beat(conn, running=len(self._runner.contexts))

    async def _rescue(self) -> None:
        await rescue.rescue(self._db, self._client, self._settings, executor_id=self._executor_id)

    async def _tune(self) -> None:
        await self._tuning.adjust(self._runner.ended, elapsed_sec=self._settings.heartbeat_sec)

    async def _sweep(self) -> None:
        await upkeep.sweep(self._db, self._handlers, self._settings)

    async def _fire(self) -> None:
        await periodic.fire_due(self._db, self._periodics)

    async def _purge(self) -> None:
        await upkeep.purge(self._client, self._settings)

    async def _pulse(self) -> None:
        """Writes progress and hears of cancellations, for all running jobs at once."""
        contexts = {context.job.job_id: context for context in self._runner.contexts}
        if not contexts:
            return
        query = sa.select(job.c.job_id, job.c.claim, job.c.cancelled_by).where(job.c.job_id.in_(list(contexts)))
        for row in await self._db.fetch_all(query):
            context = contexts[row.job_id]
            if context.finished:
                continue
            if row.claim != context.held.token:
                context.interrupt(Superseded(row.job_id))
            elif row.cancelled_by is not None:
                context.interrupt(transitions.cancelled(row))
        await self._write_progress(list(contexts.values()))

    async def _write_progress(self, contexts: Sequence[JobContext]) -> None:
        news = [(context, taken) for context in contexts if (taken := context.take_progress()) is not None]
        if not news:
            return
        async with self._db.write() as conn:
            for context, (progress, stage) in news:
                await conn.execute(
                    sa.update(job)
                    .where(job.c.job_id == context.job.job_id, job.c.claim == context.held.token)
                    .values(progress=progress, stage=stage, version=job.c.version + 1)
                )


async def _repeat(action: Callable[[], Awaitable[None]], pause_sec: float) -> None:
    while True:
        await asyncio.sleep(pause_sec)
        try:
            await action()
        except Exception:
            # The database may be away for a while; the next turn tries again.
            _log.warning("%s failed and will be tried again", getattr(action, "__name__", "upkeep"), exc_info=True)
