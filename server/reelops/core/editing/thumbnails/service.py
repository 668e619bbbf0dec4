"""What callers do with thumbnails: ask for one and wait for it, read its file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

from reelops import errors
from reelops.core.editing.keeping import MadeFiles, file_key
from reelops.core.editing.thumbnails.orders import (
    KIND,
    QUEUE,
    ThumbnailOrder,
    ThumbnailResult,
    asset_of_file,
    file_name,
)
from reelops.core.library.assets import store
from reelops.core.library.assets.model import Asset, AssetKind, AssetState, new_asset_id
from reelops.core.library.assets.service import Assets
from reelops.core.sourcing import SourceKind, Sources
from reelops.infra.blobs import BlobInfo
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import Job, JobQueue, JobState, NewJob

_WAIT_SEC = 50.0


class Thumbnails:
    """The thumbnails of every organisation."""

    def __init__(self, *, db: Database, queue: JobQueue, sources: Sources, assets: Assets, files: MadeFiles) -> None:
        self._db = db
        self._queue = queue
        self._sources = sources
        self._assets = assets
        self._files = files

    async def generate(
        self, order: ThumbnailOrder, *, source: str | None, source_field: str, org_id: str, by: str
    ) -> ThumbnailResult:
        """Draws a thumbnail and waits until it is there; a caller who leaves ends its job.

        `order` has no asset and no source yet; `source_field` names the field that the source came in. Raises `Invalid`
        with the field that is wrong, and `Unavailable("THUMBNAIL_PENDING")` where it takes longer than 50 seconds.
        """
        await self._files.check_room()
        order = replace(order, asset_id=new_asset_id())
        if order.title or source is None:
            order.design(None).checked()
        if source is not None:
            try:
                order = replace(order, source=await self._sources.check(source, org_id))
            except errors.ReelOpsError as error:
                raise _renamed(error, source_field) from None
        job = await self._enqueue(order, org_id=org_id, by=by)
        ended = await self._awaited(job, by=by)
        if ended.state is JobState.completed and ended.result is not None:
            return ThumbnailResult.of(ended.result)
        raise _failure(ended, source_field)

    async def file(self, name: str, org_id: str | None) -> tuple[Asset, BlobInfo]:
        """Finds the file of a thumbnail. Raises `NotFound("FILE_NOT_FOUND")`."""
        asset_id = asset_of_file(name)
        asset = await store.get_asset(self._db, asset_id, org_id) if asset_id else None
        if asset is None or asset.state is not AssetState.ready or asset.kind is not AssetKind.thumbnail:
            raise _no_file(name)
        try:
            return asset, await self._assets.info(asset)
        except errors.NotFound:
            raise _no_file(name) from None

    def read(self, asset: Asset, start: int, end: int) -> AsyncIterator[bytes]:
        """Reads bytes `start` up to but not including `end` of a thumbnail's file."""
        return self._assets.read(asset, start, end)

    async def _enqueue(self, order: ThumbnailOrder, *, org_id: str, by: str) -> Job:
        now, name = utc_now(), file_name(order.asset_id)
        from_asset = order.source is not None and order.source.kind is SourceKind.ASSET
        new = NewJob(
            job_id=uuid4().hex, kind=KIND, queue=QUEUE, payload=order.to_payload(), requested_by=by, org_id=org_id
        )
        asset = Asset(
            asset_id=order.asset_id,
            org_id=org_id,
            kind=AssetKind.thumbnail,
            state=AssetState.pending,
            name=name,
            content_type="image/png",
            file_key=file_key(AssetKind.thumbnail, name),
            job_id=new.job_id,
            source_asset_id=order.source.value if order.source is not None and from_asset else None,
            created_at=now,
            updated_at=now,
        )
        async with self._db.write() as connection:
            await store.insert_asset(connection, asset)
            return await self._queue.enqueue(connection, new)

    async def _awaited(self, job: Job, *, by: str) -> Job:
        try:
            async with asyncio.timeout(_WAIT_SEC):
                async for seen in self._queue.watch(job.job_id):
                    job = seen
        except TimeoutError:
            raise errors.Unavailable(
                "THUMBNAIL_PENDING",
                f"The thumbnail is still being drawn; job {job.job_id} goes on, and it will be among the assets.",
                job_id=job.job_id,
            ) from None
        except asyncio.CancelledError:
            await asyncio.shield(self._queue.cancel(job.job_id, by=by))
            raise
        return job


def _failure(job: Job, source_field: str) -> errors.ReelOpsError:
    code, sentence = job.error_code or "CANCELLED", job.error_message or "The drawing was cancelled."
    if job.state is JobState.cancelled:
        return errors.Cancelled(code, sentence)
    if code == "INTERNAL":
        return errors.Internal(code, sentence)
    return errors.Invalid(code, sentence, field=_FIELDS.get(code, source_field))


def _renamed(error: errors.ReelOpsError, field: str) -> errors.ReelOpsError:
    return type(error)(error.code, error.message, **{**error.details, "field": field})


def _no_file(name: str) -> errors.NotFound:
    return errors.NotFound("FILE_NOT_FOUND", f"There is no file {name}.")


_FIELDS = {"GLYPH_MISSING": "title", "TIMESTAMP_INVALID": "timestamp"}
