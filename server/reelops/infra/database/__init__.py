"""The database: one schema on SQLite (embedded) and PostgreSQL (several machines)."""

from reelops.infra.database.database import Database
from reelops.infra.database.migrating import migrate, schema_version
from reelops.infra.database.schema import UtcDateTime, json_document, metadata, serial, utc_now

__all__ = ["Database", "UtcDateTime", "json_document", "metadata", "migrate", "schema_version", "serial", "utc_now"]
