"""The comparison of two ingested videos."""

from __future__ import annotations

import asyncio
import io
import time
from dataclasses import replace

import numpy as np

from reelops.core.audit.model import AuditEvent
from reelops.core.audit.service import Audit
from reelops.core.scoring.profiles import PROFILES
from reelops.core.scoring.recordings import Recordings
from reelops.core.scoring.references.calibrating import References
from reelops.core.scoring.service import check_same_model, report_job
from reelops.core.scoring.store import Artifacts, insert_artifacts, plot_key
from reelops.infra.blobs import BlobStore
from reelops.infra.database import utc_now
from reelops.infra.inference import Alignment, InferenceClient
from reelops.infra.jobs import Job, JobContext, JobQueue
from reelops.infra.metrics import DTW_SECONDS


class ScoreHandler:
    """Scores a trainee's video against a gold video."""

    def __init__(
        self,
        *,
        recordings: Recordings,
        references: References,
        inference: InferenceClient,
        blobs: BlobStore,
        queue: JobQueue,
        audit: Audit,
    ) -> None:
        self._recordings = recordings
        self._references = references
        self._inference = inference
        self._blobs = blobs
        self._queue = queue
        self._audit = audit

    async def __call__(self, ctx: JobContext) -> None:
        job = ctx.job
        await ctx.report(0.05, "reading embeddings")
        gold = await self._recordings.load(int(job.payload["gold_video_id"]))
        profile = PROFILES[job.payload["profile"]]
        trainee = await self._recordings.load(
            int(job.payload["trainee_video_id"]), beside=gold if profile.calibrated else None, cancelled=ctx.must_stop
        )
        check_same_model(gold.video, trainee.video)
        if profile.calibrated:
            await ctx.report(0.1, "reading references")
            norms = await self._references.norms(gold, but=trainee.video.video_id, cancelled=ctx.must_stop)
            gold = replace(gold, norms=norms)
        await ctx.report(0.2, "aligning")
        started = time.perf_counter()
        reading = await profile.read(self._inference, gold, trainee)
        DTW_SECONDS.labels(gpu="false").observe(time.perf_counter() - started)
        await ctx.report(0.7, "scoring")
        result = await asyncio.to_thread(profile.score, gold, trainee, reading)
        key = plot_key(job.job_id)
        await self._blobs.put_bytes(key, _plot(reading.alignment))
        report = report_job(job)
        async with ctx.finish() as connection:
            ctx.result = result.to_dict()
            await insert_artifacts(
                connection,
                Artifacts(
                    score_job_id=job.job_id,
                    gold_video_id=gold.video.video_id,
                    trainee_video_id=trainee.video.video_id,
                    plot_key=key,
                    report_job_id=report.job_id,
                    report_key=None,
                    frames_key=None,
                    created_at=utc_now(),
                ),
            )
            await self._audit.append(
                connection,
                AuditEvent.of_job(
                    job,
                    "score",
                    status="completed",
                    subject=_subject(job),
                    model_name=result.embedding_model,
                    score=result.score,
                ),
            )
            await self._queue.enqueue(connection, report)

    async def on_failure(self, job: Job) -> None:
        """Removes what a failed comparison left, and says so in the trail."""
        await self._blobs.delete([plot_key(job.job_id)])
        await self._audit.record_failure(job, "score", subject=_subject(job))


def _subject(job: Job) -> str:
    return f"{job.payload['gold_video_id']}→{job.payload['trainee_video_id']}"


def _plot(alignment: Alignment) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer, preview=alignment.preview.astype(np.float16), path=np.asarray(alignment.path, dtype=np.int32)
    )
    return buffer.getvalue()
