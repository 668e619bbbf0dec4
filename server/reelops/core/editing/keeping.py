"""How long what was made is kept, and how much room it may take."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

from sqlalchemy.ext.asyncio import AsyncConnection

from reelops import errors
from reelops.core.library.assets import store
from reelops.core.library.assets.model import Asset, AssetKind, AssetState
from reelops.infra.blobs import BlobInfo, BlobStore
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import Job

FOLDERS = {AssetKind.clip: "clips", AssetKind.thumbnail: "thumbnails"}
_NAME = re.compile(r"[a-z0-9_]{1,64}\.[a-z0-9]{1,8}")
# Few enough that other writers get their turns.
_BATCH = 200
_SOONEST, _LATEST = timedelta(minutes=1), timedelta(hours=1)
_FRESH_SEC = 24 * 3600.0
_FOREVER = datetime.max.replace(tzinfo=UTC)


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


def is_over(asset: Asset) -> bool:
    """Says whether an asset's time is over, though its file may not be removed yet."""
    return asset.expires_at is not None and asset.expires_at <= utc_now()


def fresh_sec(asset: Asset) -> float:
    """Returns for how many seconds who has a made file may keep it: it never changes, and nobody keeps it past its end.

    A day at most, 0 where its time is over.
    """
    if asset.expires_at is None:
        return _FRESH_SEC
    return min(_FRESH_SEC, max(0.0, (asset.expires_at - utc_now()).total_seconds()))


def no_file(name: str) -> errors.NotFound:
    """Gives the refusal for a file that never was, or is somebody else's."""
    return errors.NotFound("FILE_NOT_FOUND", f"There is no file {name}.")


def expired_file(name: str, expires_at: datetime) -> errors.NotFound:
    """Gives the refusal for a file that was removed because its time was over."""
    moment = expires_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return errors.NotFound("FILE_EXPIRED", f"The file {name} expired on {moment} and was removed; make it again.")


class MadeFiles:
    """The files that were cut and drawn: their room and their end."""

    def __init__(self, *, db: Database, blobs: BlobStore, retention: Retention) -> None:
        self._db = db
        self._blobs = blobs
        self.retention = retention

    async def check_room(self) -> None:
        """Raises `Unavailable("STORAGE_LIMIT")` while what was made takes all the room that it may.

        `details["retry_after"]` says in how many seconds something expires, a minute to an hour.
        """
        if await store.made_bytes(self._db) < self.retention.max_bytes:
            return
        soonest = await store.expired(self._db, _FOREVER, 1)
        wait = (soonest[0].expires_at or _FOREVER) - utc_now() if soonest else _LATEST
        wait = min(_LATEST, max(_SOONEST, wait))
        raise errors.Unavailable("STORAGE_LIMIT", self._full(), retry_after=str(int(wait.total_seconds())))

    async def check_room_within(self, connection: AsyncConnection) -> None:
        """Raises `Exhausted("STORAGE_LIMIT")` where the transaction makes it more than the room that there is.

        To be called after the size was written. So the limit holds however many are made at the same moment.
        """
        if await store.made_bytes_within(connection) > self.retention.max_bytes:
            raise errors.Exhausted("STORAGE_LIMIT", self._full())

    async def give_up(self, job: Job, *, asset_id: str, key: str) -> None:
        """Removes the file of a job that failed or was cancelled, and says why in its asset, which expires in turn."""
        await self._blobs.delete([key])
        async with self._db.write() as connection:
            await store.update_asset(
                connection,
                asset_id,
                state=AssetState.failed,
                error=job.error_message or "it was cancelled",
                expires_at=self.retention.end(utc_now()),
            )

    async def expire(self, now: datetime | None = None) -> list[str]:
        """Removes all that is over its time and returns the keys of the files."""
        now, removed = now or utc_now(), list[str]()
        while over := await store.expired(self._db, now, _BATCH):
            # The rows go first: a file without a row is swept, a row without a file would be a lie.
            async with self._db.write() as connection:
                await store.delete_assets(connection, [asset.asset_id for asset in over])
            removed += await self._blobs.delete([asset.file_key for asset in over if asset.file_key])
        return removed

    async def sweep(self, grace: timedelta) -> list[str]:
        """Removes files without a row and returns their keys; those younger than `grace` are spared.

        The row of a file is there from the request on, so that no file of a job is ever without one.
        """
        spared, removed = utc_now() - grace, list[str]()
        for folder in FOLDERS.values():
            async for page in self._blobs.pages(folder, size=_BATCH):
                removed += await self._blobs.delete(await self._orphans(page, spared))
        return removed

    async def _orphans(self, page: Sequence[BlobInfo], spared: datetime) -> list[str]:
        named = (info for info in page if is_file_name(PurePosixPath(info.key).name))
        old = [info.key for info in named if info.modified_at < spared]
        known = await store.known_keys(self._db, old) if old else set()
        return [key for key in old if key not in known]

    def _full(self) -> str:
        limit = self.retention.max_bytes >> 20
        return f"clips and thumbnails take all of their {limit} MB; older ones have to expire first"
