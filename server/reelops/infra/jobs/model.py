"""Jobs as everybody sees them: states, what a job is, what a new one needs."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobState(StrEnum):
    """Where a job is. A job that waits for a retry is queued."""

    queued = "queued"
    running = "running"
    completed = "completed"
    failed = "failed"
    cancelled = "cancelled"

    @property
    def is_final(self) -> bool:
        """Says whether the job never changes again."""
        return self in FINAL_STATES


FINAL_STATES = frozenset({JobState.completed, JobState.failed, JobState.cancelled})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job that is asked for.

    A smaller `priority` runs earlier (0 is the usual, negative is refused). `not_before` keeps it scheduled until then.
    `org_id` is the organisation whose clients may see it; without one only the house does.
    """

    job_id: str
    kind: str
    queue: str
    payload: Mapping[str, Any]
    requested_by: str
    task_id: str | None = None
    org_id: str | None = None
    priority: int = 0
    max_attempts: int = 3
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as its row says.

    `progress` is 0..1. `attempt` is 0 before the first start; waiting for a part that is away, and workers that are
    lost, do not use it up.
    """

    job_id: str
    kind: str
    queue: str
    state: JobState
    progress: float
    stage: str
    attempt: int
    max_attempts: int
    priority: int
    requested_by: str
    task_id: str | None
    org_id: str | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] | None = None
    error_code: str | None = None
    error_message: str | None = None
    queued_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDepth:
    """How many jobs of a queue are where: `queued` waits for a worker, `deferred` for a retry, `scheduled` its time."""

    queued: int = 0
    running: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    deferred: int = 0
    scheduled: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerInfo:
    """A live worker process and what it takes jobs from."""

    executor_id: str
    host: str
    pid: int
    queues: tuple[str, ...]
    running: int
    started_at: datetime
    seen_at: datetime


def new_job_id() -> str:
    """Makes an id that sorts by time of making: 11 hex digits of milliseconds and 48 random bits."""
    return f"{time.time_ns() // 1_000_000:011x}{secrets.token_hex(6)}"
