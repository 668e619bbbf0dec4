"""The making of a score's report: frames of both videos, the plot's figures, and the PDF, once."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reelops import __version__, errors
from reelops.core.library.jobs import mask_of
from reelops.core.library.model import Video
from reelops.core.library.service import Library
from reelops.core.scoring.evidence import pack_frames
from reelops.core.scoring.model import BothVideos, Deviation, ScoreResult, TimeRange
from reelops.core.scoring.report import FaultPictures, ReportDocument, VideoFacts, render_report
from reelops.core.scoring.store import Artifacts, frames_key, get_artifacts, report_key, set_report
from reelops.infra.blobs import BlobStore
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import Job, JobContext, JobQueue
from reelops.infra.media import MediaLimits, encode_jpeg, frames_at

PICTURE_SIDE = 320
MAX_PICTURED = 60


class ReportHandler:
    """Makes the report of a completed score."""

    def __init__(
        self, *, db: Database, library: Library, blobs: BlobStore, queue: JobQueue, limits: MediaLimits
    ) -> None:
        self._db = db
        self._library = library
        self._blobs = blobs
        self._queue = queue
        self._limits = limits

    async def __call__(self, ctx: JobContext) -> None:
        score = await self._queue.get(str(ctx.job.payload["score_job_id"]))
        artifacts = await get_artifacts(self._db, score.job_id)
        if artifacts is None or score.result is None:
            raise errors.NotFound("VIDEO_NOT_FOUND", "a video of this score was deleted")
        await ctx.report(0.1, "collecting frames")
        document = await self._document(score, artifacts)
        await ctx.report(0.6, "writing the report")
        pdf = await asyncio.to_thread(render_report, document)
        report, frames = report_key(score.job_id), frames_key(score.job_id)
        await self._blobs.put_bytes(report, pdf)
        await self._blobs.put_bytes(frames, await asyncio.to_thread(pack_frames, document.thumbnails))
        async with ctx.finish() as connection:
            kept = await set_report(connection, score.job_id, report=report, frames=frames)
            ctx.result = {"report_key": report, "bytes": len(pdf)}
        if not kept:
            await self._blobs.delete([report, frames])

    async def on_failure(self, job: Job) -> None:
        """Removes files that nothing refers to."""
        score = str(job.payload["score_job_id"])
        await self._blobs.delete([report_key(score), frames_key(score)])

    async def _document(self, score: Job, artifacts: Artifacts) -> ReportDocument:
        result = ScoreResult.from_dict(score.result or {})
        gold = await self._library.get(artifacts.gold_video_id)
        trainee = await self._library.get(artifacts.trainee_video_id)
        plot = np.load(io.BytesIO(await self._blobs.get_bytes(artifacts.plot_key)), allow_pickle=False)
        faults = list(enumerate(result.deviations))[:MAX_PICTURED]
        gold_pictures = await self._pictures(gold, {i: fault.gold_time for i, fault in faults})
        trainee_pictures = await self._pictures(trainee, {i: fault.trainee_time for i, fault in faults})
        return ReportDocument(
            score_job_id=score.job_id,
            task_id=score.task_id or "",
            requested_by=score.requested_by,
            queued_at=score.queued_at,
            finished_at=score.finished_at or score.queued_at,
            generated_at=utc_now(),
            result=result,
            gold=_facts(gold),
            trainee=_facts(trainee),
            preview=plot["preview"].astype(np.float32),
            path=plot["path"],
            clip_times=BothVideos(await self._times(gold), await self._times(trainee)),
            thumbnails=_paired(result.deviations, gold_pictures, trainee_pictures),
            reelops_version=__version__,
        )

    async def _times(self, video: Video) -> Any:
        clips = await self._library.clips(video.video_id)
        return np.array([(clip.start_sec, clip.end_sec) for clip in clips], dtype=np.float64).reshape(-1, 2)

    async def _pictures(self, video: Video, wanted: Mapping[int, TimeRange]) -> dict[int, bytes]:
        """Takes the frame in the middle of each stretch; a stretch that cannot be read has no picture."""
        middles = {index: middle for index, time in wanted.items() if (middle := _middle(time)) is not None}
        if not middles:
            return {}
        async with self._blobs.local(video.file_key) as path:
            frames = await asyncio.to_thread(
                frames_at,
                path,
                list(middles.values()),
                max_side=PICTURE_SIDE,
                limits=self._limits,
                mask=mask_of(video.privacy_mask, video.privacy_mode),
            )
        pictures = await asyncio.to_thread(lambda: [encode_jpeg(frame, quality=80) for frame in frames])
        return dict(zip(middles, pictures, strict=True))


def _middle(time: TimeRange) -> float | None:
    if time.start_sec is None or time.end_sec is None:
        return None
    return (time.start_sec + time.end_sec) / 2


def _paired(
    faults: Sequence[Deviation], gold: Mapping[int, bytes], trainee: Mapping[int, bytes]
) -> dict[int, FaultPictures]:
    return {
        index: FaultPictures(gold=gold.get(index), trainee=trainee.get(index))
        for index in range(len(faults))
        if index in gold or index in trainee
    }


def _facts(video: Video) -> VideoFacts:
    return VideoFacts(
        video_id=video.video_id,
        site_id=video.site_id,
        camera_id=video.camera_id,
        duration_sec=video.duration_sec,
        num_clips=video.num_clips,
        source_fps=video.source_fps,
        filename=video.filename or None,
        created_at=video.created_at,
    )
