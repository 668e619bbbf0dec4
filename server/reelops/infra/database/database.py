"""The database as stores use it: read and write transactions, and one-hop reads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from reelops.errors import ReelOpsError
from reelops.infra.database import addresses, engines
from reelops.infra.database.failures import translated
from reelops.infra.database.reading import PostgresReads, Reads, SqliteReads

_POOL_SIZE = 8


class Database:
    """An open database. Made by `Database.open`; safe to share between the tasks of one event loop."""

    def __init__(self, address: sa.URL, *, writer: AsyncEngine, reader: AsyncEngine, reads: Reads) -> None:
        self._address = address
        self._writer = writer
        self._reader = reader
        self._reads = reads

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, *, pool_size: int = _POOL_SIZE) -> AsyncIterator[Database]:
        """Opens `sqlite:///PATH` or `postgresql://...`. Nothing is connected to before it is used."""
        address = addresses.parse(url)
        addresses.make_folder(address)
        async with AsyncExitStack() as stack:
            writer = engines.make_writer(address, pool_size=pool_size)
            stack.push_async_callback(writer.dispose)
            if not addresses.is_sqlite(address):
                yield cls(address, writer=writer, reader=writer, reads=PostgresReads(writer))
                return
            reader = engines.make_reader(address, pool_size=pool_size)
            stack.push_async_callback(reader.dispose)
            reads = SqliteReads(address, threads=2)
            stack.callback(reads.close)
            yield cls(address, writer=writer, reader=reader, reads=reads)

    @property
    def dialect(self) -> Literal["sqlite", "postgresql"]:
        """The kind of database."""
        return "sqlite" if addresses.is_sqlite(self._address) else "postgresql"

    @property
    def address(self) -> sa.URL:
        """Where it is; its string form hides the password."""
        return self._address

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Opens a transaction that sees one state of the database and is not meant to write (on SQLite it cannot)."""
        with translated():
            async with self._reader.begin() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Opens a transaction that commits at the end and rolls back on any exception.

        On SQLite there is one at a time: keep it short and wait for nothing else inside. Raises
        `Unavailable("DATABASE_UNAVAILABLE")` when the database is away, locked for too long, or full.
        """
        with translated():
            async with self._writer.begin() as connection:
                yield connection

    async def fetch_one(self, statement: sa.Select[Any], params: Mapping[str, Any] | None = None) -> Any | None:
        """Returns the first row of a read, or None, in as few thread hops as the dialect allows.

        Rows have their columns as attributes. With `params`, `statement` should be a constant with `bindparam`s: its
        compiled form is then kept for the statement object. Large `IN` lists (expanding parameters) need `fetch_all`.
        """
        with translated():
            return await self._reads.one(statement, params)

    async def fetch_all(self, statement: sa.Select[Any], params: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """Returns all rows of a read in as few thread hops as the dialect allows."""
        with translated():
            return await self._reads.all(statement, params)

    async def ping(self) -> bool:
        """Says whether the database answers and its tables are there."""
        try:
            await self.fetch_one(_PING)
        except (ReelOpsError, sa.exc.SQLAlchemyError):
            return False
        return True


_PING = sa.select(sa.text("version_num")).select_from(sa.text("alembic_version"))
