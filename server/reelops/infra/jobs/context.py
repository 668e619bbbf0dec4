"""What a handler holds while it works on one attempt of a job."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.errors import Conflict
from reelops.infra.jobs.model import Job


class Superseded(Conflict):
    """Another worker took the job over; whatever this attempt did must have no effect."""

    def __init__(self, job_id: str) -> None:
        super().__init__("JOB_SUPERSEDED", f"Another worker took over job {job_id}.")


class JobContext:
    """One attempt of one job."""

    job: Job
    result: dict[str, Any] | None

    @property
    def attempt(self) -> int:
        """The number of this attempt, from 1."""
        raise NotImplementedError

    async def report(self, progress: float, stage: str) -> None:
        """Says how far the work is (0..1) and what it does. Written at most twice a second.

        Raises `Cancelled` when somebody cancelled the job, `Superseded` when another worker has it.
        """
        raise NotImplementedError

    def note(self, progress: float, stage: str) -> None:
        """Does what `report` does, from any thread, and never raises."""
        raise NotImplementedError

    def must_stop(self) -> bool:
        """Says, to any thread, whether the work is wanted no more (cancelled, superseded or the worker stops)."""
        raise NotImplementedError

    @asynccontextmanager
    async def finish(self) -> AsyncIterator[AsyncConnection]:
        """Opens the transaction that commits the job's rows together with its completion."""
        raise NotImplementedError
        yield
