"""Videos with what scoring needs of them, from the stores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reelops import errors
from reelops.core.library.looking import CloseLooks
from reelops.core.library.model import VideoRole
from reelops.core.library.service import Library
from reelops.core.scoring.profiles import Recording
from reelops.core.scoring.steps.outlines import Outlines
from reelops.core.scoring.steps.service import StepBook
from reelops.core.training.adapters import Adapters


class Recordings:
    """Puts recordings together."""

    def __init__(
        self, *, library: Library, steps: StepBook, outlines: Outlines, adapters: Adapters, looks: CloseLooks
    ) -> None:
        self._library = library
        self._steps = steps
        self._outlines = outlines
        self._adapters = adapters
        self._looks = looks

    async def load(
        self, video_id: int, *, beside: Recording | None = None, cancelled: Callable[[], bool] = lambda: False
    ) -> Recording:
        """Reads a video, and looks at it closely where its steps are short, or those of the gold video `beside` it.

        Raises `Invalid("VIDEO_UNKNOWN")` where it was deleted, and `Cancelled`.
        """
        try:
            video = await self._library.get(video_id)
        except errors.NotFound:
            raise errors.Invalid("VIDEO_UNKNOWN", f"video {video_id} was deleted before it was scored") from None
        clips = tuple(await self._library.clips(video_id))
        raw = await self._library.embeddings(video)
        adapter = await self._adapters.active(video.embedding_model)
        read = Recording(video=video, clips=clips, raw=raw, adapter=adapter)
        if video.role is VideoRole.gold:
            steps, found = await self._steps.chosen(video_id), await self._outlines.of(video, clips, raw)
            read = replace(read, steps=steps, found=found)
        if beside is None and read.has_short_steps:
            return replace(read, close_look=await self._library.close_look(video))
        if (
            beside is not None
            and beside.close_look is not None
            and beside.video.embedding_model == video.embedding_model
        ):
            return replace(read, close_look=await self._looks.of(video, cancelled=cancelled))
        return read
