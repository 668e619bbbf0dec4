"""What callers of the queue see, with no worker about."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from reelops.errors import NotFound
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import JobQueue, JobState

from tests.infra.jobs.conftest import ended, enqueue, new_job


async def engine_runs(db: Database) -> int:
    """Counts what the engine would run."""
    table = "workflow_status" if db.dialect == "sqlite" else "dbos.workflow_status"
    async with db.read() as conn:
        return int((await conn.execute(sa.text(f"SELECT count(*) FROM {table}"))).scalar_one())


async def test_an_enqueued_job_is_queued_and_keeps_what_it_was_given(db: Database, queue: JobQueue) -> None:
    given = await enqueue(db, queue, payload={"path": "clips/ü.mp4", "n": 3}, task_id="torque", priority=2)
    seen = await queue.get(given.job_id)
    assert seen == given
    assert (seen.state, seen.payload, seen.task_id) == (JobState.queued, {"path": "clips/ü.mp4", "n": 3}, "torque")
    assert await engine_runs(db) == 1


async def test_a_transaction_that_rolls_back_leaves_neither_job_nor_run(db: Database, queue: JobQueue) -> None:
    new = new_job()
    with pytest.raises(RuntimeError):
        async with db.write() as conn:
            await queue.enqueue(conn, new)
            raise RuntimeError("the caller failed")
    with pytest.raises(NotFound):
        await queue.get(new.job_id)
    assert await engine_runs(db) == 0
    assert await queue.counts() == {}


async def test_callers_that_enqueue_at_the_same_time_all_succeed(db: Database, queue: JobQueue) -> None:
    jobs = await asyncio.gather(*(enqueue(db, queue) for _ in range(32)))
    assert (await queue.counts())["greet"][JobState.queued] == 32
    assert {job.job_id for job in jobs} == {job.job_id for job in await queue.list(limit=100)}


async def test_pages_hold_every_job_once_and_the_newest_first(db: Database, queue: JobQueue) -> None:
    made = [(await enqueue(db, queue, task_id="a" if n % 2 else "b")).job_id for n in range(7)]
    first = await queue.list(limit=4)
    second = await queue.list(limit=4, after=first[-1].job_id)
    assert [job.job_id for job in (*first, *second)] == made[::-1]
    assert [job.job_id for job in await queue.list(task_id="a", limit=2)] == [made[5], made[3]]
    assert await queue.list(kind="other") == []
    assert await queue.list(state=JobState.completed) == []


async def test_a_queued_job_is_cancelled_at_once(db: Database, queue: JobQueue) -> None:
    job = await enqueue(db, queue)
    cancelled = await queue.cancel(job.job_id, by="token:admin")
    assert (cancelled.state, cancelled.error_message) == (JobState.cancelled, "The job was cancelled by token:admin.")
    assert await queue.get(job.job_id) == cancelled
    assert await queue.cancel(job.job_id, by="someone else") == cancelled
    assert (await queue.depths())["ingest"].queued == 0


async def test_watchers_of_a_job_hear_of_its_end(db: Database, queue: JobQueue) -> None:
    job = await enqueue(db, queue)
    watchers = [asyncio.create_task(ended(queue, job.job_id)) for _ in range(20)]
    await asyncio.sleep(0)
    await queue.cancel(job.job_id, by="token:admin")
    assert {seen.state for seen in await asyncio.gather(*watchers)} == {JobState.cancelled}


async def test_jobs_are_counted_by_kind_and_queue(db: Database, queue: JobQueue) -> None:
    await enqueue(db, queue, "a")
    await enqueue(db, queue, "b", queue="score")
    await enqueue(db, queue, "b", queue="score", not_before=utc_now() + timedelta(hours=1))
    depths = await queue.depths()
    assert (depths["ingest"].queued, depths["score"].queued, depths["score"].scheduled) == (1, 1, 1)
    assert (await queue.counts())["b"][JobState.queued] == 2


async def test_an_unknown_job_is_not_found(queue: JobQueue) -> None:
    for attempt in (queue.get("nothing"), queue.cancel("nothing", by="me"), queue.list(after="nothing")):
        with pytest.raises(NotFound) as refusal:
            await attempt
        assert refusal.value.code == "JOB_NOT_FOUND"
