"""The only module that knows DBOS: each run of a job is one of its workflows, on the database that holds the jobs.

A run's workflow has no steps of its own. What must happen once is fenced by the job's row (transitions.py), so the
engine is used for what it is good at: durable queues, delays, priorities, concurrency, ownership of what runs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions

from reelops.infra.database import engines

_APPLICATION = "reelops"
# Workers of different releases share queues: what a job means is between its kind's handler and its payload.
_VERSION = "reelops-1"
_WORKFLOW = "run_job"
# The engine's priorities begin at 1 (0 is kept for "none") and smaller runs earlier; ours are around 0.
_PRIORITY_ZERO = 1_000_000
_FINISHED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]

Run = Callable[[str, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PendingRun:
    """A run that some worker has taken and not ended."""

    workflow_id: str
    executor_id: str
    queue: str


class EngineClient:
    """Enqueues and looks after runs, from any process. Its methods block; all but `enqueue` use its own connections."""

    def __init__(self, address: sa.URL) -> None:
        quieten()
        self._engine = engines.make_blocking(address, pool_size=2, begin=None)
        self._client = DBOSClient(
            system_database_engine=self._engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=_APPLICATION,
            lazy=True,
            # An unreachable database is an error that callers know, not an endless wait.
            retry_connection_errors=False,
        )

    def enqueue(
        self, connection: sa.Connection, *, job_id: str, run: int, queue: str, priority: int, delay_sec: float | None
    ) -> None:
        """Adds a run in the caller's transaction."""
        options: EnqueueOptions = {
            "workflow_name": _WORKFLOW,
            "queue_name": queue,
            "workflow_id": workflow_id(job_id, run),
            "app_version": _VERSION,
            "priority": max(1, _PRIORITY_ZERO + priority),
        }
        if delay_sec is not None:
            options["delay_seconds"] = delay_sec
        self._client.enqueue_in_transaction(connection, options, job_id, run)

    def pending(self) -> list[PendingRun]:
        """Lists the runs that workers have taken."""
        found = self._client.list_workflows(
            status="PENDING", name=_WORKFLOW, load_input=False, load_output=False, application_name=_APPLICATION
        )
        return [PendingRun(run.workflow_id, run.executor_id or "", run.queue_name or "") for run in found]

    def resume(self, runs: Iterable[PendingRun]) -> None:
        """Puts runs back into their queues."""
        by_queue: dict[str, list[str]] = {}
        for run in runs:
            by_queue.setdefault(run.queue, []).append(run.workflow_id)
        for queue, ids in by_queue.items():
            self._client.resume_workflows(ids, queue_name=queue)

    def purge(self, *, before: datetime, limit: int) -> int:
        """Deletes runs that ended before a moment and returns how many."""
        found = self._client.list_workflows(
            status=_FINISHED, completed_before=before.isoformat(), limit=limit, load_input=False, load_output=False
        )
        if found:
            self._client.delete_workflows([run.workflow_id for run in found])
        return len(found)

    def register(self, queue: str, *, here: int, everywhere: int | None, poll_interval_sec: float) -> None:
        """Says how many runs of a queue a worker has at once, how many all have, and how often workers look."""
        self._client.register_queue(
            queue,
            worker_concurrency=here if everywhere is None else min(here, everywhere),
            global_concurrency=everywhere,
            polling_interval_sec=poll_interval_sec,
            on_conflict="always_update",
            application_name=_APPLICATION,
        )

    def close(self) -> None:
        """Closes its connections."""
        self._client.destroy()
        self._engine.dispose()


class Engine:
    """The engine inside a worker process; there can be one at a time."""

    def __init__(self, address: sa.URL, *, executor_id: str, run: Run, queues: Iterable[str]) -> None:
        self._engine = engines.make_blocking(address, pool_size=8, begin=None)
        config: DBOSConfig = {
            "name": _APPLICATION,
            "system_database_url": address.render_as_string(hide_password=False),
            "system_database_engine": self._engine,
            "serializer": DBOSPortableJSONSerializer(),
            "application_version": _VERSION,
            "executor_id": executor_id,
            "run_migrations": False,
            "use_listen_notify": False,
            "enable_otlp": False,
            "log_level": "WARNING",
        }
        DBOS(config=config)
        quieten()

        @DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=None)
        async def run_job(job_id: str, number: int) -> None:
            await run(job_id, number)

        DBOS.listen_queues(list(queues))

    def launch(self) -> None:
        """Starts to take runs, on the running event loop."""
        DBOS.launch()

    async def destroy(self) -> None:
        """Stops taking runs."""
        # The engine makes its own threads the event loop's default ones and ends them here.
        threads = ThreadPoolExecutor(thread_name_prefix="worker")
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(threads, lambda: DBOS.destroy(destroy_registry=True))
        loop.set_default_executor(threads)
        self._engine.dispose()


def workflow_id(job_id: str, run: int) -> str:
    """Names the engine's workflow of one run of a job."""
    return f"{job_id}.{run}"


def quieten() -> None:
    """Keeps the engine's notices of its everyday life out of the log."""
    logger = logging.getLogger("dbos")
    logger.setLevel(logging.ERROR)
