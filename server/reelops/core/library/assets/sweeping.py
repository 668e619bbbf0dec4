"""Removal of uploaded files that killed processes left without a row."""

from __future__ import annotations

from datetime import timedelta

from reelops.core.library.assets.store import known_keys
from reelops.infra.blobs import BlobStore
from reelops.infra.database import Database, utc_now

FOLDER = "assets"
_PAGE = 500


async def sweep_asset_files(*, db: Database, blobs: BlobStore, grace: timedelta) -> list[str]:
    """Deletes uploaded files that no asset has and returns their keys.

    Files younger than `grace` are spared: an upload puts its file in place just before it writes its row.
    """
    spared = utc_now() - grace
    candidates = sorted(info.key for info in await blobs.list(FOLDER) if info.modified_at < spared)
    removed: list[str] = []
    for at in range(0, len(candidates), _PAGE):
        page = candidates[at : at + _PAGE]
        kept = await known_keys(db, page)
        removed += await blobs.delete([key for key in page if key not in kept])
    return removed
