"""The steps of gold videos: what they are called, where they lie, how long they should take."""

from __future__ import annotations

from collections.abc import Iterable

from reelops.api.sopilot.v1 import step_service_pb2 as step_pb
from reelops.api.sopilot.v1.step_pb2 import GoldSteps, Step

from . import rpcs
from .calls import Caller


class AsyncSteps:
    """The steps by which takes of a task are scored."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def list(self, *, task_id: str, gold: int) -> GoldSteps:
        """Returns the steps of a gold video: those that somebody set, or else those that the service finds in it."""
        request = step_pb.ListStepsRequest(task_id=task_id, gold_video_id=gold)
        return (await self._caller.call(rpcs.LIST_STEPS, request)).gold_steps

    async def set(self, *, task_id: str, gold: int, steps: Iterable[Step], version: int | None = None) -> GoldSteps:
        """Replaces all steps of a gold video. Scores that are asked for afterwards use them.

        With the `version` that was read before, raises Conflict where somebody else changed them since. Raises Invalid
        for steps that overlap, are not in order, leave the video or share a name.
        """
        request = step_pb.SetStepsRequest(task_id=task_id, gold_video_id=gold, steps=steps, version=version)
        return (await self._caller.call(rpcs.SET_STEPS, request)).gold_steps

    async def reset(self, *, task_id: str, gold: int, version: int | None = None) -> GoldSteps:
        """Forgets the steps that were set, and returns those that the service finds."""
        request = step_pb.ResetStepsRequest(task_id=task_id, gold_video_id=gold, version=version)
        return (await self._caller.call(rpcs.RESET_STEPS, request)).gold_steps
