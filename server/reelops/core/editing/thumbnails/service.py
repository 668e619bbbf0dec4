"""What callers do with thumbnails: ask for one and wait for it, read its file."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np

from reelops import errors
from reelops.core.editing.finding import Finder
from reelops.core.editing.keeping import MadeFiles, file_key
from reelops.core.editing.thumbnails.failures import Fields, failure, renamed
from reelops.core.editing.thumbnails.orders import (
    KIND,
    QUEUE,
    ThumbnailOrder,
    ThumbnailResult,
    file_name,
    job_of_file,
)
from reelops.core.library.assets import store
from reelops.core.library.assets.model import Asset, AssetKind, AssetState, new_asset_id
from reelops.core.library.assets.service import Assets
from reelops.core.sourcing import SourceKind, Sources
from reelops.infra.blobs import BlobInfo
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import Job, JobQueue, JobState, NewJob

# Stands for the picture that a source turns out to be.
_SOME_PICTURE = np.zeros((1, 1, 3), np.uint8)
# Less than the edge waits for an answer.
_WAIT_SEC = 50.0


class Thumbnails:
    """The thumbnails of every organisation."""

    def __init__(
        self,
        *,
        db: Database,
        queue: JobQueue,
        sources: Sources,
        assets: Assets,
        files: MadeFiles,
        wait_sec: float = _WAIT_SEC,
    ) -> None:
        self._db = db
        self._queue = queue
        self._sources = sources
        self._assets = assets
        self._finder = Finder(db=db, queue=queue, assets=assets, kind=KIND)
        self._files = files
        self._wait_sec = wait_sec

    async def generate(
        self, order: ThumbnailOrder, *, source: str | None, fields: Fields, org_id: str, by: str
    ) -> ThumbnailResult:
        """Draws a thumbnail and waits until it is there; a caller who leaves ends its job.

        `order` has no asset and no source yet. Raises `Invalid` with the field that is wrong, what `failure` gives, and
        `Unavailable`: STORAGE_LIMIT, or THUMBNAIL_PENDING with `details["job_id"]` where it takes too long.
        """
        await self._files.check_room()
        order = replace(order, asset_id=new_asset_id())
        try:
            order.design(_SOME_PICTURE if source is not None else None).checked()
            if source is not None:
                order = replace(order, source=await self._sources.check(source, org_id))
        except errors.ReelOpsError as error:
            raise renamed(error, fields) from None
        job_id = job_of_file(file_name(order.asset_id)) or order.asset_id
        try:
            job = await self._enqueue(order, job_id, org_id=org_id, by=by)
            ended = await self._awaited(job)
        except asyncio.CancelledError:
            await asyncio.shield(self._cancel(job_id, by=by))
            raise
        if ended.state is JobState.completed and ended.result is not None:
            return ThumbnailResult.of(ended.result)
        raise failure(ended, fields)

    async def file(self, name: str, org_id: str | None) -> tuple[Asset, BlobInfo]:
        """Finds the file of a thumbnail. Raises `NotFound`: FILE_NOT_FOUND, or FILE_EXPIRED after its time."""
        return await self._finder.find(name, job_id=job_of_file(name), org_id=org_id)

    def read(self, asset: Asset, start: int, end: int) -> AsyncIterator[bytes]:
        """Reads bytes `start` up to but not including `end` of a thumbnail's file."""
        return self._assets.read(asset, start, end)

    async def _enqueue(self, order: ThumbnailOrder, job_id: str, *, org_id: str, by: str) -> Job:
        now, name = utc_now(), file_name(order.asset_id)
        from_asset = order.source is not None and order.source.kind is SourceKind.ASSET
        new = NewJob(job_id=job_id, kind=KIND, queue=QUEUE, payload=order.to_payload(), requested_by=by, org_id=org_id)
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

    async def _awaited(self, job: Job) -> Job:
        try:
            async with asyncio.timeout(self._wait_sec):
                async for seen in self._queue.watch(job.job_id):
                    job = seen
        except TimeoutError:
            raise errors.Unavailable(
                "THUMBNAIL_PENDING",
                f"The thumbnail is still being drawn; job {job.job_id} goes on, and it will be among the assets.",
                job_id=job.job_id,
            ) from None
        return job

    async def _cancel(self, job_id: str, *, by: str) -> None:
        # The caller may have left before there was a job.
        with contextlib.suppress(errors.NotFound):
            await self._queue.cancel(job_id, by=by)
