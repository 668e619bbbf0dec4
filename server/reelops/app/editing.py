"""Editing over the core: clips and thumbnails, for every surface that speaks of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from reelops.app.core import Core
from reelops.configured import fetch_policy, media_limits
from reelops.core.editing.clips.jobs import ClipHandler
from reelops.core.editing.clips.model import KIND as CLIP_KIND
from reelops.core.editing.clips.service import Clips
from reelops.core.editing.keeping import MadeFiles, Retention
from reelops.core.editing.thumbnails.jobs import ThumbnailHandler
from reelops.core.editing.thumbnails.orders import KIND as THUMBNAIL_KIND
from reelops.core.editing.thumbnails.service import Thumbnails
from reelops.core.fleet.measuring import Measured
from reelops.core.library.assets.service import Assets
from reelops.core.sourcing import Sources
from reelops.infra.blobs import Staging
from reelops.infra.fetching import VIDEO_TYPES, Fetcher
from reelops.infra.jobs import Handler
from reelops.settings import Settings

_IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Editing:
    """Clips and thumbnails as callers reach them."""

    clips: Clips
    thumbnails: Thumbnails


def open_editing(core: Core, settings: Settings) -> Editing:
    """Makes what callers reach."""
    files, assets = made_files(core, settings), Assets(db=core.db, blobs=core.blobs)
    videos = _sources(core, settings, assets, VIDEO_TYPES)
    pictures = _sources(core, settings, assets, VIDEO_TYPES + _IMAGE_TYPES)
    return Editing(
        clips=Clips(db=core.db, queue=core.queue, sources=videos, assets=assets, files=files),
        thumbnails=Thumbnails(db=core.db, queue=core.queue, sources=pictures, assets=assets, files=files),
    )


def handlers(core: Core, settings: Settings) -> dict[str, Handler]:
    """Makes what runs the jobs."""
    files, assets, limits = made_files(core, settings), Assets(db=core.db, blobs=core.blobs), media_limits(settings)
    clip = ClipHandler(
        db=core.db,
        blobs=core.blobs,
        staging=_open_staging(settings),
        sources=_sources(core, settings, assets, VIDEO_TYPES),
        files=files,
        audit=core.audit,
        limits=limits,
        turns=asyncio.Semaphore(settings.worker_slots),
    )
    thumbnail = ThumbnailHandler(
        db=core.db,
        blobs=core.blobs,
        sources=_sources(core, settings, assets, VIDEO_TYPES + _IMAGE_TYPES),
        files=files,
        audit=core.audit,
        limits=limits,
        turns=asyncio.Semaphore(settings.worker_slots),
    )
    return {CLIP_KIND: Measured(clip, "clip"), THUMBNAIL_KIND: Measured(thumbnail, "thumbnail")}


def made_files(core: Core, settings: Settings) -> MadeFiles:
    """Makes what looks after the files."""
    retention = Retention(hours=settings.retention_hours, max_bytes=settings.files_max_mb << 20)
    return MadeFiles(db=core.db, blobs=core.blobs, retention=retention)


def _sources(core: Core, settings: Settings, assets: Assets, content_types: tuple[str, ...]) -> Sources:
    policy = replace(fetch_policy(settings), content_types=content_types)

    async def open_asset(asset_id: str, org_id: str | None) -> str:
        return (await assets.info(await assets.get(asset_id, org_id))).key

    return Sources(
        fetcher=Fetcher(policy),
        staging=_open_staging(settings),
        blobs=core.blobs,
        open_asset=open_asset,
        media_root=settings.media_root,
    )


def _open_staging(settings: Settings) -> Staging:
    """Opens the folder of what is fetched and cut: bounded by what may be fetched, and by what others need."""
    return Staging(
        settings.folder / "staging",
        max_bytes=settings.fetch_max_mb << 20,
        reserve_bytes=settings.disk_reserve_mb << 20,
    )
