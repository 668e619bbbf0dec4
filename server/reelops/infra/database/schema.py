"""What every store needs to declare its tables once for SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """Keeps a moment: aware and in UTC on the Python side, whatever the dialect stores.

    SQLite keeps `YYYY-MM-DD HH:MM:SS.ffffff` (it sorts as text), PostgreSQL `timestamptz`. Naive datetimes are refused.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime that is stored needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def json_document() -> sa.types.TypeEngine[Any]:
    """Makes the type of a JSON column: JSONB on PostgreSQL, JSON text on SQLite; Python None is SQL NULL."""
    return sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def serial() -> sa.types.TypeEngine[int]:
    """Makes the type of an ever growing integer key: 64 bits on PostgreSQL, the rowid on SQLite."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def utc_now() -> datetime:
    """Returns the present moment, aware, in UTC."""
    return datetime.now(UTC)
