"""One-hop reads.

An `AsyncConnection` on SQLite changes threads for each of checkout, begin, execute, fetch, commit and return. A read
by key costs SQLite some ten microseconds, so those hops are nearly all of it. `SqliteReads` runs small prepared reads
on the event loop's own thread, under a budget of SQLite's virtual machine steps; a read that goes over it is begun
again in a reader thread, in one hop, and its statement is known as large from then on.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from reelops.infra.database import engines
from reelops.infra.database.preparing import Prepared, prepare

# About half a millisecond of SQLite's work, the longest that the event loop is held up.
_STEPS_ON_LOOP = 20_000
_PREPARED_LIMIT = 512


class Reads(Protocol):
    """Reads outside of a transaction."""

    async def one(self, statement: sa.Select[Any], params: Mapping[str, Any] | None) -> Any | None: ...

    async def all(self, statement: sa.Select[Any], params: Mapping[str, Any] | None) -> Sequence[Any]: ...


class PostgresReads:
    """Reads through the asyncio driver, which has no thread to change to."""

    def __init__(self, engine: AsyncEngine) -> None:
        # A read of one statement needs no transaction around it: that saves two round trips.
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def one(self, statement: sa.Select[Any], params: Mapping[str, Any] | None) -> Any | None:
        async with self._engine.connect() as connection:
            return (await connection.execute(statement, params)).first()

    async def all(self, statement: sa.Select[Any], params: Mapping[str, Any] | None) -> Sequence[Any]:
        async with self._engine.connect() as connection:
            rows: Sequence[Any] = (await connection.execute(statement, params)).all()
            return rows


class SqliteReads:
    """Reads through sqlite3 itself, with SQLAlchemy's compiled SQL and its type conversions."""

    def __init__(self, address: sa.URL, *, threads: int) -> None:
        self._path = str(address.database)
        self._engine = engines.make_blocking(address, pool_size=threads, begin=None)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="database-read")
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._prepared: dict[sa.Select[Any], Prepared] = {}
        self._large: set[sa.Select[Any]] = set()
        self._inline: sqlite3.Connection | None = None

    async def one(self, statement: sa.Select[Any], params: Mapping[str, Any] | None) -> Any | None:
        rows: Sequence[Any] = await self.all(statement, params)
        return rows[0] if rows else None

    async def all(self, statement: sa.Select[Any], params: Mapping[str, Any] | None) -> Sequence[Any]:
        if params is None:
            return await self._hop(lambda: self._compile_and_read(statement))
        prepared = self._prepare(statement)
        if statement not in self._large:
            try:
                return prepared.rows(self._connection_on_loop(), params)
            except sqlite3.OperationalError as error:
                if not self._goes_to_thread(statement, error):
                    raise
        return await self._hop(lambda: prepared.rows(self._connection_of_thread(), params))

    def close(self) -> None:
        """Closes every connection; reads that run are waited for."""
        self._threads.shutdown(wait=True)
        for connection in self._connections:
            connection.close()
        self._engine.dispose()

    def _goes_to_thread(self, statement: sa.Select[Any], error: sqlite3.OperationalError) -> bool:
        if "interrupted" in str(error):
            self._large.add(statement)
            return True
        return "locked" in str(error)

    async def _hop(self, read: Callable[[], Sequence[Any]]) -> Sequence[Any]:
        return await asyncio.get_running_loop().run_in_executor(self._threads, read)

    def _prepare(self, statement: sa.Select[Any]) -> Prepared:
        prepared = self._prepared.get(statement)
        if prepared is None:
            if len(self._prepared) >= _PREPARED_LIMIT:
                self._prepared.clear()
                self._large.clear()
            prepared = self._prepared[statement] = prepare(statement, self._engine.dialect)
        return prepared

    def _compile_and_read(self, statement: sa.Select[Any]) -> Sequence[Any]:
        with self._engine.connect() as connection:
            rows: Sequence[Any] = connection.execute(statement).all()
            return rows

    def _connection_on_loop(self) -> sqlite3.Connection:
        if self._inline is None:
            self._inline = self._connect()
            # The event loop waits for nobody; a thread can, in the rare moments when SQLite has a reader wait.
            self._inline.execute("PRAGMA busy_timeout = 0")
            self._inline.set_progress_handler(lambda: 1, _STEPS_ON_LOOP)
        return self._inline

    def _connection_of_thread(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, cached_statements=512)
        engines.set_pragmas(connection, None)
        connection.execute("PRAGMA query_only = ON")
        self._connections.append(connection)
        return connection
