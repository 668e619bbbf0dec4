"""The drawing of a thumbnail."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path

from reelops import errors
from reelops.core.audit.model import AuditEvent
from reelops.core.audit.service import Audit
from reelops.core.editing.keeping import MadeFiles, file_key
from reelops.core.editing.masks import mask_of_source
from reelops.core.editing.opening import opened, patience, turn
from reelops.core.editing.thumbnails.drawing import draw, encode_png
from reelops.core.editing.thumbnails.model import HEIGHT, WIDTH, Design
from reelops.core.editing.thumbnails.orders import ThumbnailOrder, ThumbnailResult, file_name
from reelops.core.library.assets import store
from reelops.core.library.assets.model import AssetKind, AssetState
from reelops.core.sourcing import Sources
from reelops.infra.blobs import BlobStore
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import Job, JobContext
from reelops.infra.media import MediaLimits, Pixels, PrivacyMask, best_moment, frame_at, still_at
from reelops.infra.media.images import read_image

_FETCHED = 0.5
_LONGEST_SIDE = 1920
# Short enough that the caller, who waits less than a minute, hears the reason.
_PATIENCE = timedelta(seconds=20)


class ThumbnailHandler:
    """Makes a thumbnail: its file, its asset and the job's completion appear together or not at all."""

    def __init__(
        self,
        *,
        db: Database,
        blobs: BlobStore,
        sources: Sources,
        files: MadeFiles,
        audit: Audit,
        limits: MediaLimits,
        turns: asyncio.Semaphore,
        waits: timedelta = _PATIENCE,
    ) -> None:
        self._db = db
        self._blobs = blobs
        self._sources = sources
        self._files = files
        self._audit = audit
        self._limits = limits
        self._turns = turns
        self._waits = waits

    async def __call__(self, ctx: JobContext) -> None:
        order = ThumbnailOrder.of(ctx.job)
        async with self._db.write() as connection:
            await store.update_asset(connection, order.asset_id, state=AssetState.processing)
        async with patience(ctx, self._waits):
            picture, moment = await self._picture(ctx, order)
            await ctx.report(0.8, "drawing")
            async with turn(ctx, self._turns):
                png = await asyncio.to_thread(_drawn, order.design(picture))
            await self._blobs.put_bytes(_key(order), png)
            await self._finish(ctx, order, png, moment)

    async def on_failure(self, job: Job) -> None:
        """Removes what a thumbnail that will never be left, and says so in its asset and in the trail."""
        order = ThumbnailOrder.of(job)
        await self._files.give_up(job, asset_id=order.asset_id, key=_key(order))
        await self._audit.record_failure(job, "thumbnail", subject=f"asset:{order.asset_id}")

    async def _picture(self, ctx: JobContext, order: ThumbnailOrder) -> tuple[Pixels | None, float | None]:
        if order.source is None:
            return None, None
        await ctx.report(0.0, "opening")
        mask = await mask_of_source(self._db, order.source)
        async with opened(self._sources, order.source, ctx, share=_FETCHED) as path, turn(ctx, self._turns):
            return await asyncio.to_thread(self._read, ctx, order, path, mask)

    def _read(
        self, ctx: JobContext, order: ThumbnailOrder, path: Path, mask: PrivacyMask | None
    ) -> tuple[Pixels, float | None]:
        """Reads an image, or the frame of a video, without what the mask hides; blocking."""
        image = read_image(path, max_side=_LONGEST_SIDE, limits=self._limits) if order.timestamp is None else None
        if image is not None:
            return image if mask is None else mask.apply(image), None
        ctx.note(_FETCHED, "looking for the frame")
        moment = order.timestamp
        if moment is None:
            moment = best_moment(path, limits=self._limits, mask=mask, cancelled=ctx.must_stop)
            return frame_at(path, moment, max_side=_LONGEST_SIDE, limits=self._limits, mask=mask), moment
        still = still_at(path, moment, max_side=_LONGEST_SIDE, limits=self._limits, mask=mask, cancelled=ctx.must_stop)
        if moment >= still.end_sec:
            raise errors.Invalid(
                "TIMESTAMP_INVALID",
                f"The video ends at {still.end_sec:.2f} seconds; there is no frame at {moment:.2f}.",
                field="timestamp",
                constraint="maximum",
            )
        return still.picture, moment

    async def _finish(self, ctx: JobContext, order: ThumbnailOrder, png: bytes, moment: float | None) -> None:
        now = utc_now()
        result = ThumbnailResult(
            name=file_name(order.asset_id),
            asset_id=order.asset_id,
            job_id=ctx.job.job_id,
            timestamp=moment,
            made_at=now,
            expires_at=self._files.retention.end(now),
        )
        async with ctx.finish() as connection:
            ctx.result = result.to_result()
            await store.update_asset(
                connection,
                order.asset_id,
                state=AssetState.ready,
                size_bytes=len(png),
                sha256=hashlib.sha256(png).hexdigest(),
                width=WIDTH,
                height=HEIGHT,
                expires_at=result.expires_at,
            )
            await self._files.check_room_within(connection)
            subject = f"asset:{order.asset_id}"
            await self._audit.append(
                connection, AuditEvent.of_job(ctx.job, "thumbnail", status="completed", subject=subject)
            )


def _drawn(design: Design) -> bytes:
    return encode_png(draw(design))


def _key(order: ThumbnailOrder) -> str:
    return file_key(AssetKind.thumbnail, file_name(order.asset_id))
