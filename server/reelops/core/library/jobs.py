"""The ingest of a video: decode, sample, embed, keep."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.core.audit.model import AuditEvent
from reelops.core.audit.service import Audit
from reelops.core.library import store
from reelops.core.library.assets import videos as video_assets
from reelops.core.library.assets.model import DEFAULT_ORG
from reelops.core.library.embedding import Embedded, Embedding
from reelops.core.library.model import Video
from reelops.core.library.uploads import IngestOrder
from reelops.infra.blobs import BlobStore
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import Job, JobContext
from reelops.infra.media import PrivacyMask, plan_sampling

Keep = Callable[[AsyncConnection], Awaitable[None]]
"""Writes what was worked out of a video, in the transaction that writes the video."""

Accompany = Callable[[Video, Embedded], Awaitable[Keep | None]]
"""Works out what another subject keeps of a video as it is embedded; it is given the row to be."""


class IngestHandler:
    """Makes a video of an uploaded file: rows, embeddings and the job's completion appear together or not at all.

    Its asset is there since the upload; one that is older than assets are gets one of the organisation `org_id`.
    """

    def __init__(
        self,
        *,
        db: Database,
        blobs: BlobStore,
        embedding: Embedding,
        audit: Audit,
        accompany: Sequence[Accompany] = (),
        org_id: str = DEFAULT_ORG,
    ) -> None:
        self._db = db
        self._org_id = org_id
        self._blobs = blobs
        self._embedding = embedding
        self._audit = audit
        self._accompany = accompany

    async def __call__(self, ctx: JobContext) -> None:
        order = IngestOrder.of(ctx.job)
        described = order.description
        mask = mask_of(described.privacy_mask, described.privacy_mode)
        await ctx.report(0.0, "opening")
        await video_assets.begin(self._db, order.video_id)
        async with self._blobs.local(order.file_key) as path:
            embedded = await self._embedding.of_file(ctx, path, mask, role=described.role)
        video = _video(ctx.job, order, embedded)
        for key, data in embedded.blobs(video).items():
            await self._blobs.put_bytes(key, data)
        keeping = await accompaniment(self._accompany, video, embedded)
        async with ctx.finish() as connection:
            # Assets before tasks, as a deletion locks them: neither waits for the other for ever.
            await video_assets.complete(connection, video, org_id=self._org_id)
            await store.insert_video(connection, video, embedded.rows)
            for keep in keeping:
                await keep(connection)
            ctx.result = {
                "video_id": video.video_id,
                "num_clips": video.num_clips,
                "source_fps": video.source_fps,
                "sampled_fps": video.sampled_fps,
                "embedding_model": video.embedding_model,
            }
            await self._audit.append(
                connection,
                AuditEvent.of_job(
                    ctx.job,
                    "ingest",
                    status="completed",
                    subject=f"video:{video.video_id}",
                    model_name=video.embedding_model,
                ),
            )

    async def on_failure(self, job: Job) -> None:
        """Removes the file of a video that will never be, and says so in the trail."""
        order = IngestOrder.of(job)
        await self._blobs.delete([order.file_key])
        await video_assets.give_up(self._db, order.video_id, reason=job.error_message or "the ingest failed")
        await self._audit.record_failure(job, "ingest", subject=f"video:{order.video_id}")


async def accompaniment(accompany: Sequence[Accompany], video: Video, embedded: Embedded) -> list[Keep]:
    """Asks the other subjects what they keep of a video."""
    found = [await work_out(video, embedded) for work_out in accompany]
    return [keep for keep in found if keep is not None]


def mask_of(rectangles: str | None, mode: str) -> PrivacyMask | None:
    """Reads a privacy mask as it is stored."""
    return PrivacyMask.parse(rectangles, mode=mode) if rectangles else None


def _video(job: Job, order: IngestOrder, embedded: Embedded) -> Video:
    described = order.description
    sampling = plan_sampling(embedded.info.source_fps)
    return Video(
        video_id=order.video_id,
        job_id=job.job_id,
        task_id=described.task_id,
        role=described.role,
        site_id=described.site_id,
        camera_id=described.camera_id,
        operator_id_hash=described.operator_id_hash,
        filename=described.filename,
        file_key=order.file_key,
        file_size=order.file_size,
        file_sha256=order.file_sha256,
        num_clips=len(embedded.rows),
        source_fps=sampling.source_fps,
        sampled_fps=sampling.sampled_fps,
        duration_sec=embedded.rows[-1].end_sec,
        width=embedded.info.width,
        height=embedded.info.height,
        embedding_model=embedded.model.label,
        requested_by=job.requested_by,
        created_at=utc_now(),
        privacy_mask=described.privacy_mask,
        privacy_mode=described.privacy_mode,
    )
