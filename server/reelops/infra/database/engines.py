"""SQLAlchemy engines, set up for each dialect."""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, pool
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from reelops.infra.database import addresses

BUSY_TIMEOUT_MS = 30_000
# Shared pages of the file; address space, not memory of its own.
_MMAP_BYTES = 256 * 1024 * 1024
_CACHE_KIB = 8 * 1024
_JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024


class _Connection(sqlite3.Connection):
    """A connection that gives its transaction up when it is closed.

    A task that is cancelled while it reads rows leaves a statement half read. SQLite keeps a closed connection alive
    for as long as such a statement is, and its lock too: nobody else could write before the garbage is collected.
    """

    def close(self) -> None:
        with suppress(sqlite3.Error):  # closed already, or unable to write: closing it gives all up as well
            if self.in_transaction:
                self.rollback()
        super().close()


def make_writer(address: sa.URL, *, pool_size: int) -> AsyncEngine:
    """Makes the engine whose transactions may write. SQLite: a single connection, BEGIN IMMEDIATE."""
    if not addresses.is_sqlite(address):
        return _make_postgres(address, pool_size=pool_size)
    engine = _make_sqlite(address, pool_size=1)
    _begin_with(engine.sync_engine, "BEGIN IMMEDIATE")
    return engine


def make_reader(address: sa.URL, *, pool_size: int) -> AsyncEngine:
    """Makes the engine for SQLite's read transactions: several connections that cannot write."""
    engine = _make_sqlite(address, pool_size=pool_size)
    _begin_with(engine.sync_engine, "BEGIN")
    event.listen(engine.sync_engine, "connect", _forbid_writing)
    return engine


def make_blocking(address: sa.URL, *, pool_size: int = 2, begin: str | None = "BEGIN IMMEDIATE") -> sa.Engine:
    """Makes a blocking engine with the same settings.

    `begin` is SQLite's statement that opens each transaction; None leaves that to the driver, which begins (IMMEDIATE)
    before the first statement that writes, as the job engine expects.
    """
    url = addresses.synchronous(address)
    if not addresses.is_sqlite(address):
        return sa.create_engine(
            url,
            pool_size=pool_size,
            max_overflow=4,
            pool_pre_ping=True,
            connect_args=_postgres_arguments(address),
            **_json_settings(),
        )
    arguments = _sqlite_arguments() | ({"isolation_level": "IMMEDIATE"} if begin is None else {})
    engine = sa.create_engine(
        url, poolclass=pool.QueuePool, pool_size=pool_size, max_overflow=4, connect_args=arguments, **_json_settings()
    )
    event.listen(engine, "connect", set_pragmas)
    if begin is not None:
        _begin_with(engine, begin)
    return engine


def set_pragmas(connection: Any, _record: object) -> None:
    """Sets what SQLite keeps per connection. NORMAL loses no committed row in WAL when a process dies."""
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        f"mmap_size = {_MMAP_BYTES}",
        f"cache_size = -{_CACHE_KIB}",
        f"journal_size_limit = {_JOURNAL_LIMIT_BYTES}",
        "temp_store = MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _make_sqlite(address: sa.URL, *, pool_size: int) -> AsyncEngine:
    engine = create_async_engine(
        addresses.asynchronous(address),
        pool_size=pool_size,
        max_overflow=0,
        poolclass=pool.AsyncAdaptedQueuePool,
        # Longer than the busy timeout: who waits behind a waiting writer is told by that writer's failure first.
        pool_timeout=2 * BUSY_TIMEOUT_MS / 1000,
        connect_args=_sqlite_arguments(),
        **_json_settings(),
    )
    event.listen(engine.sync_engine, "connect", set_pragmas)
    return engine


def _make_postgres(address: sa.URL, *, pool_size: int) -> AsyncEngine:
    return create_async_engine(
        addresses.asynchronous(address),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        connect_args=_postgres_arguments(address),
        **_json_settings(),
    )


def _postgres_arguments(address: sa.URL) -> dict[str, Any]:
    # Moments come back in the session's zone: in any but UTC, those at both ends of time are none of Python's years.
    given = address.query.get("options", "")
    options = [given] if isinstance(given, str) else list(given)
    return {"options": " ".join([*options, "-c TimeZone=UTC"]).strip()}


def _sqlite_arguments() -> dict[str, Any]:
    # The driver must not begin transactions by itself: the "begin" event says which kind each engine needs.
    return {
        "isolation_level": None,
        "timeout": BUSY_TIMEOUT_MS / 1000,
        "check_same_thread": False,
        "cached_statements": 256,
        "factory": _Connection,
    }


def _json_settings() -> dict[str, Any]:
    return {"json_serializer": _dump_json}


def _dump_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _begin_with(engine: sa.Engine, statement: str) -> None:
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(statement)

    event.listen(engine, "begin", begin)


def _forbid_writing(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only = ON")
    cursor.close()
