"""Videos with what scoring needs of them, from the stores."""

from __future__ import annotations

from reelops import errors
from reelops.core.library.model import VideoRole
from reelops.core.library.service import Library
from reelops.core.scoring.profiles import Recording
from reelops.core.scoring.steps.outlines import Outlines
from reelops.core.scoring.steps.service import StepBook
from reelops.core.training.adapters import Adapters


class Recordings:
    """Puts recordings together."""

    def __init__(self, *, library: Library, steps: StepBook, outlines: Outlines, adapters: Adapters) -> None:
        self._library = library
        self._steps = steps
        self._outlines = outlines
        self._adapters = adapters

    async def load(self, video_id: int) -> Recording:
        """Reads a video. Raises `Invalid("VIDEO_UNKNOWN")` where it was deleted."""
        try:
            video = await self._library.get(video_id)
        except errors.NotFound:
            raise errors.Invalid("VIDEO_UNKNOWN", f"video {video_id} was deleted before it was scored") from None
        clips = await self._library.clips(video_id)
        raw = await self._library.embeddings(video)
        adapter = await self._adapters.active(video.embedding_model)
        if video.role is not VideoRole.gold:
            return Recording(video=video, clips=tuple(clips), raw=raw, adapter=adapter)
        steps = await self._steps.chosen(video_id)
        outline = await self._outlines.of(video, clips, raw)
        return Recording(video=video, clips=tuple(clips), raw=raw, adapter=adapter, steps=steps, outline=outline)
