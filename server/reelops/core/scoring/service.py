"""What callers do with scores: ask for one, look at it, read its report."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any

from reelops import errors
from reelops.core.audit.model import AuditEvent
from reelops.core.audit.service import Audit
from reelops.core.library.model import Video, VideoRole
from reelops.core.library.store import get_video
from reelops.core.scoring.evidence import unpack_frame
from reelops.core.scoring.model import ScoreResult
from reelops.core.scoring.profiles import DEFAULT_PROFILE, check_profile
from reelops.core.scoring.store import Artifacts, get_artifacts, replace_report_job
from reelops.infra.blobs import BlobInfo, BlobStore
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import Job, JobQueue, JobState, NewJob

KIND = "sopilot.score"
QUEUE = "score"
REPORT_KIND = "sopilot.report"
REPORT_QUEUE = "report"


def score_payload(gold_video_id: int, trainee_video_id: int, profile: str) -> dict[str, Any]:
    """Gives what a score job has to do, as its payload keeps it."""
    return {"gold_video_id": gold_video_id, "trainee_video_id": trainee_video_id, "profile": profile}


def report_job(score: Job) -> NewJob:
    """Gives a job that makes a score's report."""
    return NewJob(
        job_id=f"report_{secrets.token_hex(8)}",
        kind=REPORT_KIND,
        queue=REPORT_QUEUE,
        payload={"score_job_id": score.job_id},
        requested_by=score.requested_by,
        task_id=score.task_id,
    )


