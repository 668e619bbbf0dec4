"""AcceptedTakeService: the takes that operators vouch for."""

from __future__ import annotations

from reelops.api.sopilot.v1 import accepted_take_service_pb2 as pb
from reelops.api.sopilot.v1 import accepted_take_service_pb2_grpc
from reelops.core.identity.caller import principal
from reelops.core.scoring.references.service import AcceptedTakes
from reelops.surfaces.context import Context
from reelops.surfaces.sopilot import convert

DEFAULT_LIMIT = 50


class AcceptedTakeServicer(accepted_take_service_pb2_grpc.AcceptedTakeServiceServicer):
    """Shows, accepts and withdraws takes."""

    def __init__(self, *, accepted: AcceptedTakes) -> None:
        self._accepted = accepted

    async def ListAcceptedTakes(
        self, request: pb.ListAcceptedTakesRequest, context: Context
    ) -> pb.ListAcceptedTakesResponse:
        limit = request.limit if request.HasField("limit") else DEFAULT_LIMIT
        takes = await self._accepted.list(request.task_id, limit=limit)
        return pb.ListAcceptedTakesResponse(items=[convert.accepted_take(take) for take in takes])

    async def AcceptTake(self, request: pb.AcceptTakeRequest, context: Context) -> pb.AcceptTakeResponse:
        take = await self._accepted.accept(request.task_id, request.video_id, by=principal().name)
        return pb.AcceptTakeResponse(accepted_take=convert.accepted_take(take))

    async def WithdrawTake(self, request: pb.WithdrawTakeRequest, context: Context) -> pb.WithdrawTakeResponse:
        await self._accepted.withdraw(request.task_id, request.video_id, by=principal().name)
        return pb.WithdrawTakeResponse(task_id=request.task_id, video_id=request.video_id)
