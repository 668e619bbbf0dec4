"""What callers do with accepted takes: look at them, accept one, take that back."""

from __future__ import annotations

from reelops import errors
from reelops.core.audit.model import AuditEvent
from reelops.core.audit.service import Audit
from reelops.core.library.model import Video, VideoRole
from reelops.core.library.service import Library
from reelops.core.library.store import videos
from reelops.core.scoring.references.store import (
    AcceptedTake,
    delete_accepted,
    get_accepted,
    insert_accepted,
    list_accepted,
)
from reelops.infra.database import Database, utc_now


class AcceptedTakes:
    """The trainees' takes that operators vouch for, by task."""

    def __init__(self, *, db: Database, library: Library, audit: Audit) -> None:
        self._db = db
        self._library = library
        self._audit = audit

    async def list(self, task_id: str, *, limit: int) -> list[AcceptedTake]:
        """Lists the accepted takes of a task, the newest acceptance first."""
        return await list_accepted(self._db, task_id, limit=limit)

    async def accept(self, task_id: str, video_id: int, *, by: str) -> AcceptedTake:
        """Accepts a trainee's take; one that is accepted already stays as it was.

        Raises `NotFound("VIDEO_NOT_FOUND")`, and `Invalid("ROLE_MISMATCH")` for a gold video.
        """
        video = await self._of_task(task_id, video_id)
        if video.role is VideoRole.gold:
            raise errors.Invalid("ROLE_MISMATCH", f"video {video_id} is a gold video and needs no acceptance")
        new = AcceptedTake(video_id=video_id, task_id=task_id, accepted_by=by, accepted_at=utc_now())
        async with self._db.write() as connection:
            lock = videos.select().where(videos.c.video_id == video_id).with_for_update()
            if (await connection.execute(lock)).first() is None:
                raise _unknown(task_id, video_id)
            if await insert_accepted(connection, new):
                await self._audit.append(connection, _event(video, "accepted", by=by))
                return new
            return await get_accepted(connection, video_id) or new

    async def withdraw(self, task_id: str, video_id: int, *, by: str) -> None:
        """Takes an acceptance back. Raises `NotFound("VIDEO_NOT_FOUND")` and `NotFound("TAKE_NOT_ACCEPTED")`."""
        video = await self._of_task(task_id, video_id)
        async with self._db.write() as connection:
            if not await delete_accepted(connection, video_id):
                raise errors.NotFound("TAKE_NOT_ACCEPTED", f"video {video_id} is not an accepted take")
            await self._audit.append(connection, _event(video, "withdrawn", by=by))

    async def _of_task(self, task_id: str, video_id: int) -> Video:
        try:
            video = await self._library.get(video_id)
        except errors.NotFound:
            raise _unknown(task_id, video_id) from None
        if video.task_id != task_id:
            raise _unknown(task_id, video_id)
        return video


def _unknown(task_id: str, video_id: int) -> errors.NotFound:
    return errors.NotFound("VIDEO_NOT_FOUND", f"task {task_id} has no video {video_id}")


def _event(video: Video, action: str, *, by: str) -> AuditEvent:
    return AuditEvent(
        job_type="acceptance",
        requested_by=by,
        task_id=video.task_id,
        subject=f"video:{video.video_id}",
        facts={"action": action},
    )
