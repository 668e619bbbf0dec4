"""The trail's tables, their guards, and their queries."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.core.audit.model import FIELDS, AuditEntry, canonical
from reelops.infra.database import Database, UtcDateTime, metadata, serial

# Any number that nothing else of ours locks.
_POSTGRES_LOCK = 0x61756469740A
_EXPORT_ID = re.compile(r"\d{8}_\d{6}(_\d{1,9})?", re.ASCII)

audit_entries = sa.Table(
    "audit_entries",
    metadata,
    sa.Column("sequence", serial(), primary_key=True, autoincrement=False),
    sa.Column("job_id", sa.String(128), nullable=False, index=True),
    sa.Column("job_type", sa.String(32), nullable=False),
    sa.Column("requested_by", sa.Text),
    sa.Column("task_id", sa.Text),
    sa.Column("subject", sa.Text),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("model_name", sa.Text),
    sa.Column("score", sa.Double),
    sa.Column("error_message", sa.Text),
    sa.Column("queued_at", UtcDateTime),
    sa.Column("started_at", UtcDateTime),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    # Canonical JSON as text: JSONB respells numbers, and the spelling is what is hashed.
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("entry_hash", sa.String(64), nullable=False),
)

# `last_sequence` and `last_hash` are the newest entry that an export holds: an anchor that the trail has to keep.
audit_exports = sa.Table(
    "audit_exports",
    metadata,
    sa.Column("export_id", sa.String(64), primary_key=True),
    sa.Column("file_key", sa.String(128), nullable=False),
    sa.Column("generated_at", UtcDateTime, nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    sa.Column("item_count", sa.Integer, nullable=False),
    sa.Column("last_sequence", sa.BigInteger, nullable=False),
    sa.Column("last_hash", sa.String(64), nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("payload_sha256", sa.String(64), nullable=False),
    sa.Column("signature_hex", sa.String(64), nullable=False),
    # False until the file is in its place.
    sa.Column("ready", sa.Boolean, nullable=False),
)

_SQLITE_GUARDS = (
    """CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries
       BEGIN SELECT RAISE(ABORT, 'the audit trail cannot be changed'); END""",
    """CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries
       BEGIN SELECT RAISE(ABORT, 'the audit trail cannot be changed'); END""",
    # REPLACE deletes without telling the trigger above.
    """CREATE TRIGGER audit_entries_in_order BEFORE INSERT ON audit_entries
       WHEN NEW.sequence <> (SELECT COALESCE(MAX(sequence), 0) + 1 FROM audit_entries)
       BEGIN SELECT RAISE(ABORT, 'the audit trail has no gaps'); END""",
)
_POSTGRES_GUARDS = (
    """CREATE OR REPLACE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'the audit trail cannot be changed'; END $$""",
    """CREATE TRIGGER audit_entries_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
       FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse()""",
)
# `metadata.create_all` makes them with the table; the migrations take them from the metadata's list.
for _dialect, _statements in (("sqlite", _SQLITE_GUARDS), ("postgresql", _POSTGRES_GUARDS)):
    for _statement in _statements:
        _guard: sa.DDL = sa.DDL(_statement)  # type: ignore[no-untyped-call]
        sa.event.listen(audit_entries, "after_create", _guard.execute_if(dialect=_dialect))
        metadata.info.setdefault("statements", []).append((_dialect, _statement))

_NEWEST = sa.select(audit_entries).order_by(audit_entries.c.sequence.desc()).limit(sa.bindparam("limit"))
_AFTER = (
    sa.select(audit_entries)
    .where(audit_entries.c.sequence > sa.bindparam("after"))
    .order_by(audit_entries.c.sequence)
    .limit(sa.bindparam("limit"))
)
_HEAD = sa.select(audit_entries.c.sequence, audit_entries.c.entry_hash).order_by(audit_entries.c.sequence.desc())
_OF_JOB = sa.select(audit_entries.c.sequence).where(
    audit_entries.c.job_id == sa.bindparam("job_id"), audit_entries.c.status == sa.bindparam("status")
)
_EXPORT = sa.select(audit_exports).where(audit_exports.c.export_id == sa.bindparam("export_id"))
_ANCHOR = (
    sa.select(audit_exports.c.last_sequence, audit_exports.c.last_hash)
    .where(audit_exports.c.ready)
    .order_by(audit_exports.c.last_sequence.desc())
    .limit(1)
)


async def lock_head(connection: AsyncConnection) -> tuple[int, str] | None:
    """Returns the newest entry's sequence and hash, and keeps every other writer from adding one before the commit."""
    if connection.dialect.name == "postgresql":
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_POSTGRES_LOCK)))
    row = (await connection.execute(_HEAD.limit(1))).first()
    return None if row is None else (int(row.sequence), row.entry_hash)


async def insert(connection: AsyncConnection, entry: AuditEntry) -> None:
    """Adds an entry."""
    values = {name: getattr(entry, name) for name in FIELDS}
    await connection.execute(audit_entries.insert().values(values | {"facts": canonical(entry.facts).decode()}))


async def has_entry(connection: AsyncConnection, job_id: str, status: str) -> bool:
    """Says whether the trail tells already that a job came to that status."""
    return (await connection.execute(_OF_JOB, {"job_id": job_id, "status": status})).first() is not None


async def list_newest(db: Database, limit: int) -> list[AuditEntry]:
    """Lists entries, the newest first."""
    return [_entry(row) for row in await db.fetch_all(_NEWEST, {"limit": limit})]


async def list_after(db: Database, sequence: int, *, limit: int) -> list[AuditEntry]:
    """Lists entries that follow one, the oldest first."""
    return [_entry(row) for row in await db.fetch_all(_AFTER, {"after": sequence, "limit": limit})]


async def next_sequence(db: Database, sequence: int) -> int | None:
    """Returns the next sequence there is, without reading the entry."""
    statement = sa.select(sa.func.min(audit_entries.c.sequence)).where(audit_entries.c.sequence > sequence)
    row = await db.fetch_one(statement)
    return None if row is None or row[0] is None else int(row[0])


async def newest_anchor(db: Database) -> tuple[int, str] | None:
    """Returns the newest entry that an export holds: its sequence and hash."""
    row = await db.fetch_one(_ANCHOR, {})
    return None if row is None else (int(row.last_sequence), row.last_hash)


async def get_export(db: Database, export_id: str) -> Any | None:
    """Returns the row of an export whose file is in its place, or None."""
    if not _EXPORT_ID.fullmatch(export_id):
        return None
    row = await db.fetch_one(_EXPORT, {"export_id": export_id})
    return row if row is not None and row.ready else None


async def export_ids(connection: AsyncConnection, prefix: str) -> Sequence[str]:
    """Lists export ids that begin with a moment's spelling."""
    statement = sa.select(audit_exports.c.export_id).where(
        audit_exports.c.export_id.startswith(prefix, autoescape=True)
    )
    return (await connection.execute(statement)).scalars().all()


def _entry(row: Any) -> AuditEntry:
    values = {name: getattr(row, name) for name in FIELDS}
    return AuditEntry(**values | {"facts": json.loads(row.facts)})
