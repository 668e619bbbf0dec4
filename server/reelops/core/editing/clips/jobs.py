"""The cutting of a clip."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path

from reelops import errors
from reelops.core.audit.model import AuditEvent
from reelops.core.audit.service import Audit
from reelops.core.editing.clips.model import ClipOrder, ClipResult, file_name
from reelops.core.editing.keeping import MadeFiles, file_key
from reelops.core.editing.masks import refuse_masked
from reelops.core.editing.opening import opened, patience, turn
from reelops.core.editing.room import RoomWatch
from reelops.core.library.assets import store
from reelops.core.library.assets.model import AssetKind, AssetState
from reelops.core.sourcing import SourceKind, Sources
from reelops.infra.blobs import BlobStore, Staging
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import Job, JobContext
from reelops.infra.media import MediaLimits
from reelops.infra.media.cutting import CutReport, cut

_FETCHED = 0.3
_CUT = 0.95
_PATIENCE = timedelta(minutes=2)


class ClipHandler:
    """Makes a clip: its file, its asset and the job's completion appear together or not at all."""

    def __init__(
        self,
        *,
        db: Database,
        blobs: BlobStore,
        staging: Staging,
        sources: Sources,
        files: MadeFiles,
        audit: Audit,
        limits: MediaLimits,
        turns: asyncio.Semaphore,
        waits: timedelta = _PATIENCE,
    ) -> None:
        self._db = db
        self._blobs = blobs
        self._staging = staging
        self._sources = sources
        self._files = files
        self._audit = audit
        self._limits = limits
        self._turns = turns
        self._waits = waits

    async def __call__(self, ctx: JobContext) -> None:
        order = ClipOrder.of(ctx.job)
        await ctx.report(0.0, "opening")
        async with self._db.write() as connection:
            await store.update_asset(connection, order.asset_id, state=AssetState.processing)
        async with patience(ctx, self._waits):
            await refuse_masked(self._db, order.source)
            await self._make(ctx, order)

    async def on_failure(self, job: Job) -> None:
        """Removes what a clip that will never be left, and says so in its asset and in the trail."""
        order = ClipOrder.of(job)
        await self._files.give_up(job, asset_id=order.asset_id, key=_key(job, order))
        await self._audit.record_failure(job, "clip", subject=f"asset:{order.asset_id}")

    async def _make(self, ctx: JobContext, order: ClipOrder) -> None:
        share = _FETCHED if order.source.kind is SourceKind.URL else 0.0
        async with (
            opened(self._sources, order.source, ctx, share=share) as source,
            self._staging.receive() as staged,
        ):
            await ctx.report(share, "waiting for a turn")
            async with turn(ctx, self._turns):
                report = await self._cut(ctx, order, source, staged.path, begun=share)
            await ctx.report(_CUT, "keeping")
            await self._keep(ctx, order, report, staged.path)

    async def _cut(self, ctx: JobContext, order: ClipOrder, source: Path, target: Path, *, begun: float) -> CutReport:
        def note(part: float) -> None:
            ctx.note(begun + (_CUT - begun) * part, "cutting")

        room = RoomWatch(self._staging)
        try:
            report = await asyncio.to_thread(
                cut,
                source,
                target,
                start_sec=order.start_sec,
                duration_sec=order.duration_sec,
                container=order.container,
                limits=self._limits,
                on_progress=note,
                cancelled=lambda: ctx.must_stop() or room.is_short(),
            )
        except errors.Cancelled:
            ctx.check()
            room.check()
            raise
        ctx.check()
        return report

    async def _keep(self, ctx: JobContext, order: ClipOrder, report: CutReport, made: Path) -> None:
        size, digest = await asyncio.to_thread(_measured, made)
        await self._blobs.put_file(_key(ctx.job, order), made)
        now = utc_now()
        result = ClipResult(
            name=file_name(ctx.job.job_id, order.container),
            asset_id=order.asset_id,
            duration_sec=report.duration_sec,
            size_bytes=size,
            copied_frames=report.copied_frames,
            encoded_frames=report.encoded_frames,
            mode=report.mode,
            reason=report.reason,
            made_at=now,
            expires_at=self._files.retention.end(now),
        )
        async with ctx.finish() as connection:
            ctx.result = result.to_result()
            await store.update_asset(
                connection,
                order.asset_id,
                state=AssetState.ready,
                size_bytes=size,
                sha256=digest,
                duration_sec=report.duration_sec,
                width=report.width,
                height=report.height,
                expires_at=result.expires_at,
            )
            await self._files.check_room_within(connection)
            facts = {"source": order.source.label, "mode": report.mode, "sha256": digest}
            event = AuditEvent.of_job(
                ctx.job, "clip", status="completed", subject=f"asset:{order.asset_id}", facts=facts
            )
            await self._audit.append(connection, event)


def _key(job: Job, order: ClipOrder) -> str:
    return file_key(AssetKind.clip, file_name(job.job_id, order.container))


def _measured(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
