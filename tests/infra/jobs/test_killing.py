"""Workers that are really killed: their jobs are taken up by others, and take effect once."""

from __future__ import annotations

import asyncio
import random
import signal

import pytest
import pytest_asyncio
import sqlalchemy as sa
from reelops.infra.database import Database
from reelops.infra.jobs import JobQueue, JobState

from tests.infra.jobs.conftest import WorkerProcesses, ended, enqueue, eventually, until
from tests.infra.jobs.worker_process import effect

pytestmark = [pytest.mark.faults, pytest.mark.slow]


@pytest_asyncio.fixture(autouse=True)
async def effects(db: Database) -> None:
    """Makes the table of effects."""
    async with db.write() as conn:
        await conn.run_sync(effect.metadata.create_all)


async def effects_of(db: Database) -> list[str]:
    """Returns the jobs that took effect, once for each time they did."""
    async with db.read() as conn:
        return list((await conn.execute(sa.select(effect.c.job_id))).scalars())


async def test_the_job_of_a_killed_worker_is_ended_once_by_another(
    db: Database, queue: JobQueue, processes: WorkerProcesses
) -> None:
    first = processes.start()
    job = await enqueue(db, queue, "slow", payload={"seconds": 2.0})
    await until(queue, job.job_id, lambda seen: seen.progress >= 0.3)
    processes.start()
    first.kill()
    done = await ended(queue, job.job_id)
    assert (done.state, done.attempt) == (JobState.completed, 1)
    assert await effects_of(db) == [job.job_id]
    assert processes.notes("began") == [job.job_id] * 2


async def test_a_killed_worker_takes_its_jobs_up_again_when_it_is_back(
    db: Database, queue: JobQueue, processes: WorkerProcesses
) -> None:
    jobs = [await enqueue(db, queue, "slow", payload={"seconds": 2.5}) for _ in range(3)]
    first = processes.start()
    for job in jobs:
        await until(queue, job.job_id, lambda seen: seen.state == JobState.running)
    first.kill()
    first.wait()
    processes.start()
    assert {(await ended(queue, job.job_id)).state for job in jobs} == {JobState.completed}
    assert sorted(await effects_of(db)) == sorted(job.job_id for job in jobs)


async def test_two_workers_share_the_jobs_and_none_runs_twice(
    db: Database, queue: JobQueue, processes: WorkerProcesses
) -> None:
    processes.start(concurrency=2)
    processes.start(concurrency=2)
    jobs = [await enqueue(db, queue, "slow", payload={"seconds": 0.3}) for _ in range(16)]
    await asyncio.gather(*(ended(queue, job.job_id) for job in jobs))
    assert sorted(processes.notes("began")) == sorted(job.job_id for job in jobs)
    assert sorted(await effects_of(db)) == sorted(job.job_id for job in jobs)


async def test_a_worker_that_is_terminated_gives_its_jobs_back(
    db: Database, queue: JobQueue, processes: WorkerProcesses
) -> None:
    first = processes.start(settings={"grace_sec": 0.1})
    job = await enqueue(db, queue, "slow", payload={"seconds": 2.0})
    await until(queue, job.job_id, lambda seen: seen.progress > 0)
    first.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(first.wait, 15) == 0
    assert (await queue.get(job.job_id)).state == JobState.queued
    processes.start()
    done = await ended(queue, job.job_id)
    assert (done.state, done.attempt) == (JobState.completed, 1)
    assert await effects_of(db) == [job.job_id]


async def test_a_worker_that_was_frozen_and_replaced_has_no_effect(
    db: Database, queue: JobQueue, processes: WorkerProcesses
) -> None:
    frozen = processes.start(settings={"hung_after_sec": 1.0})
    job = await enqueue(db, queue, "slow", payload={"seconds": 2.0})
    await until(queue, job.job_id, lambda seen: seen.progress > 0)
    frozen.send_signal(signal.SIGSTOP)
    processes.start(settings={"hung_after_sec": 1.0})
    done = await ended(queue, job.job_id)
    frozen.send_signal(signal.SIGCONT)
    frozen.send_signal(signal.SIGTERM)
    await asyncio.to_thread(frozen.wait, 15)
    assert done.state == JobState.completed
    assert await effects_of(db) == [job.job_id]


async def test_a_job_that_kills_its_workers_fails_with_a_reason(
    db: Database, queue: JobQueue, processes: WorkerProcesses
) -> None:
    settings = {"max_interruptions": 3}
    poison = await enqueue(db, queue, "poison")
    while not (await queue.get(poison.job_id)).state.is_final:
        worker = processes.start(settings=settings)
        watching = asyncio.create_task(ended(queue, poison.job_id))
        await eventually(lambda: worker.poll() is not None or watching.done())  # noqa: B023
        watching.cancel()
    failed = await queue.get(poison.job_id)
    assert (failed.state, failed.error_code) == (JobState.failed, "WORKER_LOST")
    assert "lost 4 times" in (failed.error_message or "")
    harmless = await enqueue(db, queue, "slow", payload={"seconds": 0.1})
    assert (await ended(queue, harmless.job_id)).state == JobState.completed


async def test_jobs_survive_workers_that_are_killed_again_and_again(
    db: Database, queue: JobQueue, processes: WorkerProcesses
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    jobs = [await enqueue(db, queue, "slow", payload={"seconds": chance.uniform(0.1, 0.6)}) for _ in range(12)]
    for _ in range(10):
        worker = processes.start()
        await asyncio.sleep(chance.uniform(1.5, 3.5))
        worker.kill()
        worker.wait()
    processes.start()
    states = [(await ended(queue, job.job_id)).state for job in jobs]
    completed = [job.job_id for job, state in zip(jobs, states, strict=True) if state == JobState.completed]
    assert sorted(await effects_of(db)) == sorted(completed)
    assert all(state in (JobState.completed, JobState.failed) for state in states)
