"""OperationsService: what the service is doing."""

from __future__ import annotations

from collections.abc import Mapping

from reelops.api.sopilot.v1 import operations_service_pb2 as pb
from reelops.api.sopilot.v1 import operations_service_pb2_grpc
from reelops.core.fleet.service import Fleet
from reelops.infra.database import utc_now
from reelops.infra.jobs import JobState
from reelops.surfaces.context import Context
from reelops.surfaces.moments import timestamp


class OperationsServicer(operations_service_pb2_grpc.OperationsServiceServicer):
    """Shows the queues and the jobs."""

    def __init__(self, *, fleet: Fleet) -> None:
        self._fleet = fleet

    async def GetQueueMetrics(self, request: pb.GetQueueMetricsRequest, context: Context) -> pb.GetQueueMetricsResponse:
        seen = await self._fleet.observe()
        return pb.GetQueueMetricsResponse(
            generated_at=timestamp(utc_now()),
            runtime_mode="api",
            queue=pb.QueueBackend(
                backend="dbos",
                redis_ok=seen.error is None,
                error=seen.error,
                queues=[
                    pb.Queue(
                        key=f"sopilot_{name}",
                        name=name,
                        queued=depth.queued,
                        started=depth.running,
                        failed=depth.failed + depth.cancelled,
                        finished=depth.completed,
                        deferred=depth.deferred,
                        scheduled=depth.scheduled,
                    )
                    for name, depth in seen.queues.items()
                ],
            ),
            jobs=pb.JobStatistics(
                ingest=_counts(seen.jobs["ingest"]),
                score=_counts(seen.jobs["score"]),
                training=_counts(seen.jobs["training"]),
            ),
        )


def _counts(jobs: Mapping[JobState, int]) -> pb.JobCounts:
    return pb.JobCounts(
        queued=jobs[JobState.queued],
        running=jobs[JobState.running],
        completed=jobs[JobState.completed],
        failed=jobs[JobState.failed] + jobs[JobState.cancelled],
    )
