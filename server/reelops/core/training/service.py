"""Asking for a training, by hand or by the clock, and looking at it."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.core.audit.model import AuditEvent
from reelops.core.audit.service import Audit
from reelops.core.training.model import KIND, NIGHTLY, NIGHTLY_REQUESTER, QUEUE, NightlyPlan, NightlyStatus
from reelops.errors import NotFound
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import Job, JobQueue, NewJob, Periodic


class TrainingService:
    """Trainings of the feature adapter."""

    def __init__(
        self, *, db: Database, queue: JobQueue, audit: Audit, nightly: NightlyPlan, min_new_videos: int = 10
    ) -> None:
        self._db = db
        self._queue = queue
        self._audit = audit
        self._nightly = nightly
        self._min_new_videos = min_new_videos

    async def request(self, trigger: str, *, by: str) -> Job:
        """Queues a training. `trigger` is `manual` or `nightly`."""
        async with self._db.write() as connection:
            return await self._enqueue(connection, trigger, by=by)

    async def get(self, job_id: str) -> Job:
        """Returns a training. Raises `NotFound("JOB_NOT_FOUND")`, for jobs of another kind too."""
        job = await self._queue.get(job_id)
        if job.kind != KIND:
            raise NotFound("JOB_NOT_FOUND", f"There is no training job {job_id}.")
        return job

    def nightly_status(self) -> NightlyStatus:
        """Tells whether and when the nightly training runs."""
        plan = self._nightly
        return NightlyStatus(
            enabled=plan.enabled,
            next_run_local=plan.spell_local(plan.next_run(utc_now())) if plan.enabled else None,
            hour_local=plan.hour_local,
            min_new_videos=self._min_new_videos,
        )

    def periodics(self) -> tuple[Periodic, ...]:
        """Returns what a worker has to do by the clock: the nightly training, where it is enabled."""
        if not self._nightly.enabled:
            return ()
        return (Periodic(name="nightly-training", next_run=self._nightly.next_run, action=self._enqueue_nightly),)

    async def _enqueue_nightly(self, connection: AsyncConnection, _due: datetime) -> None:
        await self._enqueue(connection, NIGHTLY, by=NIGHTLY_REQUESTER)

    async def _enqueue(self, connection: AsyncConnection, trigger: str, *, by: str) -> Job:
        new = NewJob(
            job_id=f"train_{utc_now():%Y%m%d_%H%M%S}_{secrets.token_hex(4)}",
            kind=KIND,
            queue=QUEUE,
            payload={"trigger": trigger, "min_new_videos": self._min_new_videos},
            requested_by=by,
        )
        job = await self._queue.enqueue(connection, new)
        await self._audit.append(connection, AuditEvent.of_job(job, "training", facts={"trigger": trigger}))
        return job
