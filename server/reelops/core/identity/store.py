"""The tables of keys, clients and counted calls, and their queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.infra.database import Database, UtcDateTime, metadata

signing_key = sa.Table(
    "signing_key",
    metadata,
    # The key's name is `wavestack-<number>`; the newest is the one that signs.
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("public_pem", sa.Text, nullable=False),
    # NULL once the key is retired: nothing is signed by it any more.
    sa.Column("private_pem", sa.Text),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("retired_at", UtcDateTime),
    # When the last token that it signed has expired; NULL for the key that signs.
    sa.Column("expires_at", UtcDateTime),
)

service_client = sa.Table(
    "service_client",
    metadata,
    sa.Column("client_id", sa.Text, primary_key=True),
    sa.Column("org_id", sa.Text, nullable=False),
    sa.Column("secret_hash", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("rotated_at", UtcDateTime),
)

counted_calls = sa.Table(
    "counted_calls",
    metadata,
    sa.Column("surface", sa.String(32), primary_key=True),
    sa.Column("caller", sa.Text, primary_key=True),
    # Seconds since 1970.
    sa.Column("ends_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("calls", sa.Integer, nullable=False),
)

_KEYS = sa.select(signing_key).order_by(signing_key.c.number.desc())
_KEY = sa.select(signing_key).where(signing_key.c.number == sa.bindparam("number"))
_NEWEST = _KEYS.limit(1)
_CLIENT = sa.select(service_client).where(service_client.c.client_id == sa.bindparam("client_id"))
_CALLS = sa.select(counted_calls.c.calls, counted_calls.c.ends_at).where(
    counted_calls.c.surface == sa.bindparam("surface"), counted_calls.c.caller == sa.bindparam("caller")
)


async def list_keys(db: Database) -> Sequence[Any]:
    """Lists the keys, the one that signs first."""
    return await db.fetch_all(_KEYS, {})


async def get_key(db: Database, number: int) -> Any | None:
    """Returns a key by its number."""
    return await db.fetch_one(_KEY, {"number": number})


async def newest_key(db: Database) -> Any | None:
    """Returns the key that signs."""
    return await db.fetch_one(_NEWEST, {})


async def lock_keys(conn: AsyncConnection) -> int:
    """Keeps other writers of keys out until the transaction ends, and returns the highest number."""
    if conn.dialect.name == "postgresql":
        await conn.execute(sa.text("LOCK TABLE signing_key IN EXCLUSIVE MODE"))
    return (await conn.execute(sa.select(sa.func.max(signing_key.c.number)))).scalar_one() or 0


async def insert_key(conn: AsyncConnection, **values: Any) -> None:
    """Adds a key."""
    await conn.execute(sa.insert(signing_key).values(**values))


async def retire_keys(conn: AsyncConnection, *, before: int, at: datetime, expires_at: datetime) -> None:
    """Ends the keys below a number; those that expire earlier anyway keep that moment."""
    key = signing_key.c
    older = sa.update(signing_key).where(key.number < before)
    await conn.execute(older.where(key.retired_at.is_(None)).values(retired_at=at, private_pem=None))
    await conn.execute(
        older.where(sa.or_(key.expires_at.is_(None), key.expires_at > expires_at)).values(expires_at=expires_at)
    )


async def delete_expired_keys(conn: AsyncConnection, now: datetime) -> None:
    """Removes the keys whose tokens have all expired."""
    await conn.execute(sa.delete(signing_key).where(signing_key.c.expires_at <= now))


async def get_client(db: Database, client_id: str) -> Any | None:
    """Returns a client by its id."""
    return await db.fetch_one(_CLIENT, {"client_id": client_id})


async def list_clients(db: Database) -> Sequence[Any]:
    """Lists the clients by organisation and id."""
    return await db.fetch_all(sa.select(service_client).order_by(service_client.c.org_id, service_client.c.client_id))


async def insert_client(conn: AsyncConnection, **values: Any) -> bool:
    """Adds a client; False where there is one of that id."""
    insert = _insert(conn)(service_client).values(**values).on_conflict_do_nothing()
    return (await conn.execute(insert.returning(service_client.c.client_id))).first() is not None


async def update_client(conn: AsyncConnection, client_id: str, **values: Any) -> bool:
    """Changes a client; False where there is none."""
    update = sa.update(service_client).where(service_client.c.client_id == client_id).values(**values)
    return (await conn.execute(update)).rowcount > 0


async def delete_client(conn: AsyncConnection, client_id: str) -> bool:
    """Removes a client; False where there is none."""
    return (await conn.execute(sa.delete(service_client).where(service_client.c.client_id == client_id))).rowcount > 0


async def add_calls(
    conn: AsyncConnection, calls: Mapping[tuple[str, str], int], *, now: int, window_sec: int
) -> dict[tuple[str, str], tuple[int, int]]:
    """Adds calls by surface and caller; returns how many each made in its window, and when that ends."""
    statement = _counting(conn.dialect.name)
    found = {}
    # In one order, so that two servers never wait for each other.
    for key in sorted(calls):
        values = {
            "p_surface": key[0],
            "p_caller": key[1],
            "p_calls": calls[key],
            "p_now": now,
            "p_end": now + window_sec,
        }
        row = (await conn.execute(statement, values)).one()
        found[key] = (row.calls, row.ends_at)
    return found


async def get_calls(db: Database, surface: str, caller: str) -> Any | None:
    """Returns the `calls` of a caller and when their window `ends_at`."""
    return await db.fetch_one(_CALLS, {"surface": surface, "caller": caller})


async def delete_ended(conn: AsyncConnection, now: int) -> int:
    """Forgets the windows that have ended."""
    return (await conn.execute(sa.delete(counted_calls).where(counted_calls.c.ends_at <= now))).rowcount


def _insert(conn: AsyncConnection) -> Any:
    return postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert


def _make_counting(insert: Any) -> Any:
    table = counted_calls.c
    new = insert(counted_calls).values(
        surface=sa.bindparam("p_surface"),
        caller=sa.bindparam("p_caller"),
        calls=sa.bindparam("p_calls"),
        ends_at=sa.bindparam("p_end"),
    )
    running = table.ends_at > sa.bindparam("p_now", type_=sa.BigInteger)
    return new.on_conflict_do_update(
        index_elements=[table.surface, table.caller],
        set_={
            "calls": sa.case((running, table.calls + new.excluded.calls), else_=new.excluded.calls),
            "ends_at": sa.case((running, table.ends_at), else_=new.excluded.ends_at),
        },
    ).returning(table.calls, table.ends_at)


_COUNTING = {"sqlite": _make_counting(sqlite.insert), "postgresql": _make_counting(postgresql.insert)}


def _counting(dialect: str) -> Any:
    return _COUNTING[dialect]
