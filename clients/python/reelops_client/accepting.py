"""The takes of a task that somebody vouches for."""

from __future__ import annotations

from collections.abc import Sequence

from reelops.api.sopilot.v1 import accepted_take_service_pb2 as accepted_pb
from reelops.api.sopilot.v1.accepted_take_pb2 import AcceptedTake

from . import rpcs
from .calls import Caller


class AsyncAcceptedTakes:
    """The trainees' takes by which others are judged, beside the gold videos."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def list(self, *, task_id: str, limit: int | None = None) -> Sequence[AcceptedTake]:
        """Returns the accepted takes of a task, the newest acceptance first."""
        request = accepted_pb.ListAcceptedTakesRequest(task_id=task_id, limit=limit)
        return (await self._caller.call(rpcs.LIST_ACCEPTED, request)).items

    async def accept(self, *, task_id: str, video_id: int) -> AcceptedTake:
        """Accepts a trainee's take. Scores that are asked for afterwards are judged by it as well."""
        request = accepted_pb.AcceptTakeRequest(task_id=task_id, video_id=video_id)
        return (await self._caller.call(rpcs.ACCEPT_TAKE, request)).accepted_take

    async def withdraw(self, *, task_id: str, video_id: int) -> None:
        """Takes an acceptance back; raises NotFound where there is none."""
        request = accepted_pb.WithdrawTakeRequest(task_id=task_id, video_id=video_id)
        await self._caller.call(rpcs.WITHDRAW_TAKE, request)
