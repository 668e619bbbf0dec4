"""Runs one job at a time from claim to outcome; a worker has many of these in flight."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.errors import Cancelled, ReelOpsError, Unavailable
from reelops.infra.database import Database
from reelops.infra.jobs import transitions, upkeep
from reelops.infra.jobs.context import JobContext
from reelops.infra.jobs.engine import EngineClient
from reelops.infra.jobs.model import Job, JobState
from reelops.infra.jobs.settings import Backoff, Handler, WorkerSettings
from reelops.infra.jobs.transitions import Claim, Superseded

# From the third lost worker on, a job waits a while: it may be what kills workers, and it spares the jobs beside it.
_SUSPECT_AFTER = 2
_SUSPECT_WAIT = Backoff(first_sec=0.5, limit_sec=30.0)
_DATABASE_PAUSE_SEC = 1.0

_log = logging.getLogger(__name__)


class Runner:
    """The jobs that a worker process has in hand."""

    def __init__(
        self,
        db: Database,
        client: EngineClient,
        handlers: Mapping[str, Handler],
        settings: WorkerSettings,
        *,
        executor_id: str,
    ) -> None:
        self._db = db
        self._client = client
        self._handlers = handlers
        self._settings = settings
        self._executor_id = executor_id
        self._running: dict[JobContext, asyncio.Task[None]] = {}
        self._stopping = False
        # Attempts that ended so far, by queue.
        self.ended: Counter[str] = Counter()

    @property
    def contexts(self) -> list[JobContext]:
        """The attempts that run now."""
        return list(self._running)

    async def run(self, job_id: str, run: int) -> None:
        """Runs a job for the engine. When the worker stops, CancelledError leaves the engine's run open."""
        while not self._stopping:
            try:
                held = await self._claim(job_id, run)
            except Unavailable:
                _log.warning("job %s cannot be claimed while the database is away", job_id)
                await asyncio.sleep(_DATABASE_PAUSE_SEC)
                continue
            if held is not None:
                await self._work(held)
            return
        raise asyncio.CancelledError

    async def stop(self, *, grace_sec: float) -> None:
        """Lets running jobs end for a while, then gives the rest back."""
        self._stopping = True
        if self._running:
            await asyncio.wait(self._running.values(), timeout=grace_sec)
        for context, task in list(self._running.items()):
            context.stop()
            task.cancel()
        if self._running:
            await asyncio.wait(self._running.values(), timeout=grace_sec + 1.0)

    async def _claim(self, job_id: str, run: int) -> Claim | None:
        async with self._db.write() as conn:
            held = await transitions.claim(conn, job_id, run, executor_id=self._executor_id)
            if held is None or not held.rescued or held.interruptions <= _SUSPECT_AFTER:
                return held
            if held.interruptions > self._settings.max_interruptions:
                message = f"The job's worker process was lost {held.interruptions} times while it ran."
                await transitions.fail(conn, held, code="WORKER_LOST", message=message, clean=False)
                await transitions.mark_for_cleanup(conn, job_id)
                return None
            delay = _SUSPECT_WAIT.delay(held.interruptions - _SUSPECT_AFTER)
            stage = f"its workers were lost {held.interruptions} times; trying again in {delay:.0f} s"
            await self._defer(conn, held, stage, delay, uses_attempt=False)
            return None

    async def _work(self, held: Claim) -> None:
        handler = self._handlers.get(held.job.kind)
        if handler is None:
            message = f"No worker of queue {held.job.queue} knows jobs of kind {held.job.kind}."
            await self._settle(held, lambda conn: self._fail(conn, held, "JOB_KIND_UNKNOWN", message))
            return
        context = JobContext(self._db, held)
        task = asyncio.ensure_future(_call(handler, context))
        self._running[context] = task
        try:
            await self._await_outcome(context, task)
        finally:
            self._running.pop(context, None)
            self.ended[held.job.queue] += 1

    async def _await_outcome(self, context: JobContext, task: asyncio.Task[None]) -> None:
        held = context.held
        try:
            await asyncio.wait([task])
            task.result()
            if not context.finished:
                await self._settle(held, lambda conn: transitions.complete(conn, held, result=context.result))
        except asyncio.CancelledError:
            await self._release(context, task)
            raise
        except Superseded:
            _log.warning("job %s was taken over by another worker", held.job.job_id)
        except Exception as error:
            await self._unsuccessful(context, error)

    async def _release(self, context: JobContext, task: asyncio.Task[None]) -> None:
        context.stop()
        task.cancel()
        if not context.finished:
            await self._settle(context.held, lambda conn: transitions.release(conn, context.held))

    async def _unsuccessful(self, context: JobContext, error: Exception) -> None:
        held, job = context.held, context.job
        if context.finished:
            _log.error("job %s raised after it was completed", job.job_id, exc_info=error)
        elif isinstance(error, Cancelled):
            await self._settle(held, lambda conn: transitions.give_up(conn, held, clean=self._cleans(job)))
        elif isinstance(error, Unavailable):
            await self._wait(held, error)
        elif isinstance(error, ReelOpsError):
            code, message = error.code, error.message
            await self._settle(held, lambda conn: self._fail(conn, held, code, message))
        else:
            await self._retry(held, error)

    async def _wait(self, held: Claim, error: Unavailable) -> None:
        delay = self._settings.wait.delay(held.waits + 1)
        stage = f"waiting: {error.message}"
        await self._settle(
            held, lambda conn: self._defer(conn, held, stage, delay, uses_attempt=False, waits=held.waits + 1)
        )

    async def _retry(self, held: Claim, error: Exception) -> None:
        job, incident = held.job, secrets.token_hex(4)
        _log.error("job %s (%s) broke, incident %s", job.job_id, job.kind, incident, exc_info=error)
        if job.attempt >= job.max_attempts:
            message = f"Internal error {incident}."
            await self._settle(held, lambda conn: self._fail(conn, held, "INTERNAL", message))
            return
        delay = self._settings.retry.delay(job.attempt)
        stage = f"internal error {incident}; attempt {job.attempt + 1} of {job.max_attempts} follows"
        await self._settle(held, lambda conn: self._defer(conn, held, stage, delay, uses_attempt=True))

    async def _defer(
        self, conn: AsyncConnection, held: Claim, stage: str, delay: float, *, uses_attempt: bool, waits: int = 0
    ) -> Job:
        return await transitions.defer(
            conn, self._client, held, stage=stage, delay_sec=delay, uses_attempt=uses_attempt, waits=waits
        )

    async def _fail(self, conn: AsyncConnection, held: Claim, code: str, message: str) -> Job:
        return await transitions.fail(conn, held, code=code, message=message, clean=self._cleans(held.job))

    async def _settle(self, held: Claim, change: Callable[[AsyncConnection], Awaitable[Job]]) -> None:
        """Writes an outcome, however long the database is away, and cleans up after one that is bad."""
        while True:
            try:
                async with self._db.write() as conn:
                    changed = await change(conn)
                break
            except Superseded:
                _log.warning("job %s was taken over by another worker", held.job.job_id)
                return
            except Unavailable:
                _log.warning("the outcome of job %s waits for the database", held.job.job_id)
                await asyncio.sleep(_DATABASE_PAUSE_SEC)
        if changed.state in (JobState.failed, JobState.cancelled):
            await upkeep.clean_up(self._db, self._handlers, changed)

    def _cleans(self, job: Job) -> bool:
        return upkeep.cleaner(self._handlers, job.kind) is not None


async def _call(handler: Handler, context: JobContext) -> None:
    await handler(context)
