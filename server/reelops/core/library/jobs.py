"""The ingest of a video: decode, sample, embed, keep."""

from __future__ import annotations

import asyncio
import io
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops import errors
from reelops.core.audit.model import AuditEvent
from reelops.core.audit.service import Audit
from reelops.core.library import store
from reelops.core.library.assets import videos as video_assets
from reelops.core.library.assets.model import DEFAULT_ORG
from reelops.core.library.model import ClipRow, Video, VideoRole
from reelops.core.library.uploads import IngestOrder
from reelops.infra.blobs import BlobStore
from reelops.infra.database import Database, utc_now
from reelops.infra.inference import EmbedderInfo, InferenceClient, Seen
from reelops.infra.jobs import Job, JobContext
from reelops.infra.media import (
    Clip,
    ClipGeometry,
    MediaInfo,
    MediaLimits,
    PrivacyMask,
    plan_sampling,
    probe,
    read_clips,
)
from reelops.infra.metrics import EMBEDDING_SECONDS

BATCH = 8


Keep = Callable[[AsyncConnection], Awaitable[None]]
"""Writes what was worked out of a video, in the transaction that writes the video."""

Accompany = Callable[
    [Video, Sequence[ClipRow], NDArray[np.float32], NDArray[np.float32] | None], Awaitable[Keep | None]
]
"""Works out what another subject keeps of a video as it is embedded.

It is given the row to be, the clips, their raw embeddings, and what is seen at single frames where that is known.
"""


@dataclass(frozen=True, slots=True)
class Embedded:
    """What came out of a file: its clips and their raw embeddings, float32 (clips, dimensions).

    `glimpses` are what is seen at single frames, float16 (clips, frames, channels, cells), where it was asked for and
    the embedder tells.
    """

    info: MediaInfo
    rows: tuple[ClipRow, ...]
    embeddings: NDArray[np.float32]
    model: EmbedderInfo
    glimpses: NDArray[np.float16] | None = None

    def blobs(self, video: Video) -> dict[str, bytes]:
        """Gives the files that are kept of it, by their keys."""
        files = {video.embeddings_key: packed(self.embeddings)}
        if self.glimpses is not None:
            files[video.glimpses_key] = packed(self.glimpses)
        return files


class Embedding:
    """Reads a video file and embeds its clips, a few at a time: memory does not grow with the video's length."""

    def __init__(self, *, inference: InferenceClient, limits: MediaLimits) -> None:
        self._inference = inference
        self._limits = limits

    async def model(self) -> EmbedderInfo:
        """Says which model embeds now."""
        return await self._inference.embedder()

    async def of_file(self, ctx: JobContext, path: Path, mask: PrivacyMask | None, *, role: VideoRole) -> Embedded:
        """Embeds one file; of a gold video single frames are looked at too.

        Raises `Invalid` for a file that is no video, `Unavailable` while Triton is away.
        """
        model = await self._inference.embedder()
        asked = model if role is VideoRole.gold else replace(model, glimpses=None)
        info = await asyncio.to_thread(probe, path, limits=self._limits)
        progress: deque[float] = deque([0.0], maxlen=1)
        clips = read_clips(
            path,
            ClipGeometry(*model.geometry),
            limits=self._limits,
            mask=mask,
            on_progress=progress.append,
            cancelled=ctx.must_stop,
        )
        rows: list[ClipRow] = []
        parts: list[Seen] = []
        started = time.perf_counter()
        async for batch in _batches(clips):
            await ctx.report(0.95 * progress[-1], "reading and embedding")
            parts.append(await self._inference.see(np.stack([clip.frames for clip in batch]), embedder=asked))
            rows += [_row(clip) for clip in batch]
        EMBEDDING_SECONDS.labels(embedder=model.label).observe(time.perf_counter() - started)
        if not rows:
            raise errors.Invalid("VIDEO_EMPTY", "the video has no frames")
        embeddings = np.concatenate([part.embeddings for part in parts])
        return Embedded(info, tuple(rows), embeddings, model, _glimpses(parts))


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
    glimpses = None if embedded.glimpses is None else embedded.glimpses.astype(np.float32)
    found = [await work_out(video, embedded.rows, embedded.embeddings, glimpses) for work_out in accompany]
    return [keep for keep in found if keep is not None]


def packed(array: NDArray[np.floating]) -> bytes:
    """Gives the bytes of an .npy file."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def mask_of(rectangles: str | None, mode: str) -> PrivacyMask | None:
    """Reads a privacy mask as it is stored."""
    return PrivacyMask.parse(rectangles, mode=mode) if rectangles else None


def _glimpses(parts: Sequence[Seen]) -> NDArray[np.float16] | None:
    """Gives them as they are kept: what is found with them now is found again with them later."""
    seen = [part.glimpses.astype(np.float16) for part in parts if part.glimpses is not None]
    return np.concatenate(seen) if seen else None


def _row(clip: Clip) -> ClipRow:
    return ClipRow(clip.index, clip.start_sec, clip.end_sec, clip.mean_luma, clip.sharpness, clip.flags)


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


async def _batches(clips: Iterator[Clip]) -> AsyncIterator[list[Clip]]:
    """Reads batches in a thread, one ahead of the batch that is being embedded."""
    pending = asyncio.create_task(asyncio.to_thread(_take, clips))
    try:
        while batch := await pending:
            pending = asyncio.create_task(asyncio.to_thread(_take, clips))
            yield batch
    finally:
        # The generator must not be closed while a thread is inside it.
        await asyncio.wait([pending])
        close = getattr(clips, "close", None)
        if close is not None:
            await asyncio.to_thread(close)


def _take(clips: Iterator[Clip]) -> list[Clip]:
    return list(islice(clips, BATCH))
