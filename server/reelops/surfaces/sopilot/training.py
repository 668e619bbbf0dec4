"""TrainingService: the feature adapter and its nightly training."""

from __future__ import annotations

from reelops.api.sopilot.v1 import training_service_pb2 as pb
from reelops.api.sopilot.v1 import training_service_pb2_grpc
from reelops.core.identity.caller import principal
from reelops.core.training.service import TrainingService
from reelops.surfaces.context import Context
from reelops.surfaces.sopilot import convert

_MANUAL = "manual"


class TrainingServicer(training_service_pb2_grpc.TrainingServiceServicer):
    """Fits the feature adapter."""

    def __init__(self, *, training: TrainingService) -> None:
        self._training = training

    async def TrainNightly(self, request: pb.TrainNightlyRequest, context: Context) -> pb.TrainNightlyResponse:
        job = await self._training.request(_MANUAL, by=principal().name)
        return pb.TrainNightlyResponse(training_job_id=job.job_id, status=pb.TrainingJob.queued, trigger=_MANUAL)

    async def GetTrainingJob(self, request: pb.GetTrainingJobRequest, context: Context) -> pb.GetTrainingJobResponse:
        return pb.GetTrainingJobResponse(job=convert.training_job(await self._training.get(request.training_job_id)))

    async def GetNightlyStatus(
        self, request: pb.GetNightlyStatusRequest, context: Context
    ) -> pb.GetNightlyStatusResponse:
        status = self._training.nightly_status()
        return pb.GetNightlyStatusResponse(
            enabled=status.enabled,
            next_run_local=status.next_run_local,
            hour_local=status.hour_local,
            min_new_videos=status.min_new_videos,
        )
