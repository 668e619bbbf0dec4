"""Jobs, without asyncio."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from reelops.api.jobs.v1.job_pb2 import Job

from .blocking import iterate
from .jobs import AsyncJobHandle, AsyncJobs, JobState, OnUpdate
from .transport import drive

T = TypeVar("T")


class Jobs:
    """Jobs of every kind; see `AsyncJobs`."""

    def __init__(self, jobs: AsyncJobs) -> None:
        self._jobs = jobs

    def get(self, job_id: str) -> Job:
        return drive(self._jobs.get(job_id))

    def page(
        self,
        *,
        kind: str | None = None,
        state: JobState | None = None,
        task_id: str | None = None,
        page_size: int | None = None,
        page_token: str = "",
    ) -> tuple[list[Job], str]:
        """Returns one page of jobs, newest first, and the token of the next ("" on the last one)."""
        return drive(
            self._jobs.page(kind=kind, state=state, task_id=task_id, page_size=page_size, page_token=page_token)
        )

    def list(
        self,
        *,
        kind: str | None = None,
        state: JobState | None = None,
        task_id: str | None = None,
        page_size: int | None = None,
    ) -> Iterator[Job]:
        """Yields jobs, newest first, asking for further pages as they are needed."""
        return iterate(self._jobs.list(kind=kind, state=state, task_id=task_id, page_size=page_size))

    def cancel(self, job_id: str) -> Job:
        """Asks a job to stop. Raises Conflict where it has ended already."""
        return drive(self._jobs.cancel(job_id))

    def watch(self, job_id: str, *, timeout: float | None = None) -> Iterator[Job]:
        """Yields the job as it is, then at each change, and ends after its final state."""
        return iterate(self._jobs.watch(job_id, timeout=timeout))

    def wait(self, job_id: str, *, timeout: float | None = None, on_update: OnUpdate | None = None) -> Job:
        """Waits until the job is completed and returns it. Raises as `AsyncJobs.wait` does."""
        return drive(self._jobs.wait(job_id, timeout=timeout, on_update=on_update))


class JobHandle(Generic[T]):
    """A job that this client started; see `AsyncJobHandle`."""

    def __init__(self, handle: AsyncJobHandle[T]) -> None:
        self._handle = handle

    @property
    def job_id(self) -> str:
        return self._handle.job_id

    def get(self) -> T:
        """Returns what is known at this moment."""
        return drive(self._handle.get())

    def wait(self, *, timeout: float | None = None, on_update: OnUpdate | None = None) -> T:
        """Waits until the job is completed and returns what came of it. Raises as `AsyncJobs.wait` does."""
        return drive(self._handle.wait(timeout=timeout, on_update=on_update))

    def watch(self, *, timeout: float | None = None) -> Iterator[Job]:
        return iterate(self._handle.watch(timeout=timeout))

    def cancel(self) -> Job:
        return drive(self._handle.cancel())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.job_id!r})"
