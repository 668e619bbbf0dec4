"""Jobs of every kind: looking at them, waiting for them, stopping them."""

# ruff: noqa: ASYNC109  a deadline is passed on to gRPC, which tells the service of it
from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Generic, Literal, TypeVar

from reelops.api.jobs.v1 import jobs_service_pb2 as pb
from reelops.api.jobs.v1.job_pb2 import Job

from . import rpcs
from .calls import Caller, Deadline, waited_too_long
from .errors import JobCancelled, JobFailed, TimedOut, Unavailable

T = TypeVar("T")
JobState = Literal["queued", "running", "completed", "failed", "cancelled"]
OnUpdate = Callable[[Job], None]

FINAL = frozenset({Job.STATE_COMPLETED, Job.STATE_FAILED, Job.STATE_CANCELLED})
WATCH_SEC = 900.0
"""One watch lasts at most this long and is then begun anew, so that no call is without a deadline."""
AWAY_SEC = 300.0
"""A job that was seen is waited for while the service is away this long, a restart or an upgrade."""
FIRST_ATTEMPTS = 5


class AsyncJobs:
    """Jobs of every kind."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def get(self, job_id: str) -> Job:
        return (await self._caller.call(rpcs.GET_JOB, pb.GetJobRequest(job_id=job_id))).job

    async def page(
        self,
        *,
        kind: str | None = None,
        state: JobState | None = None,
        task_id: str | None = None,
        page_size: int | None = None,
        page_token: str = "",
    ) -> tuple[list[Job], str]:
        """Returns one page of jobs, newest first, and the token of the next ("" on the last one)."""
        request = pb.ListJobsRequest(
            kind=kind, state=_state(state), task_id=task_id, page_size=page_size, page_token=page_token
        )
        answer = await self._caller.call(rpcs.LIST_JOBS, request)
        return list(answer.jobs), answer.next_page_token

    async def list(
        self,
        *,
        kind: str | None = None,
        state: JobState | None = None,
        task_id: str | None = None,
        page_size: int | None = None,
    ) -> AsyncGenerator[Job, None]:
        """Yields jobs, newest first, asking for further pages as they are needed."""
        token = ""
        while True:
            jobs, token = await self.page(
                kind=kind, state=state, task_id=task_id, page_size=page_size, page_token=token
            )
            for job in jobs:
                yield job
            if not token:
                return

    async def cancel(self, job_id: str) -> Job:
        """Asks a job to stop. Raises Conflict where it has ended already."""
        return (await self._caller.call(rpcs.CANCEL_JOB, pb.CancelJobRequest(job_id=job_id))).job

    async def watch(self, job_id: str, *, timeout: float | None = None) -> AsyncGenerator[Job, None]:
        """Yields the job as it is, then at each change, and ends after its final state.

        Goes on where it was when the connection is lost. Raises TimedOut after `timeout` seconds, Unavailable when the
        service stays away.
        """
        deadline, away, misses, seen = Deadline(timeout), Deadline(None), 0, Job()
        while True:
            try:
                async with aclosing(self._watch_once(job_id, deadline)) as states:
                    async for job in states:
                        misses = 0
                        if job != seen:
                            seen = job
                            yield job
                        if job.state in FINAL:
                            return
            except TimedOut:
                if deadline.passed:
                    raise waited_too_long(timeout, f"job {job_id}") from None
            except Unavailable:
                if misses == 0:
                    away = Deadline(AWAY_SEC)
                if away.passed or (not seen.job_id and misses + 1 >= FIRST_ATTEMPTS):
                    raise
            misses += 1
            if not await self._caller.pause(misses, deadline):
                raise waited_too_long(timeout, f"job {job_id}")

    async def _watch_once(self, job_id: str, deadline: Deadline) -> AsyncGenerator[Job, None]:
        stream = self._caller.transport.receive(
            rpcs.WATCH_JOB, pb.WatchJobRequest(job_id=job_id), timeout=deadline.left(WATCH_SEC)
        )
        async with aclosing(stream) as answers:
            async for answer in answers:
                yield answer.job

    async def wait(self, job_id: str, *, timeout: float | None = None, on_update: OnUpdate | None = None) -> Job:
        """Waits until the job is completed and returns it.

        Raises JobFailed or JobCancelled where it ends otherwise, TimedOut after `timeout` seconds; the job itself goes
        on.
        """
        last = Job()
        async with aclosing(self.watch(job_id, timeout=timeout)) as states:
            async for last in states:
                if on_update:
                    on_update(last)
        if last.state == Job.STATE_CANCELLED:
            raise JobCancelled(last)
        if last.state != Job.STATE_COMPLETED:
            raise JobFailed(last)
        return last


class AsyncJobHandle(Generic[T]):
    """A job that this client started. `wait` gives what the job is about: the ingest, the score, the training."""

    def __init__(self, jobs: AsyncJobs, job_id: str, fetch: Callable[[str], Awaitable[T]]) -> None:
        self.job_id = job_id
        self._jobs = jobs
        self._fetch = fetch

    async def get(self) -> T:
        """Returns what is known at this moment."""
        return await self._fetch(self.job_id)

    async def wait(self, *, timeout: float | None = None, on_update: OnUpdate | None = None) -> T:
        """Waits until the job is completed and returns what came of it. Raises as `AsyncJobs.wait` does."""
        await self._jobs.wait(self.job_id, timeout=timeout, on_update=on_update)
        return await self._fetch(self.job_id)

    def watch(self, *, timeout: float | None = None) -> AsyncGenerator[Job, None]:
        return self._jobs.watch(self.job_id, timeout=timeout)

    async def cancel(self) -> Job:
        return await self._jobs.cancel(self.job_id)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.job_id!r})"


def _state(name: JobState | None) -> Job.State.ValueType:
    return Job.STATE_UNSPECIFIED if name is None else Job.State.Value(f"STATE_{name.upper()}")
