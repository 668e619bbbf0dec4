"""Durable jobs: enqueued in the caller's transaction, run in worker processes, fenced by claim. The engine is DBOS."""

from reelops.infra.jobs.context import JobContext
from reelops.infra.jobs.model import Job, JobState, NewJob, QueueDepth, WorkerInfo, new_job_id
from reelops.infra.jobs.queue import JobQueue
from reelops.infra.jobs.settings import Backoff, Handler, Periodic, WorkerSettings
from reelops.infra.jobs.transitions import Superseded
from reelops.infra.jobs.worker import Worker

__all__ = [
    "Backoff",
    "Handler",
    "Job",
    "JobContext",
    "JobQueue",
    "JobState",
    "NewJob",
    "Periodic",
    "QueueDepth",
    "Superseded",
    "Worker",
    "WorkerInfo",
    "WorkerSettings",
    "new_job_id",
]
