"""StepService: the steps of gold videos."""

from __future__ import annotations

from reelops.api.sopilot.v1 import step_service_pb2 as pb
from reelops.api.sopilot.v1 import step_service_pb2_grpc
from reelops.core.identity.caller import principal
from reelops.core.scoring.steps.service import StepBook
from reelops.surfaces.context import Context
from reelops.surfaces.sopilot import convert


class StepServicer(step_service_pb2_grpc.StepServiceServicer):
    """Shows, sets and resets steps."""

    def __init__(self, *, steps: StepBook) -> None:
        self._steps = steps

    async def ListSteps(self, request: pb.ListStepsRequest, context: Context) -> pb.ListStepsResponse:
        return pb.ListStepsResponse(
            gold_steps=convert.gold_steps(await self._steps.get(request.task_id, request.gold_video_id))
        )

    async def SetSteps(self, request: pb.SetStepsRequest, context: Context) -> pb.SetStepsResponse:
        steps = await self._steps.set(
            request.task_id,
            request.gold_video_id,
            [convert.step(step) for step in request.steps],
            version=request.version if request.HasField("version") else None,
            by=principal().name,
        )
        return pb.SetStepsResponse(gold_steps=convert.gold_steps(steps))

    async def ResetSteps(self, request: pb.ResetStepsRequest, context: Context) -> pb.ResetStepsResponse:
        steps = await self._steps.reset(
            request.task_id,
            request.gold_video_id,
            version=request.version if request.HasField("version") else None,
            by=principal().name,
        )
        return pb.ResetStepsResponse(gold_steps=convert.gold_steps(steps))
