"""How long what was made is kept, and how much room it may take."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from reelops import errors
from reelops.core.library.assets import store
from reelops.core.library.assets.model import AssetKind
from reelops.infra.blobs import BlobStore
from reelops.infra.database import Database, utc_now

FOLDERS = {AssetKind.clip: "clips", AssetKind.thumbnail: "thumbnails"}
_NAME = re.compile(r"[a-z0-9_]{1,64}\.[a-z0-9]{1,8}")
_BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """`hours` is how long a file is kept after it was made, 0 for always; `max_bytes` bounds all of them together."""

    hours: float
    max_bytes: int

    def end(self, made_at: datetime) -> datetime | None:
        """Returns when a file that was made then is removed; None for never."""
        return made_at + timedelta(hours=self.hours) if self.hours > 0 else None


def file_key(kind: AssetKind, name: str) -> str:
    """Returns where a made file is kept."""
    return f"{FOLDERS[kind]}/{name}"


def is_file_name(name: str) -> bool:
    """Says whether a file of ours could have that name."""
    return _NAME.fullmatch(name) is not None


class MadeFiles:
    """The files that were cut and drawn: their room and their end."""

    def __init__(self, *, db: Database, blobs: BlobStore, retention: Retention) -> None:
        self._db = db
        self._blobs = blobs
        self.retention = retention

    async def check_room(self) -> None:
        """Raises `Unavailable("STORAGE_LIMIT")` while what was made takes all the room that it may."""
        taken = await store.made_bytes(self._db)
        if taken >= self.retention.max_bytes:
            limit = self.retention.max_bytes >> 20
            raise errors.Unavailable(
                "STORAGE_LIMIT", f"clips and thumbnails take all of their {limit} MB; older ones have to expire first"
            )

    async def expire(self, now: datetime | None = None) -> list[str]:
        """Removes what is over its time and returns the keys of the files."""
        over = await store.expired(self._db, now or utc_now(), _BATCH)
        removed: list[str] = []
        for asset in over:
            # The row goes first: a file without a row is swept, a row without a file would be a lie.
            async with self._db.write() as connection:
                await store.delete_asset(connection, asset.asset_id)
            if asset.file_key:
                removed += await self._blobs.delete([asset.file_key])
        return removed

    async def sweep(self, grace: timedelta) -> list[str]:
        """Removes files without a row and returns their keys; those younger than `grace` are spared."""
        spared = utc_now() - grace
        removed: list[str] = []
        for folder in FOLDERS.values():
            old = [info.key for info in await self._blobs.list(folder) if info.modified_at < spared]
            for start in range(0, len(old), _BATCH):
                batch = old[start : start + _BATCH]
                known = await store.known_keys(self._db, batch)
                orphans = [key for key in batch if key not in known and is_file_name(PurePosixPath(key).name)]
                removed += await self._blobs.delete(orphans)
        return removed
