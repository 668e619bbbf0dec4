"""A queue on every dialect, and workers to run in the test's own process or in one of their own."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from reelops.infra.database import Database
from reelops.infra.jobs import Backoff, Handler, Job, JobQueue, NewJob, Worker, WorkerSettings, new_job_id

QUICK = WorkerSettings(
    poll_interval_sec=0.03,
    pulse_sec=0.05,
    heartbeat_sec=0.2,
    grace_sec=1.0,
    retry=Backoff(first_sec=0.05, limit_sec=0.2),
    wait=Backoff(first_sec=0.05, limit_sec=0.2),
)


def new_job(kind: str = "greet", **changes: Any) -> NewJob:
    """Makes a job for tests."""
    values: dict[str, Any] = {
        "job_id": new_job_id(),
        "queue": "ingest",
        "payload": {},
        "requested_by": "token:operator",
    }
    return NewJob(**(values | changes), kind=kind)


async def enqueue(db: Database, queue: JobQueue, kind: str = "greet", /, **changes: Any) -> Job:
    """Enqueues a job in a transaction of its own."""
    async with db.write() as conn:
        return await queue.enqueue(conn, new_job(kind, **changes))


async def ended(queue: JobQueue, job_id: str) -> Job:
    """Waits for a job's final state."""
    async for job in queue.watch(job_id):
        last = job
    return last


async def until(queue: JobQueue, job_id: str, condition: Callable[[Job], bool]) -> Job:
    """Waits until a job is as wanted."""
    async for job in queue.watch(job_id):
        if condition(job):
            return job
    raise AssertionError(f"it ended otherwise: {job}")


async def eventually(condition: Callable[[], object]) -> None:
    """Waits until a condition holds."""
    while not condition():  # noqa: ASYNC110 - what is waited for happens in places that set no event
        await asyncio.sleep(0.01)


@asynccontextmanager
async def working(
    db: Database, queue: JobQueue, handlers: Mapping[str, Handler], **given: Any
) -> AsyncIterator[Worker]:
    """Runs a worker in this process."""
    options: dict[str, Any] = {"concurrency": {"ingest": 4}, "settings": QUICK} | given
    worker = Worker(db, queue, handlers, **options)
    task = asyncio.create_task(worker.run())
    ready = asyncio.create_task(worker.ready.wait())
    await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
    try:
        yield worker
    finally:
        ready.cancel()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest_asyncio.fixture
async def queue(db: Database) -> AsyncIterator[JobQueue]:
    """Opens the queue of a migrated, empty database."""
    async with JobQueue.open(db) as opened:
        yield opened


class WorkerProcesses:
    """Worker processes of one test (see worker_process.py); those that are left are killed at its end."""

    def __init__(self, url: str, folder: Path) -> None:
        self.journal = folder / "journal"
        self.journal.touch()
        self._url = url
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, **options: Any) -> subprocess.Popen[bytes]:
        """Starts a worker."""
        arguments = json.dumps({"url": self._url, "journal": str(self.journal), **options})
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        program = [sys.executable, "-m", "tests.infra.jobs.worker_process", arguments]
        process = subprocess.Popen(program, env=environment)
        self._running.append(process)
        return process

    def notes(self, word: str) -> list[str]:
        """Returns what workers wrote under a word: the ids of the jobs."""
        lines = [line.split() for line in self.journal.read_text().splitlines()]
        return [line[1] for line in lines if line[0] == word]

    def close(self) -> None:
        """Ends all that is left."""
        for process in self._running:
            process.kill()
            process.wait()


@pytest.fixture
def processes(database_url: str, tmp_path: Path) -> Iterator[WorkerProcesses]:
    """Gives a starter of worker processes on the test's database."""
    started = WorkerProcesses(database_url, tmp_path)
    yield started
    started.close()
