"""The queue as callers see it: enqueue, look, list, cancel, watch, count."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.infra.database import Database
from reelops.infra.jobs.model import Job, JobState, NewJob, QueueDepth, WorkerInfo


class JobQueue:
    """All jobs of a database. Made by `JobQueue.open`, after `migrate`."""

    @classmethod
    @asynccontextmanager
    async def open(cls, db: Database) -> AsyncIterator[JobQueue]:
        """Opens the queue of a database that is migrated."""
        raise NotImplementedError
        yield

    async def enqueue(self, conn: AsyncConnection, new: NewJob) -> Job:
        """Records a job and hands it to the engine, both in the caller's write transaction."""
        raise NotImplementedError

    async def get(self, job_id: str) -> Job:
        """Returns a job. Raises `NotFound("JOB_NOT_FOUND")`."""
        raise NotImplementedError

    async def list(
        self,
        *,
        kind: str | None = None,
        state: JobState | None = None,
        task_id: str | None = None,
        limit: int = 50,
        after: str | None = None,
    ) -> list[Job]:
        """Returns jobs, the newest first; `after` is the id of the last job of the page before."""
        raise NotImplementedError

    async def cancel(self, job_id: str, *, by: str) -> Job:
        """Cancels a job: a queued one at once, a running one at its next checkpoint. Final jobs stay as they are."""
        raise NotImplementedError

    def watch(self, job_id: str) -> AsyncIterator[Job]:
        """Yields the job at once, then after each change, and ends after a final state."""
        raise NotImplementedError

    async def counts(self) -> dict[str, dict[JobState, int]]:
        """Counts jobs by kind and state."""
        raise NotImplementedError

    async def depths(self) -> dict[str, QueueDepth]:
        """Counts jobs by queue."""
        raise NotImplementedError

    async def workers(self) -> dict[str, tuple[WorkerInfo, ...]]:
        """Returns the live workers by queue."""
        raise NotImplementedError
