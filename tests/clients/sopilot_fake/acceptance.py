"""The fake's accepted takes."""

# mypy: disable-error-code="no-untyped-def,override,misc,arg-type"
from __future__ import annotations

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from reelops.api.sopilot.v1 import accepted_take_service_pb2 as pb
from reelops.api.sopilot.v1 import accepted_take_service_pb2_grpc
from reelops.api.sopilot.v1.accepted_take_pb2 import AcceptedTake
from reelops.api.sopilot.v1.video_pb2 import Video

from tests.clients.sopilot_fake.guard import fail, role_of
from tests.clients.sopilot_fake.state import State


class AcceptedTakes(accepted_take_service_pb2_grpc.AcceptedTakeServiceServicer):
    def __init__(self, state: State) -> None:
        self.state = state

    def _video(self, request, context) -> Video:
        video = self.state.videos.get(request.video_id)
        if video is None or video.task_id != request.task_id:
            fail(context, grpc.StatusCode.NOT_FOUND, "VIDEO_NOT_FOUND", "There is no such video.")
        return video

    def ListAcceptedTakes(self, request, context):
        own = [take for take in self.state.accepted.values() if take.task_id == request.task_id]
        return pb.ListAcceptedTakesResponse(items=own[::-1])

    def AcceptTake(self, request, context):
        if self._video(request, context).role == Video.gold:
            fail(context, grpc.StatusCode.INVALID_ARGUMENT, "ROLE_MISMATCH", "A gold video needs no acceptance.")
        now = Timestamp()
        now.GetCurrentTime()
        new = AcceptedTake(
            task_id=request.task_id,
            video_id=request.video_id,
            accepted_by=f"token:{role_of(context)}",
            accepted_at=now,
        )
        return pb.AcceptTakeResponse(accepted_take=self.state.accepted.setdefault(request.video_id, new))

    def WithdrawTake(self, request, context):
        self._video(request, context)
        if self.state.accepted.pop(request.video_id, None) is None:
            fail(context, grpc.StatusCode.NOT_FOUND, "TAKE_NOT_ACCEPTED", "The take is not accepted.")
        return pb.WithdrawTakeResponse(task_id=request.task_id, video_id=request.video_id)
