"""What callers do with the steps of a gold video: look at them, set them, forget them."""

from __future__ import annotations

from collections.abc import Sequence

from reelops import errors
from reelops.core.audit.model import AuditEvent
from reelops.core.audit.service import Audit
from reelops.core.library.model import Video, VideoRole
from reelops.core.library.service import Library
from reelops.core.scoring.steps.finding import numbered
from reelops.core.scoring.steps.model import GoldSteps, Source, Step, checked
from reelops.core.scoring.steps.outlines import Outlines
from reelops.core.scoring.steps.store import StoredSteps, get_steps, lock_steps, put_steps
from reelops.infra.database import Database, utc_now


class StepBook:
    """The steps of every gold video."""

    def __init__(self, *, db: Database, library: Library, audit: Audit, outlines: Outlines) -> None:
        self._db = db
        self._library = library
        self._audit = audit
        self._outlines = outlines

    async def get(self, task_id: str, gold_video_id: int) -> GoldSteps:
        """Returns the steps that were set, or else those that are found.

        Raises `NotFound("GOLD_NOT_FOUND")`, and `Unavailable` where they have to be found while Triton is away.
        """
        video = await self._gold(task_id, gold_video_id)
        return await self._shown(video, await get_steps(self._db, gold_video_id))

    async def chosen(self, gold_video_id: int) -> tuple[Step, ...]:
        """Returns the steps that an operator set; none where nobody did."""
        return (await get_steps(self._db, gold_video_id)).steps or ()

    async def set(
        self, task_id: str, gold_video_id: int, steps: Sequence[Step], *, version: int | None, by: str
    ) -> GoldSteps:
        """Replaces the steps of a gold video, unless they are no longer those of `version`.

        Raises `NotFound("GOLD_NOT_FOUND")`, `Invalid("STEPS_INVALID")` and `Conflict("STEPS_CHANGED")`.
        """
        video = await self._gold(task_id, gold_video_id)
        kept = checked(steps, duration_sec=video.duration_sec)
        return await self._shown(video, await self._put(video, kept, version=version, by=by))

    async def reset(self, task_id: str, gold_video_id: int, *, version: int | None, by: str) -> GoldSteps:
        """Forgets the steps that were set, if any. Raises `NotFound("GOLD_NOT_FOUND")`, `Conflict("STEPS_CHANGED")`."""
        video = await self._gold(task_id, gold_video_id)
        return await self._shown(video, await self._put(video, None, version=version, by=by))

    async def _put(self, video: Video, steps: tuple[Step, ...] | None, *, version: int | None, by: str) -> StoredSteps:
        async with self._db.write() as connection:
            present = await lock_steps(connection, video.video_id)
            if present is None:
                raise _unknown(video.task_id, video.video_id)
            _check_version(present, version)
            if steps is None and present.steps is None:
                return present
            new = StoredSteps(version=present.version + 1, steps=steps, changed_by=by, changed_at=utc_now())
            await put_steps(
                connection, video.video_id, version=new.version, steps=steps, by=by, at=new.changed_at or utc_now()
            )
            await self._audit.append(connection, _event(video, new, by=by))
        return new

    async def _shown(self, video: Video, stored: StoredSteps) -> GoldSteps:
        if stored.steps is None:
            found = await self._find(video)
            return GoldSteps(video=video, source=Source.FOUND, version=stored.version, steps=found)
        return GoldSteps(
            video=video,
            source=Source.SET,
            version=stored.version,
            steps=stored.steps,
            changed_by=stored.changed_by,
            changed_at=stored.changed_at,
        )

    async def _find(self, video: Video) -> tuple[Step, ...]:
        found = await self._outlines.kept(video)
        if found is None:
            clips = await self._library.clips(video.video_id)
            found = await self._outlines.of(video, clips, await self._library.embeddings(video))
        return numbered(found, video)

    async def _gold(self, task_id: str, video_id: int) -> Video:
        try:
            video = await self._library.get(video_id)
        except errors.NotFound:
            raise _unknown(task_id, video_id) from None
        if video.task_id != task_id or video.role is not VideoRole.gold:
            raise _unknown(task_id, video_id)
        return video


def _unknown(task_id: str, video_id: int) -> errors.NotFound:
    return errors.NotFound("GOLD_NOT_FOUND", f"task {task_id} has no gold video {video_id}")


def _check_version(present: StoredSteps, version: int | None) -> None:
    if version is not None and version != present.version:
        raise errors.Conflict(
            "STEPS_CHANGED",
            f"the steps were changed meanwhile: they are at version {present.version}, not {version}; look again first",
            version=str(present.version),
        )


def _event(video: Video, new: StoredSteps, *, by: str) -> AuditEvent:
    return AuditEvent(
        job_type="steps",
        requested_by=by,
        task_id=video.task_id,
        subject=f"video:{video.video_id}",
        facts={
            "action": "reset" if new.steps is None else "set",
            "version": new.version,
            "steps": [step.to_dict() for step in new.steps or ()],
        },
    )
