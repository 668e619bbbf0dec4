"""The database: one schema on SQLite (embedded) and PostgreSQL (several machines)."""

from reelops.infra.database.database import Database
from reelops.infra.database.migrating import close_to_others, migrate, schema_version
from reelops.infra.database.schema import UtcDateTime, json_document, metadata, serial, utc_now

__all__ = [
    "Database",
    "UtcDateTime",
    "close_to_others",
    "json_document",
    "metadata",
    "migrate",
    "schema_version",
    "serial",
    "utc_now",
]
