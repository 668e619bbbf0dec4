"""What a worker is told: how it runs jobs, what it runs them with, and what it does by the clock."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from sqlalchemy.ext.asyncio import AsyncConnection

if TYPE_CHECKING:
    from reelops.infra.jobs.context import JobContext
    from reelops.infra.jobs.model import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Seconds between tries: doubled each time, with a tenth of jitter so that jobs do not return in step."""

    first_sec: float = 1.0
    limit_sec: float = 60.0

    def delay(self, tries: int) -> float:
        """Returns the seconds to wait after the given number (from 1) of tries in vain."""
        plain = min(self.limit_sec, self.first_sec * 2.0 ** min(30, tries - 1))
        return plain * random.uniform(0.9, 1.1)  # noqa: S311 - jitter is no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """How a worker process behaves. Times are in seconds.

    A worker on another host counts as lost when it was not heard of for `lost_after_sec`; one on the same host as soon
    as its process is gone, or after `hung_after_sec`. A job whose workers were lost more than `max_interruptions` times
    fails. Finished engine rows are purged after `finished_kept_sec`; job rows stay.
    """

    slot: str = "worker"
    poll_interval_sec: float = 0.1
    busy_poll_interval_sec: float = 0.01
    pulse_sec: float = 0.5
    heartbeat_sec: float = 1.0
    lost_after_sec: float = 15.0
    hung_after_sec: float = 120.0
    grace_sec: float = 10.0
    max_interruptions: int = 8
    finished_kept_sec: float = 600.0
    retry: Backoff = Backoff(first_sec=1.0, limit_sec=300.0)
    wait: Backoff = Backoff(first_sec=1.0, limit_sec=15.0)
    global_concurrency: Mapping[str, int] = field(default_factory=dict)


class Handler(Protocol):
    """Does the work of one kind of job. See `JobContext` for what it may call.

    A handler is an async function, or an object with `__call__` and, when it leaves something outside the database,
    `on_failure`. It can be run again at any point until `ctx.finish()` committed, so what it does before is idempotent.
    """

    def __call__(self, ctx: JobContext, /) -> Awaitable[None]: ...


@runtime_checkable
class CleansUp(Protocol):
    """A handler that cleans up after a job that failed or was cancelled. Idempotent: it may be called again."""

    def on_failure(self, job: Job, /) -> Awaitable[None]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic:
    """Something to do by the clock, once per occurrence however many workers there are.

    `next_run(after)` returns the first occurrence later than `after` (both aware). `action(conn, due)` runs in the
    transaction that records the occurrence. Occurrences missed while no worker ran are made up for once.
    """

    name: str
    next_run: Callable[[datetime], datetime]
    action: Callable[[AsyncConnection, datetime], Awaitable[None]]
