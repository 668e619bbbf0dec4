"""Every change of a job's state: each a few statements inside a caller's write transaction, fenced by the claim."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.errors import Cancelled, Conflict
from reelops.infra.database.schema import utc_now
from reelops.infra.jobs import tally
from reelops.infra.jobs.engine import EngineClient
from reelops.infra.jobs.model import Job, JobState, NewJob
from reelops.infra.jobs.rows import to_job
from reelops.infra.jobs.store import job


class Superseded(Conflict):
    """Another worker took the job over, or it ended; whatever this attempt did must have no effect."""

    def __init__(self, job_id: str) -> None:
        super().__init__("JOB_SUPERSEDED", f"Another worker took over job {job_id}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to work on a job: held from `claim` until somebody else claims it or it ends."""

    job: Job
    token: str
    executor_id: str
    interruptions: int
    waits: int
    # It came back from a worker that was lost.
    rescued: bool


async def add(conn: AsyncConnection, client: EngineClient, new: NewJob) -> Job:
    """Records a job and its first run."""
    now = utc_now()
    delay = None if new.not_before is None else max(0.0, (new.not_before - now).total_seconds())
    phase = "scheduled" if delay else "queued"
    values: dict[str, Any] = {
        "job_id": new.job_id,
        "kind": new.kind,
        "queue": new.queue,
        "state": JobState.queued.value,
        "progress": 0.0,
        "stage": "",
        "attempt": 0,
        "max_attempts": new.max_attempts,
        "priority": new.priority,
        "requested_by": new.requested_by,
        "task_id": new.task_id,
        "org_id": new.org_id,
        "payload": dict(new.payload),
        "queued_at": now,
        "version": 1,
    }
    await conn.execute(sa.insert(job).values(**values, phase=phase, next_attempt=1, run=1, interruptions=0, waits=0))
    await tally.move(conn, new.kind, new.queue, before=None, after=phase)
    await _enqueue(conn, client, new.job_id, 1, new.queue, new.priority, delay or None)
    return Job(**{**values, "state": JobState.queued})


async def claim(conn: AsyncConnection, job_id: str, run: int, *, executor_id: str) -> Claim | None:
    """Takes a job for one run. None when the job ended or this run is not its present one."""
    row = await _locked(conn, job_id)
    if row is None or row.run != run or JobState(row.state).is_final:
        return None
    lost = row.state == JobState.running
    token = secrets.token_hex(8)
    interruptions = row.interruptions + (1 if lost else 0)
    changed = await _change(
        conn,
        row,
        JobState.running,
        stage="starting",
        attempt=row.next_attempt,
        started_at=row.started_at or utc_now(),
        claim=token,
        claimed_by=executor_id,
        interruptions=interruptions,
    )
    rescued = lost or row.claimed_by is not None
    return Claim(
        job=changed, token=token, executor_id=executor_id, interruptions=interruptions, waits=row.waits, rescued=rescued
    )


async def complete(conn: AsyncConnection, held: Claim, *, result: dict[str, Any] | None) -> Job:
    """Ends the job well. Raises `Superseded`, or `Cancelled` when somebody cancelled it meanwhile."""
    row = await _held(conn, held)
    if row.cancelled_by is not None:
        raise cancelled(row)
    return await _end(conn, row, JobState.completed, result=result, progress=1.0, stage="done")


async def fail(conn: AsyncConnection, held: Claim, *, code: str, message: str, clean: bool) -> Job:
    """Ends the job with a reason. `clean` says that this worker is going to clean up after it."""
    row = await _held(conn, held)
    cleanup = held.executor_id if clean else None
    return await _end(
        conn, row, JobState.failed, error_code=code, error_message=message, stage="failed", cleanup=cleanup
    )


async def give_up(conn: AsyncConnection, held: Claim, *, clean: bool) -> Job:
    """Ends a running job that was cancelled."""
    row = await _held(conn, held)
    return await _end_cancelled(conn, row, row.cancelled_by or "", cleanup=held.executor_id if clean else None)


async def defer(
    conn: AsyncConnection,
    client: EngineClient,
    held: Claim,
    *,
    stage: str,
    delay_sec: float,
    uses_attempt: bool,
    waits: int,
) -> Job:
    """Ends the run and adds the next one after a delay, which is as durable as the job."""
    row = await _held(conn, held)
    return await _rerun(
        conn,
        client,
        row,
        delay_sec,
        stage=stage,
        next_attempt=row.attempt + (1 if uses_attempt else 0),
        waits=waits,
    )


