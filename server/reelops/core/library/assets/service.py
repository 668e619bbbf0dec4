"""What callers do with assets: look, list, read, upload."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from reelops import errors
from reelops.core.audit.model import AuditEvent
from reelops.core.audit.service import Audit
from reelops.core.library.assets import store
from reelops.core.library.assets.model import Asset, AssetKind, AssetState, new_asset_id, uploaded_key
from reelops.core.library.model import NAME_LIMIT, content_type
from reelops.infra.blobs import BlobInfo, BlobStore, StagedFile
from reelops.infra.database import Database, utc_now
from reelops.infra.database.paging import Page
from reelops.infra.media import MediaInfo, MediaLimits, probe


class Assets:
    """The assets of every organisation."""

    def __init__(self, *, db: Database, blobs: BlobStore) -> None:
        self._db = db
        self._blobs = blobs

    async def get(self, asset_id: str, org_id: str | None) -> Asset:
        """Returns an asset of an organisation, of any where `org_id` is None.

        Raises `NotFound("ASSET_NOT_FOUND")`, the same for one that never was and one of somebody else.
        """
        asset = await store.get_asset(self._db, asset_id, org_id)
        if asset is None:
            raise errors.NotFound("ASSET_NOT_FOUND", f"there is no asset {asset_id}")
        return asset

    async def list(
        self,
        org_id: str,
        limit: int = 20,
        offset: int = 0,
        kind: AssetKind | None = None,
        state: AssetState | None = None,
    ) -> Page[Asset]:
        """Lists the assets of an organisation, newest first."""
        return await store.list_assets(self._db, org_id, limit=limit, offset=offset, kind=kind, state=state)

    async def info(self, asset: Asset) -> BlobInfo:
        """Tells what is known of an asset's file.

        Raises `Conflict("ASSET_NOT_READY")` before it is there, `NotFound("BLOB_NOT_FOUND")` when it is gone.
        """
        return await self._blobs.head(_file_key(asset))

    async def read(self, asset: Asset, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Reads bytes `start` up to but not including `end` of an asset's file. Raises what `info` raises."""
        async for chunk in self._blobs.stream(_file_key(asset), start=start, end=end):
            yield chunk


class AssetUploads:
    """Turns received files into assets."""

    def __init__(self, *, db: Database, blobs: BlobStore, audit: Audit, limits: MediaLimits) -> None:
        self._db = db
        self._blobs = blobs
        self._audit = audit
        self._limits = limits

    async def add(self, staged: StagedFile, *, name: str, org_id: str, by: str) -> Asset:
        """Makes a ready asset of a file that was received whole.

        Raises `Invalid` for an empty file, a wrong name, and what is no video.
        """
        _check_name(name)
        if staged.size == 0:
            raise errors.Invalid("FILE_EMPTY", "the file is empty", field="chunk", constraint="min_length")
        await staged.close()
        info = await asyncio.to_thread(probe, staged.path, limits=self._limits)
        asset = _uploaded(staged, info, name=name, org_id=org_id)
        key = asset.file_key or ""
        await self._blobs.put_file(key, staged.path)
        kept = asyncio.ensure_future(self._keep(asset, by=by))
        try:
            # A caller who leaves now must not part the row from its file: the transaction may be through already.
            await asyncio.shield(kept)
        except asyncio.CancelledError:
            await asyncio.wait([kept])
            if kept.exception() is not None:
                await self._blobs.delete([key])
            raise
        except Exception:
            await self._blobs.delete([key])
            raise
        return asset

    async def _keep(self, asset: Asset, *, by: str) -> None:
        async with self._db.write() as connection:
            await store.insert_asset(connection, asset)
            await self._audit.append(
                connection,
                AuditEvent(
                    job_type="upload",
                    requested_by=by,
                    subject=f"asset:{asset.asset_id}",
                    facts={"org_id": asset.org_id, "sha256": asset.sha256, "size_bytes": asset.size_bytes},
                ),
            )


def _file_key(asset: Asset) -> str:
    if asset.state is not AssetState.ready or asset.file_key is None:
        raise errors.Conflict("ASSET_NOT_READY", f"the asset {asset.asset_id} is {asset.state.value}")
    return asset.file_key


def _check_name(name: str) -> None:
    if not name.strip():
        raise errors.Invalid("FIELD_INVALID", "name is required", field="name", constraint="required")
    if len(name) > NAME_LIMIT:
        raise errors.Invalid(
            "FIELD_INVALID",
            f"name is longer than {NAME_LIMIT} characters",
            field="name",
            constraint="max_length",
        )
    if any(ord(character) < 32 for character in name):
        raise errors.Invalid("FIELD_INVALID", "name has control characters", field="name", constraint="pattern")


def _uploaded(staged: StagedFile, info: MediaInfo, *, name: str, org_id: str) -> Asset:
    asset_id, now = new_asset_id(), utc_now()
    key = uploaded_key(asset_id, name)
    return Asset(
        asset_id=asset_id,
        org_id=org_id,
        kind=AssetKind.video,
        state=AssetState.ready,
        name=name,
        content_type=content_type(key),
        file_key=key,
        size_bytes=staged.size,
        sha256=staged.sha256,
        duration_sec=info.duration_sec,
        width=info.width,
        height=info.height,
        created_at=now,
        updated_at=now,
    )
