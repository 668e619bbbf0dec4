"""The queue as callers see it: enqueue, look, list, cancel, watch, count."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.errors import NotFound
from reelops.infra.database import Database
from reelops.infra.jobs import presence, tally, transitions
from reelops.infra.jobs.engine import EngineClient
from reelops.infra.jobs.model import Job, JobState, NewJob, QueueDepth, WorkerInfo
from reelops.infra.jobs.rows import COLUMNS, to_job
from reelops.infra.jobs.store import job
from reelops.infra.jobs.watching import Watching

_BY_ID = sa.select(*COLUMNS).where(job.c.job_id == sa.bindparam("job_id"))
_BY_ID_OF_ORG = _BY_ID.where(job.c.org_id == sa.bindparam("org_id"))
_NUMBER = sa.select(job.c.number, job.c.org_id).where(job.c.job_id == sa.bindparam("job_id"))


class JobQueue:
    """All jobs of a database. Made by `JobQueue.open`, after `migrate`."""

    def __init__(self, db: Database, client: EngineClient, watching: Watching) -> None:
        self._db = db
        self._client = client
        self._watching = watching

    @classmethod
    @asynccontextmanager
    async def open(cls, db: Database) -> AsyncIterator[JobQueue]:
        """Opens the queue of a database that is migrated."""
        client = await asyncio.to_thread(EngineClient, db.address)
        watching = Watching(db)
        try:
            yield cls(db, client, watching)
        finally:
            await watching.close()
            await asyncio.to_thread(client.close)

    @property
    def client(self) -> EngineClient:
        """The engine, for workers."""
        return self._client

    async def enqueue(self, conn: AsyncConnection, new: NewJob) -> Job:
        """Records a job and hands it to the engine, both in the caller's write transaction."""
        return await transitions.add(conn, self._client, new)

    async def get(self, job_id: str, org_id: str | None = None) -> Job:
        """Returns a job; with `org_id`, only one of that organisation. Raises `NotFound("JOB_NOT_FOUND")`."""
        if org_id is None:
            row = await self._db.fetch_one(_BY_ID, {"job_id": job_id})
        else:
            row = await self._db.fetch_one(_BY_ID_OF_ORG, {"job_id": job_id, "org_id": org_id})
        if row is None:
            raise _unknown(job_id)
        return to_job(row)

    async def list(
        self,
        *,
        kind: str | None = None,
        state: JobState | None = None,
        task_id: str | None = None,
        org_id: str | None = None,
        limit: int = 50,
        after: str | None = None,
    ) -> list[Job]:
        """Returns jobs, the newest first; `after` is the id of the last job of the page before."""
        wanted = {
            job.c.kind: kind,
            job.c.state: state and state.value,
            job.c.task_id: task_id,
            job.c.org_id: org_id,
        }
        query = sa.select(*COLUMNS).order_by(job.c.number.desc()).limit(limit)
        for column, value in wanted.items():
            query = query if value is None else query.where(column == value)
        if after is not None:
            last = await self._db.fetch_one(_NUMBER, {"job_id": after})
            if last is None or org_id not in (None, last.org_id):
                raise _unknown(after)
            query = query.where(job.c.number < last.number)
        return [to_job(row) for row in await self._db.fetch_all(query)]

    async def cancel(self, job_id: str, *, by: str, org_id: str | None = None) -> Job:
        """Cancels a job: a queued one at once, a running one at its next checkpoint. Final jobs stay as they are."""
        async with self._db.write() as conn:
            changed = await transitions.cancel(conn, job_id, by=by, org_id=org_id)
        if changed is None:
            raise _unknown(job_id)
        self._watching.wake()
        return changed

    async def cancel_within(self, conn: AsyncConnection, job_id: str, *, by: str) -> Job | None:
        """Cancels a job in the caller's write transaction; None where there is none."""
        return await transitions.cancel(conn, job_id, by=by)

    async def watch(self, job_id: str, org_id: str | None = None) -> AsyncIterator[Job]:
        """Yields the job at once, then after each change, and ends after a final state.

        A watcher that is slow sees the newest state and may miss ones between. Raises `NotFound("JOB_NOT_FOUND")`.
        """
        present = await self.get(job_id, org_id)
        yield present
        with self._watching.subscribe(job_id, present.version) as changes:
            while not present.state.is_final:
                present = await changes.get()
                yield present

    async def counts(self) -> dict[str, dict[JobState, int]]:
        """Counts jobs by kind and state."""
        return await tally.by_kind(self._db)

    async def depths(self) -> dict[str, QueueDepth]:
        """Counts jobs by queue."""
        return await tally.by_queue(self._db)

    async def workers(self) -> dict[str, tuple[WorkerInfo, ...]]:
        """Returns the live workers by queue."""
        return await presence.by_queue(self._db)


def _unknown(job_id: str) -> NotFound:
    return NotFound("JOB_NOT_FOUND", f"There is no job {job_id}.", job_id=job_id)
