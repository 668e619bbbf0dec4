"""How long jobs take, measured where they run."""

from __future__ import annotations

import time

from reelops.infra.jobs import Handler, Job, JobContext
from reelops.infra.metrics import JOB_SECONDS


class Measured:
    """A handler whose runs `sopilot_job_duration_seconds` counts; one that is tried again counts as failed."""

    def __init__(self, handler: Handler, job_type: str) -> None:
        self._handler = handler
        self._job_type = job_type

    async def __call__(self, ctx: JobContext) -> None:
        started = time.perf_counter()
        status = "failed"
        try:
            await self._handler(ctx)
            status = "completed"
        finally:
            JOB_SECONDS.labels(job_type=self._job_type, status=status).observe(time.perf_counter() - started)

    async def on_failure(self, job: Job) -> None:
        """Passes on."""
        clean = getattr(self._handler, "on_failure", None)
        if clean is not None:
            await clean(job)
