"""What a handler holds while it works on one attempt of a job."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.errors import Cancelled
from reelops.infra.database import Database
from reelops.infra.jobs import transitions
from reelops.infra.jobs.model import Job
from reelops.infra.jobs.store import job as job_table
from reelops.infra.jobs.transitions import Claim, Superseded


class JobContext:
    """One attempt of one job."""

    def __init__(self, db: Database, held: Claim) -> None:
        self.result: dict[str, Any] | None = None
        self._db = db
        self._held = held
        self._progress = held.job.progress
        self._stage = held.job.stage
        self._unwritten = False
        self._finished = False
        self._stopping = False
        self._interruption: Cancelled | Superseded | None = None

    @property
    def job(self) -> Job:
        """The job as it was when this attempt began."""
        return self._held.job

    @property
    def attempt(self) -> int:
        """The number of this attempt, from 1."""
        return self._held.job.attempt

    @property
    def finished(self) -> bool:
        """Says whether `finish` committed."""
        return self._finished

    async def report(self, progress: float, stage: str) -> None:
        """Says how far the work is (0..1) and what it does. Written at most twice a second.

        Raises `Cancelled` when somebody cancelled the job, `Superseded` when another worker has it.
        """
        self.check()
        self.note(progress, stage)

    def note(self, progress: float, stage: str) -> None:
        """Does what `report` does, from any thread, and never raises."""
        self._progress = min(1.0, max(0.0, progress))
        self._stage = stage
        self._unwritten = True

    def check(self) -> None:
        """Raises what `report` raises, and says nothing."""
        if self._interruption is not None:
            raise self._interruption

    def must_stop(self) -> bool:
        """Says, to any thread, whether the work is wanted no more (cancelled, superseded or the worker stops)."""
        return self._stopping or self._interruption is not None

    @asynccontextmanager
    async def finish(self) -> AsyncIterator[AsyncConnection]:
        """Opens the transaction that commits the job's rows together with its completion.

        Raises `Superseded` or `Cancelled` before anything is written. `result` may be set before or inside.
        """
        async with self._db.write() as conn:
            await transitions.complete(conn, self._held, result=self.result)
            before = self.result
            yield conn
            if self.result is not before:
                await conn.execute(
                    sa.update(job_table).where(job_table.c.job_id == self.job.job_id).values(result=self.result)
                )
        self._finished = True

    # What follows is for the worker that runs the handler.

    @property
    def held(self) -> Claim:
        """The claim behind this attempt."""
        return self._held

    def take_progress(self) -> tuple[float, str] | None:
        """Returns progress that is not written yet, and counts it as written."""
        if not self._unwritten:
            return None
        self._unwritten = False
        return self._progress, self._stage

    def interrupt(self, error: Cancelled | Superseded) -> None:
        """Makes the handler's next checkpoint raise."""
        if self._interruption is None:
            self._interruption = error

    def stop(self) -> None:
        """Tells threads of the handler that the worker stops."""
        self._stopping = True
