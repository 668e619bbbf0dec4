"""The trail: adding to it, showing it, and checking that nobody has changed it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.core.audit import store
from reelops.core.audit.model import NO_HASH, AuditEntry, AuditEvent, Verification, chain, digest, entry_document
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs.model import Job, new_job_id

_BATCH = 500


class Audit:
    """The trail of a database."""

    def __init__(self, *, db: Database) -> None:
        self._db = db

    async def append(self, connection: AsyncConnection, event: AuditEvent) -> AuditEntry:
        """Adds an entry in the caller's write transaction.

        It belongs at the end of the transaction: from here to the commit no other entry can be added.
        """
        sequence, previous = await store.lock_head(connection) or (0, NO_HASH)
        entry = chain(
            event,
            sequence=sequence + 1,
            previous_hash=previous,
            job_id=event.job_id or f"{event.job_type}_{new_job_id()}",
            at=utc_now(),
        )
        await store.insert(connection, entry)
        return entry

    async def record(self, event: AuditEvent) -> AuditEntry:
        """Adds an entry in a transaction of its own."""
        async with self._db.write() as connection:
            return await self.append(connection, event)

    async def record_failure(
        self, job: Job, job_type: str, *, subject: str | None = None, model_name: str | None = None
    ) -> None:
        """Adds the entry of a job that failed or was cancelled; once, however often it is called."""
        event = AuditEvent.of_job(job, job_type, subject=subject, model_name=model_name)
        async with self._db.write() as connection:
            await store.lock_head(connection)
            if not await store.has_entry(connection, event.job_id, event.status):
                await self.append(connection, event)

    async def list(self, limit: int = 100) -> Sequence[AuditEntry]:
        """Lists entries, the newest first."""
        return await store.list_newest(self._db, limit)

    async def verify(self) -> Verification:
        """Recomputes the chain, a batch at a time.

        An entry is broken when it is missing, in another place or not as it was hashed; so is the first entry after the
        end of a trail that is shorter than an export's.
        """
        anchor = await store.newest_anchor(self._db)
        count, head = 0, NO_HASH
        while entries := await self._readable_after(count):
            good, head, anchored = await asyncio.to_thread(_follow, entries, count, head, anchor)
            count += good
            if good < len(entries) or not anchored:
                return _broken(count, count + 1 if anchored else count, head)
        if anchor is not None and anchor[0] > count:
            return _broken(count, count + 1, head)
        if await store.next_sequence(self._db, count) is not None:
            return _broken(count, count + 1, head)
        return Verification(intact=True, entry_count=count, first_broken_sequence=None, head_hash=head)

    async def _readable_after(self, sequence: int) -> Sequence[AuditEntry]:
        """Reads the next batch; where a row cannot even be read, the ones before it."""
        try:
            return await store.list_after(self._db, sequence, limit=_BATCH)
        except (ValueError, json.JSONDecodeError):
            pass
        entries: list[AuditEntry] = []
        try:
            while batch := await store.list_after(self._db, sequence + len(entries), limit=1):
                entries += batch
        except (ValueError, json.JSONDecodeError):
            return entries
        return entries


def _follow(
    entries: Sequence[AuditEntry], count: int, head: str, anchor: tuple[int, str] | None
) -> tuple[int, str, bool]:
    """Returns how many entries continue the chain, the hash of the last of those, and whether the anchor is kept."""
    for number, entry in enumerate(entries):
        document = entry_document(entry)
        expected = entry.sequence == count + number + 1 and entry.previous_hash == head
        if not expected or digest(document) != entry.entry_hash:
            return number, head, True
        head = entry.entry_hash
        if anchor is not None and anchor[0] == entry.sequence and anchor[1] != head:
            return number + 1, head, False
    return len(entries), head, True


def _broken(count: int, at: int, head: str) -> Verification:
    return Verification(intact=False, entry_count=count, first_broken_sequence=at, head_hash=head)