async def release(conn: AsyncConnection, held: Claim) -> Job:
    """Gives the job back unfinished: the engine's run stays, whoever takes it next begins the same attempt again."""
    row = await _held(conn, held)
    if row.cancelled_by is not None:
        return await _end_cancelled(conn, row, row.cancelled_by, cleanup="due")
    return await _change(conn, row, JobState.queued, stage="waiting for a worker", claim=None, claimed_by=None)


async def interrupt(conn: AsyncConnection, client: EngineClient, row: Any, *, run_is_pending: bool) -> None:
    """Takes a job from a worker that was lost. `claimed_by` stays, as the mark that this happened."""
    changes: dict[str, Any] = {
        "stage": "its worker was lost; waiting for another",
        "interruptions": row.interruptions + 1,
    }
    if row.cancelled_by is not None:
        await _end_cancelled(conn, row, row.cancelled_by, cleanup="due")
    elif run_is_pending:
        await _change(conn, row, JobState.queued, claim=None, **changes)
    else:
        await _rerun(conn, client, row, None, claimed_by=row.claimed_by, **changes)


async def cancel(conn: AsyncConnection, job_id: str, *, by: str, org_id: str | None = None) -> Job | None:
    """Ends a job that waits, marks one that runs; a job that ended stays as it is. None when there is none.

    With `org_id`, a job of anybody else is none.
    """
    row = await _locked(conn, job_id)
    if row is None or org_id not in (None, row.org_id):
        return None
    if row.state == JobState.queued:
        return await _end_cancelled(conn, row, by, cleanup="due")
    if row.state == JobState.running and row.cancelled_by is None:
        return await _change(conn, row, JobState.running, cancelled_by=by, stage="being cancelled")
    return to_job(row)


def cancelled(row: Any) -> Cancelled:
    """Makes the error that tells a handler that its job was cancelled."""
    return Cancelled("JOB_CANCELLED", f"The job was cancelled by {row.cancelled_by}.")


async def mark_for_cleanup(conn: AsyncConnection, job_id: str) -> None:
    """Says that some worker has to clean up after a job that ended."""
    await conn.execute(sa.update(job).where(job.c.job_id == job_id).values(cleanup="due"))


async def _rerun(conn: AsyncConnection, client: EngineClient, row: Any, delay_sec: float | None, **changes: Any) -> Job:
    if row.cancelled_by is not None:
        return await _end_cancelled(conn, row, row.cancelled_by, cleanup="due")
    waiting = "deferred" if delay_sec else "queued"
    changes = {"claimed_by": None, **changes, "claim": None, "run": row.run + 1}
    changed = await _change(conn, row, JobState.queued, phase=waiting, **changes)
    await _enqueue(conn, client, row.job_id, row.run + 1, row.queue, row.priority, delay_sec)
    return changed


async def _end(conn: AsyncConnection, row: Any, state: JobState, **changes: Any) -> Job:
    finished = max(utc_now(), row.queued_at)
    return await _change(conn, row, state, finished_at=finished, claim=None, claimed_by=None, **changes)


async def _end_cancelled(conn: AsyncConnection, row: Any, by: str, *, cleanup: str | None) -> Job:
    return await _end(
        conn,
        row,
        JobState.cancelled,
        cancelled_by=by,
        stage="cancelled",
        error_code="JOB_CANCELLED",
        error_message=f"The job was cancelled by {by}.",
        cleanup=cleanup,
    )


async def _change(conn: AsyncConnection, row: Any, state: JobState, *, phase: str | None = None, **changes: Any) -> Job:
    phase = phase or state.value
    values = {**changes, "state": state.value, "phase": phase, "version": row.version + 1}
    await conn.execute(sa.update(job).where(job.c.number == row.number).values(**values))
    if phase != row.phase:
        await tally.move(conn, row.kind, row.queue, before=row.phase, after=phase)
    return to_job(row, **values)


async def _held(conn: AsyncConnection, held: Claim) -> Any:
    row = await _locked(conn, held.job.job_id)
    if row is None or row.claim != held.token:
        raise Superseded(held.job.job_id)
    return row


async def _locked(conn: AsyncConnection, job_id: str) -> Any | None:
    # SQLite's write transaction is the lock; it knows no FOR UPDATE and leaves it out.
    return (await conn.execute(sa.select(job).where(job.c.job_id == job_id).with_for_update())).first()


async def _enqueue(
    conn: AsyncConnection,
    client: EngineClient,
    job_id: str,
    run: int,
    queue: str,
    priority: int,
    delay_sec: float | None,
) -> None:
    await conn.run_sync(
        lambda connection: client.enqueue(
            connection, job_id=job_id, run=run, queue=queue, priority=priority, delay_sec=delay_sec
        )
    )
