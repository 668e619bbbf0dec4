"""JobsService: jobs of every kind."""

from __future__ import annotations

from collections.abc import AsyncIterator

from reelops import errors
from reelops.api.jobs.v1 import job_pb2, jobs_service_pb2_grpc
from reelops.api.jobs.v1 import jobs_service_pb2 as pb
from reelops.core.identity.caller import principal
from reelops.infra.jobs import Job, JobQueue, JobState
from reelops.surfaces.context import Context
from reelops.surfaces.moments import timestamp

_PAGE = 50
_STATES = {
    JobState.queued: job_pb2.Job.STATE_QUEUED,
    JobState.running: job_pb2.Job.STATE_RUNNING,
    JobState.completed: job_pb2.Job.STATE_COMPLETED,
    JobState.failed: job_pb2.Job.STATE_FAILED,
    JobState.cancelled: job_pb2.Job.STATE_CANCELLED,
}
_BY_NUMBER = {number: state for state, number in _STATES.items()}


class JobsServicer(jobs_service_pb2_grpc.JobsServiceServicer):
    """Looks after jobs."""

    def __init__(self, *, queue: JobQueue) -> None:
        self._queue = queue

    async def GetJob(self, request: pb.GetJobRequest, context: Context) -> pb.GetJobResponse:
        return pb.GetJobResponse(job=to_message(await self._queue.get(request.job_id, principal().org_id)))

    async def ListJobs(self, request: pb.ListJobsRequest, context: Context) -> pb.ListJobsResponse:
        size = request.page_size or _PAGE
        try:
            jobs = await self._queue.list(
                kind=request.kind if request.HasField("kind") else None,
                state=_BY_NUMBER.get(request.state),
                task_id=request.task_id if request.HasField("task_id") else None,
                org_id=principal().org_id,
                limit=size + 1,
                after=request.page_token or None,
            )
        except errors.NotFound:
            raise errors.Invalid("PAGE_TOKEN_INVALID", "the page token is not one of ours") from None
        page = jobs[:size]
        token = page[-1].job_id if len(jobs) > size else ""
        return pb.ListJobsResponse(jobs=[to_message(job) for job in page], next_page_token=token)

    async def WatchJob(self, request: pb.WatchJobRequest, context: Context) -> AsyncIterator[pb.WatchJobResponse]:
        async for job in self._queue.watch(request.job_id, principal().org_id):
            yield pb.WatchJobResponse(job=to_message(job))

    async def CancelJob(self, request: pb.CancelJobRequest, context: Context) -> pb.CancelJobResponse:
        caller = principal()
        before = await self._queue.get(request.job_id, caller.org_id)
        if before.state.is_final:
            raise errors.Conflict("JOB_FINISHED", f"the job is {before.state} already")
        cancelled = await self._queue.cancel(request.job_id, by=caller.name, org_id=caller.org_id)
        return pb.CancelJobResponse(job=to_message(cancelled))


def to_message(job: Job) -> job_pb2.Job:
    """Converts a job."""
    return job_pb2.Job(
        job_id=job.job_id,
        kind=job.kind,
        queue=job.queue,
        state=_STATES[job.state],
        progress=job.progress,
        stage=job.stage,
        attempt=job.attempt,
        max_attempts=job.max_attempts,
        requested_by=job.requested_by,
        task_id=job.task_id,
        error_code=job.error_code,
        error_message=job.error_message,
        queued_at=timestamp(job.queued_at),
        started_at=timestamp(job.started_at),
        finished_at=timestamp(job.finished_at),
    )