class Scoring:
    """The comparisons of trainees' videos with gold videos."""

    def __init__(
        self,
        *,
        db: Database,
        blobs: BlobStore,
        queue: JobQueue,
        audit: Audit,
        report_wait_sec: float = 60.0,
        frame_wait_sec: float = 20.0,
    ) -> None:
        self._db = db
        self._blobs = blobs
        self._queue = queue
        self._audit = audit
        self._report_wait_sec = report_wait_sec
        self._frame_wait_sec = frame_wait_sec

    async def request(self, *, gold: int, trainee: int, profile: str | None, by: str) -> Job:
        """Queues a comparison.

        Raises `Invalid` for a video that does not exist, two tasks, a reference that is not gold, embeddings of two
        models, or an unknown profile.
        """
        task_id = await self._common_task(gold, trainee)
        name = check_profile(profile or DEFAULT_PROFILE)
        async with self._db.write() as connection:
            job = await self._queue.enqueue(
                connection,
                NewJob(
                    job_id=f"score_{utc_now():%Y%m%d_%H%M%S}_{secrets.token_hex(6)}",
                    kind=KIND,
                    queue=QUEUE,
                    payload=score_payload(gold, trainee, name),
                    requested_by=by,
                    task_id=task_id,
                ),
            )
            await self._audit.append(connection, AuditEvent.of_job(job, "score", subject=f"{gold}→{trainee}"))
        return job

    async def get(self, score_job_id: str) -> Job:
        """Returns a score job. Raises `NotFound("JOB_NOT_FOUND")`."""
        job = await self._queue.get(score_job_id)
        if job.kind != KIND:
            raise errors.NotFound("JOB_NOT_FOUND", f"there is no score job {score_job_id}")
        return job

    async def report(self, score_job_id: str, *, by: str) -> BlobInfo:
        """Returns the report of a completed score, waiting while it is being made. The trail tells of it.

        Raises `NotFound` for a score that does not exist or is not completed, or whose videos were deleted.
        """
        job = await self._completed(score_job_id, "a report")
        artifacts = await self._reported(job, wait_sec=self._report_wait_sec)
        if artifacts is None or artifacts.report_key is None:
            raise errors.NotFound("REPORT_GONE", "the report is gone, as a video of this score was deleted")
        await self._audit.record(
            AuditEvent(job_type="download", requested_by=by, task_id=job.task_id, subject=f"report:{score_job_id}")
        )
        return await self._blobs.head(artifacts.report_key)

    def read_report(self, info: BlobInfo, start: int, end: int) -> AsyncIterator[bytes]:
        """Reads bytes `start` up to but not including `end` of a report."""
        return self._blobs.stream(info.key, start=start, end=end)

    async def fault_frame(self, score_job_id: str, deviation: int, role: VideoRole) -> bytes:
        """Returns a JPEG of a fault in one of the videos, waiting a while for the report that it is made with.

        Raises `NotFound` for a score or a fault that does not exist, a fault that has no place in that video, and a
        score whose videos were deleted.
        """
        job = await self._completed(score_job_id, "a frame of a fault")
        faults = ScoreResult.from_dict(job.result or {}).deviations
        if deviation >= len(faults):
            raise errors.NotFound("DEVIATION_NOT_FOUND", f"the score has {len(faults)} faults, counted from 0")
        fault = faults[deviation]
        place = fault.gold_time if role is VideoRole.gold else fault.trainee_time
        if place.start_sec is None:
            raise errors.NotFound("FRAME_NOT_FOUND", f"this fault has no place in the {role.value} video")
        artifacts = await self._reported(job, wait_sec=self._frame_wait_sec)
        if artifacts is None or artifacts.frames_key is None:
            raise errors.NotFound("FRAME_GONE", "the frame is gone, as a video of this score was deleted")
        packed = await self._blobs.get_bytes(artifacts.frames_key)
        frame = await asyncio.to_thread(unpack_frame, packed, deviation, role)
        if frame is None:
            raise errors.NotFound("FRAME_NOT_FOUND", f"no frame of this fault was kept of the {role.value} video")
        return frame

    async def _completed(self, score_job_id: str, what: str) -> Job:
        job = await self.get(score_job_id)
        if job.state is not JobState.completed:
            raise errors.NotFound("SCORE_NOT_COMPLETED", f"the score is {job.state}, {what} needs a completed one")
        return job

    async def _reported(self, score: Job, *, wait_sec: float) -> Artifacts | None:
        """Returns the files of a score once its report is made; None where a video of it was deleted."""
        artifacts = await get_artifacts(self._db, score.job_id)
        if artifacts is not None and artifacts.report_key is None:
            await self._await_report(await self._report_job(score, artifacts), wait_sec=wait_sec)
            artifacts = await get_artifacts(self._db, score.job_id)
        return artifacts

    async def _report_job(self, score: Job, artifacts: Artifacts) -> str:
        """Returns the job that makes the report; one that failed is replaced, so that asking again tries again."""
        present = await self._queue.get(artifacts.report_job_id)
        if present.state not in (JobState.failed, JobState.cancelled):
            return present.job_id
        async with self._db.write() as connection:
            new = report_job(score)
            if await replace_report_job(connection, artifacts, new.job_id):
                await self._queue.enqueue(connection, new)
                return new.job_id
        return present.job_id

    async def _await_report(self, report_job_id: str, *, wait_sec: float) -> None:
        """Waits for the job that makes the report. Raises `Unavailable` when it failed or takes too long."""
        try:
            async with asyncio.timeout(wait_sec):
                async for job in self._queue.watch(report_job_id):
                    if job.state is JobState.failed:
                        raise errors.Unavailable("REPORT_FAILED", f"the report failed: {job.error_message}")
        except TimeoutError:
            raise errors.Unavailable("REPORT_PENDING", "the report is still being made; try again soon") from None

    async def _common_task(self, gold: int, trainee: int) -> str:
        gold_video = await self._existing(gold)
        trainee_video = await self._existing(trainee)
        if gold_video.task_id != trainee_video.task_id:
            raise errors.Invalid(
                "TASK_MISMATCH",
                f"video {gold} shows task {gold_video.task_id}, video {trainee} shows task {trainee_video.task_id}",
            )
        if gold_video.role is not VideoRole.gold:
            raise errors.Invalid("ROLE_MISMATCH", f"video {gold} is not a gold video")
        check_same_model(gold_video, trainee_video)
        return trainee_video.task_id

    async def _existing(self, video_id: int) -> Video:
        video = await get_video(self._db, video_id)
        if video is None:
            raise errors.Invalid("VIDEO_UNKNOWN", f"there is no video {video_id}")
        return video


def check_same_model(gold: Video, trainee: Video) -> None:
    """Raises `Invalid("MODEL_MISMATCH")` where two videos were embedded by different models or versions."""
    if gold.embedding_model != trainee.embedding_model:
        raise errors.Invalid(
            "MODEL_MISMATCH",
            f"video {gold.video_id} was embedded by {gold.embedding_model}, video {trainee.video_id} by "
            f"{trainee.embedding_model}: re-embed the task with one model first",
        )
