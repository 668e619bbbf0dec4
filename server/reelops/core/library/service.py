"""What callers do with the library: look, download, delete."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence

import numpy as np
from numpy.typing import NDArray

from reelops import errors
from reelops.core.audit.model import AuditEvent
from reelops.core.audit.service import Audit
from reelops.core.library import store
from reelops.core.library.model import ClipRow, CloseLook, Video
from reelops.core.library.removal import Detach, Removal
from reelops.infra.blobs import BlobInfo, BlobStore
from reelops.infra.database import Database


class Library:
    """The videos that were ingested."""

    def __init__(self, *, db: Database, blobs: BlobStore, audit: Audit, detach: Sequence[Detach] = ()) -> None:
        self._db = db
        self._blobs = blobs
        self._audit = audit
        self._detach = detach

    async def get(self, video_id: int) -> Video:
        """Returns a video. Raises `NotFound("VIDEO_NOT_FOUND")`."""
        video = await store.get_video(self._db, video_id)
        if video is None:
            raise errors.NotFound("VIDEO_NOT_FOUND", f"there is no video {video_id}")
        return video

    async def list(self, *, task_id: str | None = None, limit: int = 50) -> list[Video]:
        """Lists videos, newest first."""
        return await store.list_videos(self._db, task_id=task_id, limit=limit)

    async def clips(self, video_id: int) -> Sequence[ClipRow]:
        """Lists the clips of a video in order."""
        return await store.list_clips(self._db, video_id)

    async def embeddings(self, video: Video) -> NDArray[np.float32]:
        """Reads the raw embeddings of a video: float32 (clips, dimensions)."""
        data = await self._blobs.get_bytes(video.embeddings_key)
        return np.asarray(np.load(io.BytesIO(data), allow_pickle=False), dtype=np.float32)

    async def glimpses(self, video: Video) -> NDArray[np.float32] | None:
        """Reads what is seen at single frames of a gold video, (clips, frames, channels, cells); None where unknown."""
        try:
            data = await self._blobs.get_bytes(video.glimpses_key)
        except errors.NotFound:
            return None
        return np.asarray(np.load(io.BytesIO(data), allow_pickle=False), dtype=np.float32)

    async def close_look(self, video: Video) -> CloseLook | None:
        """Reads what a close look at a video gave; None where there was none."""
        try:
            data = await self._blobs.get_bytes(video.close_look_key)
        except errors.NotFound:
            return None
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            return CloseLook(kept["embeddings"], kept["times"], kept.get("glimpses"))

    async def file(self, video_id: int) -> tuple[Video, BlobInfo]:
        """Returns a video and what is known of its file. Raises `NotFound` when either is gone."""
        video = await self.get(video_id)
        return video, await self._blobs.head(video.file_key)

    async def read_file(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Reads bytes `start` up to but not including `end` of a file of the library."""
        async for chunk in self._blobs.stream(key, start=start, end=end):
            yield chunk

    async def record_download(self, video: Video, *, by: str) -> None:
        """Writes into the trail that somebody took the file."""
        async with self._db.write() as connection:
            await self._audit.append(
                connection,
                AuditEvent(
                    job_type="download", requested_by=by, task_id=video.task_id, subject=f"video:{video.video_id}"
                ),
            )

    async def delete(self, video_id: int, *, by: str) -> Removal:
        """Deletes a video with its clips, files, vectors and reports, and says which.

        The rows go first, in one transaction with the entry in the trail; a file that a killed process leaves behind is
        swept later, as it has no row any more. Raises `NotFound("VIDEO_NOT_FOUND")`.
        """
        video = await self.get(video_id)
        async with self._db.write() as connection:
            keys = [video.file_key, *video.embedding_keys]
            for detach in self._detach:
                keys += await detach(connection, video)
            left = await store.delete_video(connection, video)
            if left < 0:
                raise errors.NotFound("VIDEO_NOT_FOUND", f"there is no video {video_id}")
            await self._audit.append(
                connection,
                AuditEvent(job_type="delete", requested_by=by, task_id=video.task_id, subject=f"video:{video_id}"),
            )
        removed = await self._blobs.delete(keys)
        return Removal(video, tuple(self._blobs.describe(key) for key in removed), left)
