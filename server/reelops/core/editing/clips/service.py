"""What callers do with clips: ask for one, look how far it is, read its file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

from reelops import errors
from reelops.core.editing.clips.model import KIND, QUEUE, ClipOrder, file_name, job_of_file
from reelops.core.editing.finding import Finder
from reelops.core.editing.keeping import MadeFiles, file_key
from reelops.core.editing.masks import refuse_masked
from reelops.core.library.assets import store
from reelops.core.library.assets.model import Asset, AssetKind, AssetState, new_asset_id
from reelops.core.library.assets.service import Assets
from reelops.core.library.model import content_type
from reelops.core.sourcing import SourceKind, Sources
from reelops.infra.blobs import BlobInfo
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import Job, JobQueue, NewJob
from reelops.infra.media.cutting import Container


class Clips:
    """The clips of every organisation."""

    def __init__(self, *, db: Database, queue: JobQueue, sources: Sources, assets: Assets, files: MadeFiles) -> None:
        self._db = db
        self._queue = queue
        self._sources = sources
        self._assets = assets
        self._finder = Finder(db=db, queue=queue, assets=assets, kind=KIND)
        self._files = files

    async def request(
        self,
        source: str,
        *,
        start_sec: float,
        duration_sec: float,
        container: Container,
        org_id: str,
        by: str,
    ) -> Job:
        """Queues the cutting of a clip.

        Raises `Invalid` with the field that is wrong, what `Sources.check` raises, `Invalid("SOURCE_MASKED")` for a
        video with a privacy mask, and `Unavailable("STORAGE_LIMIT")`.
        """
        await self._files.check_room()
        ref = await self._sources.check(source, org_id)
        await refuse_masked(self._db, ref)
        job_id, asset_id = uuid4().hex, new_asset_id()
        order = ClipOrder(
            source=ref, start_sec=start_sec, duration_sec=duration_sec, container=container, asset_id=asset_id
        ).checked()
        now, name = utc_now(), file_name(job_id, container)
        asset = Asset(
            asset_id=asset_id,
            org_id=org_id,
            kind=AssetKind.clip,
            state=AssetState.pending,
            name=name,
            content_type=content_type(name),
            file_key=file_key(AssetKind.clip, name),
            job_id=job_id,
            source_asset_id=ref.value if ref.kind is SourceKind.ASSET else None,
            created_at=now,
            updated_at=now,
        )
        new = NewJob(job_id=job_id, kind=KIND, queue=QUEUE, payload=order.to_payload(), requested_by=by, org_id=org_id)
        async with self._db.write() as connection:
            await store.insert_asset(connection, asset)
            return await self._queue.enqueue(connection, new)

    async def get(self, job_id: str, org_id: str | None) -> Job:
        """Returns a clip's job. Raises `NotFound("CLIP_NOT_FOUND")`, also for one of another organisation."""
        try:
            job = await self._queue.get(job_id, org_id=org_id)
        except errors.NotFound:
            raise _no_clip(job_id) from None
        if job.kind != KIND:
            raise _no_clip(job_id)
        return job

    async def file(self, name: str, org_id: str | None) -> tuple[Asset, BlobInfo]:
        """Finds the file of a complete clip. Raises `NotFound`: FILE_NOT_FOUND, or FILE_EXPIRED after its time."""
        return await self._finder.find(name, job_id=job_of_file(name), org_id=org_id)

    def read(self, asset: Asset, start: int, end: int) -> AsyncIterator[bytes]:
        """Reads bytes `start` up to but not including `end` of a clip's file."""
        return self._assets.read(asset, start, end)


def _no_clip(job_id: str) -> errors.NotFound:
    return errors.NotFound("CLIP_NOT_FOUND", f"There is no clip {job_id}.")
