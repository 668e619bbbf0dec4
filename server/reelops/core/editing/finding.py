"""Finding the file that a job made, whatever kind of job it was."""

from __future__ import annotations

from datetime import datetime

from reelops import errors
from reelops.core.editing.keeping import expired_file, is_over, no_file
from reelops.core.library.assets import store
from reelops.core.library.assets.model import Asset, AssetState
from reelops.core.library.assets.service import Assets
from reelops.infra.blobs import BlobInfo
from reelops.infra.database import Database
from reelops.infra.jobs import JobQueue


class Finder:
    """Finds files of one kind of job, by the names that their results keep under `name` and `expires_at`."""

    def __init__(self, *, db: Database, queue: JobQueue, assets: Assets, kind: str) -> None:
        self._db = db
        self._queue = queue
        self._assets = assets
        self._kind = kind

    async def find(self, name: str, *, job_id: str | None, org_id: str | None) -> tuple[Asset, BlobInfo]:
        """Finds a file by its name and the job that the name speaks of; of any organisation where `org_id` is None.

        Raises `NotFound`: FILE_NOT_FOUND, or FILE_EXPIRED after its time.
        """
        asset = await store.get_asset_of_job(self._db, job_id) if job_id else None
        if asset is None:
            raise await self._gone(name, job_id, org_id)
        if asset.name != name or asset.state is not AssetState.ready or org_id not in (None, asset.org_id):
            raise no_file(name)
        if asset.expires_at is not None and is_over(asset):
            raise expired_file(name, asset.expires_at)
        try:
            return asset, await self._assets.info(asset)
        except errors.NotFound:
            raise no_file(name) from None

    async def _gone(self, name: str, job_id: str | None, org_id: str | None) -> errors.NotFound:
        """Says why there is no file. The job outlives its file, and knows until when there was one."""
        try:
            job = await self._queue.get(job_id or "", org_id=org_id)
        except errors.NotFound:
            return no_file(name)
        result = job.result if job.kind == self._kind and job.result is not None else {}
        if result.get("name") != name or not result.get("expires_at"):
            return no_file(name)
        return expired_file(name, datetime.fromisoformat(result["expires_at"]))
