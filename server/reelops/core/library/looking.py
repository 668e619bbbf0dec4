"""Close looks at videos, taken when first asked for: few videos have steps so short that they need one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reelops import errors
from reelops.core.library.embedding import Embedding, packed_look, worth_a_close_look
from reelops.core.library.jobs import mask_of
from reelops.core.library.model import CloseLook, Video, VideoRole
from reelops.core.library.service import Library
from reelops.infra.blobs import BlobStore


class CloseLooks:
    """What close looks at videos gave."""

    def __init__(self, *, library: Library, blobs: BlobStore, embedding: Embedding) -> None:
        self._library = library
        self._blobs = blobs
        self._embedding = embedding

    async def of(self, video: Video, *, cancelled: Callable[[], bool]) -> CloseLook | None:
        """Returns what is kept, or looks closely and keeps that.

        None for a video of which more cannot be seen, which another model embedded than the present one, or whose file
        is gone. Raises `Unavailable` while Triton is away, and `Cancelled`.
        """
        kept = await self._library.close_look(video)
        if kept is not None:
            return kept
        model = await self._embedding.model()
        worth = worth_a_close_look(model, source_fps=video.source_fps, duration_sec=video.duration_sec)
        if not worth or model.label != video.embedding_model:
            return None
        mask = mask_of(video.privacy_mask, video.privacy_mode)
        asked = model if video.role is VideoRole.gold else replace(model, glimpses=None)
        try:
            async with self._blobs.local(video.file_key) as path:
                look = await self._embedding.closely(path, mask, model=asked, cancelled=cancelled)
        except errors.NotFound:
            return None
        await self._blobs.put_bytes(video.close_look_key, packed_look(look))
        return look
