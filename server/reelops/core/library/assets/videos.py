"""The assets of videos that are ingested: written in the ingest's own transactions, so the two never part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.core.library.assets import store
from reelops.core.library.assets.model import Asset, AssetKind, AssetState, new_asset_id
from reelops.core.library.model import Video, content_type
from reelops.core.library.store import select_videos, videos
from reelops.infra.database import Database, utc_now

# Few enough that other writers get their turns.
_BATCH = 500


def awaited(
    *, video_id: int, job_id: str, filename: str, file_key: str, size_bytes: int, sha256: str, org_id: str
) -> Asset:
    """Describes the asset of a video whose ingest is about to be queued."""
    now = utc_now()
    return Asset(
        asset_id=new_asset_id(),
        org_id=org_id,
        kind=AssetKind.video,
        state=AssetState.pending,
        name=filename or file_key.rsplit("/", 1)[-1],
        content_type=content_type(file_key),
        file_key=file_key,
        size_bytes=size_bytes,
        sha256=sha256,
        job_id=job_id,
        video_id=video_id,
        created_at=now,
        updated_at=now,
    )


async def begin(db: Database, video_id: int) -> None:
    """Says that a video is being ingested."""
    async with db.write() as connection:
        await store.begin_asset_of_video(connection, video_id)


async def complete(connection: AsyncConnection, video: Video, *, org_id: str) -> None:
    """Makes the asset of a video ready, in the transaction that adds the video."""
    changes = {
        "state": AssetState.ready,
        "duration_sec": video.duration_sec,
        "width": video.width,
        "height": video.height,
        "error": None,
    }
    if not await store.update_asset_of_video(connection, video.video_id, **changes):
        await store.insert_asset(connection, of_video(video, org_id=org_id))


async def give_up(db: Database, video_id: int, *, reason: str) -> None:
    """Says that a video will never be; its file is removed by whoever knows that."""
    async with db.write() as connection:
        await store.update_asset_of_video(connection, video_id, state=AssetState.failed, error=reason, file_key=None)


async def fill_in(db: Database, *, org_id: str) -> int:
    """Adds the assets that videos lack because they are older than assets are, and returns how many.

    Idempotent, and safe when several processes do it at the same moment.
    """
    added, last = 0, 0
    while True:
        try:
            found = await _fill_in_some(db, org_id, after=last)
        except sa.exc.IntegrityError:
            continue  # another process was faster with one of them
        added += len(found)
        if len(found) < _BATCH:
            return added
        last = found[-1].video_id


async def _fill_in_some(db: Database, org_id: str, *, after: int) -> Sequence[Video]:
    has_asset = sa.exists().where(store.assets.c.video_id == videos.c.video_id)
    async with db.write() as connection:
        found = await select_videos(connection, (videos.c.video_id > after) & ~has_asset, limit=_BATCH)
        await store.insert_assets(connection, [of_video(video, org_id=org_id) for video in found])
    return found


def of_video(video: Video, *, org_id: str) -> Asset:
    """Describes the asset of a video that is there."""
    ready = awaited(
        video_id=video.video_id,
        job_id=video.job_id,
        filename=video.filename,
        file_key=video.file_key,
        size_bytes=video.file_size,
        sha256=video.file_sha256,
        org_id=org_id,
    )
    return replace(
        ready,
        state=AssetState.ready,
        duration_sec=video.duration_sec,
        width=video.width,
        height=video.height,
        created_at=video.created_at,
    )
