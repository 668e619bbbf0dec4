"""Exports of the trail: made, kept, streamed. A row says that an export exists only when its file does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.core.audit import store
from reelops.core.audit.model import NO_HASH, AuditEntry, AuditEvent
from reelops.core.audit.service import Audit
from reelops.core.audit.signing import Export, Signature, SigningKey, make_file
from reelops.errors import Invalid, NotFound, Unconfigured
from reelops.infra.blobs import BlobInfo, BlobStore
from reelops.infra.database import Database, utc_now

LIMIT = 5000
_ABANDONED_AFTER = timedelta(minutes=10)
_exports = store.audit_exports


class AuditExports:
    """Signed exports of a trail. Without a key none can be made; those that were made stay readable."""

    def __init__(self, *, db: Database, audit: Audit, blobs: BlobStore, key: SigningKey | None) -> None:
        self._db = db
        self._audit = audit
        self._blobs = blobs
        self._key = key

    async def export(self, limit: int = 500, *, by: str) -> Export:
        """Writes the newest entries into a signed file and says so in the trail.

        Raises `Unconfigured("SIGNING_KEY_MISSING")`, and `Invalid("LIMIT_INVALID")` outside of 1 to 5000.
        """
        if self._key is None:
            raise Unconfigured("SIGNING_KEY_MISSING", "No key is configured for signing audit exports.")
        if not 1 <= limit <= LIMIT:
            raise Invalid("LIMIT_INVALID", f"The limit has to be between 1 and {LIMIT}.")
        await self.sweep()
        # One statement: what is counted is what is written.
        entries = await self._audit.list(limit=limit)
        now = utc_now()
        data, signature = await asyncio.to_thread(make_file, entries, self._key, limit=limit, generated_at=now)
        export_id = await self._reserve(entries, signature, at=now, by=by)
        await self._blobs.put_bytes(_key(export_id), data)
        await self._publish(export_id, signature, count=len(entries), by=by)
        return Export(
            export_id=export_id,
            generated_at=now,
            item_count=len(entries),
            file_path=self._blobs.describe(_key(export_id)),
            signature=signature,
        )

    async def export_file(self, export_id: str, *, by: str) -> BlobInfo:
        """Returns what is known of the file and writes the download into the trail.

        Raises `NotFound("EXPORT_NOT_FOUND")`.
        """
        row = await store.get_export(self._db, export_id)
        if row is None:
            raise NotFound("EXPORT_NOT_FOUND", f"There is no audit export {export_id}.")
        info = await self._blobs.head(row.file_key)
        await self._audit.record(AuditEvent(job_type="download", requested_by=by, subject=f"export:{export_id}"))
        return info

    def read_export(self, info: BlobInfo, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Reads bytes `start` up to but not including `end` of an export's file, in chunks."""
        return self._blobs.stream(info.key, start=start, end=end)

    async def sweep(self) -> None:
        """Removes what exports left that were killed before their file was in its place."""
        abandoned = _exports.c.generated_at < utc_now() - _ABANDONED_AFTER
        rows = await self._db.fetch_all(sa.select(_exports.c.export_id).where(~_exports.c.ready, abandoned))
        for row in rows:
            await self._blobs.delete([_key(row.export_id)])
            async with self._db.write() as connection:
                await connection.execute(
                    _exports.delete().where(_exports.c.export_id == row.export_id, ~_exports.c.ready)
                )

    async def _reserve(self, entries: Sequence[AuditEntry], signature: Signature, *, at: datetime, by: str) -> str:
        async with self._db.write() as connection:
            await store.lock_head(connection)
            export_id = await _free_id(connection, at)
            await connection.execute(
                _exports.insert().values(
                    export_id=export_id,
                    file_key=_key(export_id),
                    generated_at=at,
                    requested_by=by,
                    item_count=len(entries),
                    last_sequence=entries[0].sequence if entries else 0,
                    last_hash=entries[0].entry_hash if entries else NO_HASH,
                    key_id=signature.key_id,
                    payload_sha256=signature.payload_sha256,
                    signature_hex=signature.signature_hex,
                    ready=False,
                )
            )
        return export_id

    async def _publish(self, export_id: str, signature: Signature, *, count: int, by: str) -> None:
        async with self._db.write() as connection:
            await connection.execute(_exports.update().where(_exports.c.export_id == export_id).values(ready=True))
            facts = {"item_count": count, "key_id": signature.key_id, "payload_sha256": signature.payload_sha256}
            event = AuditEvent(job_type="export", requested_by=by, subject=f"export:{export_id}", facts=facts)
            await self._audit.append(connection, event)


async def _free_id(connection: AsyncConnection, at: datetime) -> str:
    """Finds an id that no export of the same second has: `20260208_120000`, `20260208_120000_2`."""
    wanted = f"{at:%Y%m%d_%H%M%S}"
    taken = set(await store.export_ids(connection, wanted))
    number = 1
    while (found := wanted if number == 1 else f"{wanted}_{number}") in taken:
        number += 1
    return found


def _key(export_id: str) -> str:
    return f"reports/audit_export_{export_id}.json"
