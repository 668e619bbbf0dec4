"""What becomes of jobs in the hands of a worker."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from reelops.errors import Cancelled, Invalid, Unavailable
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import Job, JobContext, JobQueue, JobState, Periodic, Superseded, WorkerSettings, upkeep
from reelops.infra.jobs.store import job as job_table
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.infra.jobs.conftest import ended, enqueue, eventually, new_job, until, working
from tests.infra.jobs.test_queue import engine_runs


async def greet(ctx: JobContext) -> None:
    """Completes with a greeting."""
    async with ctx.finish():
        ctx.result = {"greeting": f"hello {ctx.job.payload.get('name')}"}


async def test_a_job_runs_and_its_result_is_kept(db: Database, queue: JobQueue) -> None:
    async with working(db, queue, {"greet": greet}):
        job = await ended(queue, (await enqueue(db, queue, payload={"name": "Zoë"})).job_id)
    assert (job.state, job.result, job.attempt, job.progress) == (JobState.completed, {"greeting": "hello Zoë"}, 1, 1.0)
    assert job.started_at and job.finished_at and job.queued_at <= job.started_at <= job.finished_at


async def test_many_jobs_all_run_once(db: Database, queue: JobQueue) -> None:
    begun: list[str] = []

    async def count(ctx: JobContext) -> None:
        begun.append(ctx.job.job_id)

    jobs = [await enqueue(db, queue, "count") for _ in range(30)]
    async with working(db, queue, {"count": count}):
        await asyncio.gather(*(ended(queue, job.job_id) for job in jobs))
    assert sorted(begun) == sorted(job.job_id for job in jobs)
    assert (await queue.depths())["ingest"].completed == 30


async def test_a_broken_job_is_tried_again_and_then_fails_with_an_incident(db: Database, queue: JobQueue) -> None:
    attempts: list[int] = []

    async def broken(ctx: JobContext) -> None:
        attempts.append(ctx.attempt)
        raise ZeroDivisionError

    async with working(db, queue, {"broken": broken}):
        job = await ended(queue, (await enqueue(db, queue, "broken", max_attempts=3)).job_id)
    assert attempts == [1, 2, 3]
    assert (job.state, job.error_code, job.attempt) == (JobState.failed, "INTERNAL", 3)
    assert "ZeroDivision" not in (job.error_message or "")


async def test_a_job_whose_input_is_wrong_fails_at_once_with_its_sentence(db: Database, queue: JobQueue) -> None:
    async def refuse(ctx: JobContext) -> None:
        raise Invalid("VIDEO_UNREADABLE", "The file is not a video.")

    async with working(db, queue, {"refuse": refuse}):
        job = await ended(queue, (await enqueue(db, queue, "refuse")).job_id)
    assert (job.state, job.error_code, job.error_message) == (
        JobState.failed,
        "VIDEO_UNREADABLE",
        "The file is not a video.",
    )
    assert job.attempt == 1


async def test_a_job_waits_for_a_part_that_is_away_without_using_attempts(db: Database, queue: JobQueue) -> None:
    tries: list[int] = []

    async def needs_triton(ctx: JobContext) -> None:
        tries.append(ctx.attempt)
        if len(tries) < 4:
            raise Unavailable("TRITON_UNAVAILABLE", "Triton does not answer.")

    async with working(db, queue, {"needs": needs_triton}):
        queued = await enqueue(db, queue, "needs", max_attempts=1)
        waiting = await until(queue, queued.job_id, lambda job: "Triton does not answer" in job.stage)
        job = await ended(queue, queued.job_id)
    assert waiting.state == JobState.queued
    assert (job.state, tries) == (JobState.completed, [1, 1, 1, 1])


async def test_a_kind_that_nobody_knows_fails_with_a_reason(db: Database, queue: JobQueue) -> None:
    async with working(db, queue, {"greet": greet}):
        job = await ended(queue, (await enqueue(db, queue, "unheard of")).job_id)
    assert (job.state, job.error_code) == (JobState.failed, "JOB_KIND_UNKNOWN")


async def test_a_running_job_is_cancelled_at_its_next_checkpoint(db: Database, queue: JobQueue) -> None:
    heard = asyncio.Event()

    async def endless(ctx: JobContext) -> None:
        while True:
            try:
                await ctx.report(0.5, "counting sheep")
            except Cancelled:
                heard.set()
                raise
            await asyncio.sleep(0.01)

    async with working(db, queue, {"endless": endless}):
        queued = await enqueue(db, queue, "endless")
        running = await until(queue, queued.job_id, lambda job: job.stage == "counting sheep")
        assert (running.state, running.progress) == (JobState.running, 0.5)
        assert (await queue.cancel(queued.job_id, by="token:admin")).state == JobState.running
        job = await ended(queue, queued.job_id)
    assert heard.is_set()
    assert (job.state, job.error_message) == (JobState.cancelled, "The job was cancelled by token:admin.")


async def test_a_job_that_was_cancelled_while_it_waited_never_runs(db: Database, queue: JobQueue) -> None:
    queued = await enqueue(db, queue)
    await queue.cancel(queued.job_id, by="token:admin")
    later = await enqueue(db, queue)
    async with working(db, queue, {"greet": greet}):
        await ended(queue, later.job_id)
    assert (await queue.get(queued.job_id)).state == JobState.cancelled


async def test_an_attempt_that_was_superseded_commits_nothing(db: Database, queue: JobQueue) -> None:
    outcome: list[BaseException] = []

    async def slow(ctx: JobContext) -> None:
        async with db.write() as conn:  # another worker takes the job over
            await conn.execute(sa.update(job_table).values(claim="somebody else's"))
        try:
            async with ctx.finish() as conn:
                await queue.enqueue(conn, new_job("effect"))
        except Superseded as error:
            outcome.append(error)
            raise

    async with working(db, queue, {"slow": slow}):
        queued = await enqueue(db, queue, "slow")
        await until(queue, queued.job_id, lambda job: job.state == JobState.running)
        await eventually(lambda: outcome)
    assert await queue.list(kind="effect") == []


async def test_what_a_handler_writes_as_it_finishes_is_there_only_when_the_job_completed(
    db: Database, queue: JobQueue
) -> None:
    async def half(ctx: JobContext) -> None:
        async with ctx.finish() as conn:
            await queue.enqueue(conn, new_job("effect"))
            raise Invalid("HALF", "Only half of it could be done.")

    async with working(db, queue, {"half": half}):
        job = await ended(queue, (await enqueue(db, queue, "half")).job_id)
    assert (job.state, job.error_code) == (JobState.failed, "HALF")
    assert await queue.list(kind="effect") == []


class Untidy:
    """Leaves something behind that it cleans up when it failed."""

    def __init__(self) -> None:
        self.cleaned: list[str] = []

    async def __call__(self, ctx: JobContext) -> None:
        raise Invalid("MESS", "It made a mess.")

    async def on_failure(self, job: Job) -> None:
        self.cleaned.append(job.job_id)


async def test_a_handler_cleans_up_after_its_failed_job(db: Database, queue: JobQueue) -> None:
    untidy = Untidy()
    async with working(db, queue, {"untidy": untidy}):
        job = await ended(queue, (await enqueue(db, queue, "untidy")).job_id)
        await eventually(lambda: untidy.cleaned)
    assert untidy.cleaned == [job.job_id]


async def test_a_worker_cleans_up_what_a_dead_one_left(db: Database, queue: JobQueue) -> None:
    cancelled = await enqueue(db, queue, "untidy")
    await queue.cancel(cancelled.job_id, by="token:admin")
    async with db.write() as conn:
        await conn.execute(sa.update(job_table).values(cleanup="a-worker-that-died"))
    untidy = Untidy()
    async with working(db, queue, {"untidy": untidy}):
        await eventually(lambda: untidy.cleaned)
    assert untidy.cleaned == [cancelled.job_id]


async def test_a_worker_that_stops_gives_back_what_it_cannot_end(db: Database, queue: JobQueue) -> None:
    async def hangs(ctx: JobContext) -> None:
        await asyncio.sleep(600)

    queued = await enqueue(db, queue, "job")
    async with working(db, queue, {"job": hangs}):
        await until(queue, queued.job_id, lambda job: job.state == JobState.running)
    given_back = await queue.get(queued.job_id)
    assert given_back.state == JobState.queued
    assert await queue.workers() == {}
    async with working(db, queue, {"job": greet}):
        job = await ended(queue, queued.job_id)
    assert (job.state, job.attempt) == (JobState.completed, 1)


async def test_a_worker_that_stops_lets_short_jobs_end(db: Database, queue: JobQueue) -> None:
    async def short(ctx: JobContext) -> None:
        await asyncio.sleep(0.3)

    queued = await enqueue(db, queue, "short")
    async with working(db, queue, {"short": short}):
        await until(queue, queued.job_id, lambda job: job.state == JobState.running)
    assert (await queue.get(queued.job_id)).state == JobState.completed


async def test_urgent_jobs_run_before_others(db: Database, queue: JobQueue) -> None:
    order: list[int] = []

    async def note(ctx: JobContext) -> None:
        order.append(ctx.job.priority)

    jobs = [await enqueue(db, queue, "note", priority=priority) for priority in (5, 0, -3, 1)]
    async with working(db, queue, {"note": note}, concurrency={"ingest": 1}):
        await asyncio.gather(*(ended(queue, job.job_id) for job in jobs))
    assert order == [-3, 0, 1, 5]


async def test_a_queue_runs_no_more_at_once_than_it_may(db: Database, queue: JobQueue) -> None:
    now, most = 0, 0

    async def count(ctx: JobContext) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.05)
        now -= 1

    jobs = [await enqueue(db, queue, "count") for _ in range(6)]
    async with working(db, queue, {"count": count}, concurrency={"ingest": 2}):
        await asyncio.gather(*(ended(queue, job.job_id) for job in jobs))
    assert most == 2


async def test_a_scheduled_job_waits_for_its_time(db: Database, queue: JobQueue) -> None:
    due = utc_now() + timedelta(seconds=1)
    async with working(db, queue, {"greet": greet}):
        job = await ended(queue, (await enqueue(db, queue, not_before=due)).job_id)
    assert job.started_at is not None and job.started_at >= due - timedelta(milliseconds=5)
    assert (await queue.depths())["ingest"].scheduled == 0


async def test_live_workers_are_listed_by_queue(db: Database, queue: JobQueue) -> None:
    async with working(db, queue, {"greet": greet}, concurrency={"ingest": 1, "score": 1}):
        workers = await queue.workers()
        assert set(workers) == {"ingest", "score"}
        assert workers["ingest"] == workers["score"]


async def test_an_occurrence_that_was_missed_fires_once(db: Database, queue: JobQueue) -> None:
    start = utc_now()

    occurrences = [start - timedelta(days=1)]

    def yesterday_then_tomorrow(after: datetime) -> datetime:
        return occurrences.pop() if occurrences else start + timedelta(days=1)

    fired: list[datetime] = []

    async def train(conn: AsyncConnection, due: datetime) -> None:
        fired.append(due)
        await queue.enqueue(conn, new_job("training", payload={"due": due.isoformat()}))

    nightly = Periodic(name="nightly", next_run=yesterday_then_tomorrow, action=train)
    async with working(db, queue, {"training": greet}, periodics=[nightly, nightly]):
        await eventually(lambda: fired)
        await asyncio.sleep(0.5)
    assert [job.payload["due"] for job in await queue.list(kind="training")] == [
        (start - timedelta(days=1)).isoformat()
    ]


async def test_the_engine_forgets_finished_runs_and_the_jobs_stay(db: Database, queue: JobQueue) -> None:
    async with working(db, queue, {"greet": greet}):
        job = await ended(queue, (await enqueue(db, queue)).job_id)
    await upkeep.purge(queue.client, WorkerSettings(finished_kept_sec=-60))
    assert await engine_runs(db) == 0
    assert await queue.get(job.job_id) == job


@pytest.mark.parametrize("size", [100_000])
async def test_a_large_payload_comes_back_whole(db: Database, queue: JobQueue, size: int) -> None:
    job = await enqueue(db, queue, payload={"text": "ß" * size})
    assert (await queue.get(job.job_id)).payload == {"text": "ß" * size}
