"""Takes jobs from workers that are lost and puts them back into their queues."""

from __future__ import annotations

import asyncio
import logging

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.infra.database import Database
from reelops.infra.jobs import leases, presence, transitions
from reelops.infra.jobs.engine import EngineClient, workflow_id
from reelops.infra.jobs.model import JobState
from reelops.infra.jobs.settings import WorkerSettings
from reelops.infra.jobs.store import job

_RUNNING = sa.select(job.c.claimed_by).where(job.c.state == JobState.running.value).distinct()
_LEASE_SEC = 10.0

_log = logging.getLogger(__name__)


async def rescue(db: Database, client: EngineClient, settings: WorkerSettings, *, executor_id: str) -> int:
    """Gives the work of lost workers back, if this worker has that duty. Returns how many engine runs it resumed."""
    # What is taken is read before who lives: whoever takes work has said before that it lives.
    pending = await asyncio.to_thread(client.pending)
    claimants = {row.claimed_by for row in await db.fetch_all(_RUNNING, {})}
    living, gone = await presence.alive(db, settings)
    lost = gone | ({run.executor_id for run in pending} | claimants) - living
    if not lost:
        return 0
    async with db.write() as conn:
        if not await leases.take(conn, "rescue", executor_id, living=living, seconds=_LEASE_SEC):
            return 0
        await _interrupt_jobs(conn, client, lost, {run.workflow_id for run in pending})
    runs = [run for run in pending if run.executor_id in lost]
    await asyncio.to_thread(client.resume, runs)
    async with db.write() as conn:
        await presence.forget(conn, lost)
    _log.warning("took over %d jobs of %d lost workers", len(runs), len(lost))
    return len(runs)


async def give_back(db: Database, client: EngineClient, *, executor_id: str) -> None:
    """Gives back what a worker that stops still holds."""
    runs = [run for run in await asyncio.to_thread(client.pending) if run.executor_id == executor_id]
    async with db.write() as conn:
        await _interrupt_jobs(conn, client, {executor_id}, {run.workflow_id for run in runs})
    await asyncio.to_thread(client.resume, runs)
    async with db.write() as conn:
        await presence.forget(conn, [executor_id])


async def _interrupt_jobs(conn: AsyncConnection, client: EngineClient, lost: set[str], pending: set[str]) -> None:
    query = sa.select(job).where(job.c.state == JobState.running.value, job.c.claimed_by.in_(lost)).with_for_update()
    for row in await conn.execute(query):
        still_there = workflow_id(row.job_id, row.run) in pending
        await transitions.interrupt(conn, client, row, run_is_pending=still_there)
