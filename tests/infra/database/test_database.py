"""Transactions and reads of the database, on both dialects."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random

import pytest
import pytest_asyncio
import sqlalchemy as sa
from reelops.errors import Unavailable
from reelops.infra.database import Database, UtcDateTime, json_document, migrate, serial
from reelops.infra.database.engines import make_blocking

notes = sa.MetaData()
note = sa.Table(
    "note",
    notes,
    sa.Column("number", serial(), primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime),
    sa.Column("tags", json_document()),
)
line = sa.Table("line", notes, sa.Column("note", serial(), sa.ForeignKey(note.c.number), nullable=False))

BY_NUMBER = sa.select(note).where(note.c.number == sa.bindparam("number"))
ALL_PAIRS = sa.select(sa.func.count().label("pairs")).select_from(note.join(note.alias("other"), sa.true()))


@pytest_asyncio.fixture(autouse=True)
async def tables(db: Database) -> AsyncIterator[None]:
    """Makes the tables of these tests."""
    async with db.write() as conn:
        await conn.run_sync(notes.create_all)
    yield


async def add(db: Database, *bodies: str) -> None:
    """Writes notes."""
    async with db.write() as conn:
        await conn.execute(sa.insert(note), [{"body": body} for body in bodies])


async def test_rows_come_back_as_they_were_written(db: Database) -> None:
    moment = datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=timezone(timedelta(hours=9)))
    async with db.write() as conn:
        await conn.execute(sa.insert(note).values(number=7, body="naïve ☂ 字", at=moment, tags={"a": [1, None, "ü"]}))
    prepared = await db.fetch_one(BY_NUMBER, {"number": 7})
    built = await db.fetch_one(sa.select(note).where(note.c.number == 7))
    async with db.read() as conn:
        plain = (await conn.execute(BY_NUMBER, {"number": 7})).one()
    for row in (prepared, built, plain):
        assert row is not None
        assert (row.body, row.at, row.tags) == ("naïve ☂ 字", moment, {"a": [1, None, "ü"]})
        assert row.at.tzinfo == UTC


async def test_a_row_that_is_not_there_is_none(db: Database) -> None:
    assert await db.fetch_one(BY_NUMBER, {"number": 1}) is None
    assert await db.fetch_all(sa.select(note)) == []


async def test_a_read_sees_what_was_committed_before_it(db: Database) -> None:
    for number in range(1, 20):
        await add(db, str(number))
        row = await db.fetch_one(BY_NUMBER, {"number": number})
        assert row is not None
        assert row.body == str(number)


async def test_a_transaction_that_fails_leaves_nothing(db: Database) -> None:
    with pytest.raises(RuntimeError):
        async with db.write() as conn:
            await conn.execute(sa.insert(note).values(body="half"))
            raise RuntimeError
    assert await db.fetch_all(sa.select(note)) == []


async def test_a_cancelled_transaction_leaves_nothing_and_blocks_nobody(db: Database) -> None:
    begun = asyncio.Event()

    async def stuck() -> None:
        async with db.write() as conn:
            await conn.execute(sa.insert(note).values(body="half"))
            begun.set()
            await asyncio.sleep(600)

    task = asyncio.create_task(stuck())
    await begun.wait()
    task.cancel()
    await asyncio.wait([task])
    await add(db, "whole")
    assert [row.body for row in await db.fetch_all(sa.select(note))] == ["whole"]


async def test_writers_that_are_cancelled_anywhere_block_nobody(db: Database) -> None:
    seed = 4107
    print("seed", seed)
    random = Random(seed)

    async def cancelled() -> None:
        async with db.write() as conn:
            statement = sa.insert(note).values([{"body": "half"}] * 3).returning(note.c.number)
            (await conn.execute(statement)).all()
            (await conn.execute(sa.select(note))).all()
            await asyncio.sleep(600)

    for number in range(60):
        task = asyncio.create_task(cancelled())
        await asyncio.sleep(random.uniform(0, 0.002))
        for _ in range(random.randint(1, 4)):  # whoever is impatient cancels again
            task.cancel()
            await asyncio.sleep(0)
        await asyncio.wait([task])
        await add(db, str(number))
    rows = await db.fetch_all(sa.select(note.c.body).order_by(note.c.number))
    assert [row.body for row in rows] == [str(number) for number in range(60)]


def test_a_connection_may_be_closed_while_it_writes_and_twice(tmp_path: Path) -> None:
    engine = make_blocking(sa.make_url(f"sqlite:///{tmp_path / 'closed.sqlite3'}"))
    for _ in range(2):
        pooled = engine.raw_connection()
        connection = pooled.driver_connection
        assert connection is not None
        pooled.detach()
        connection.execute("BEGIN IMMEDIATE")
        connection.close()
        connection.close()
    engine.dispose()


async def test_writers_at_the_same_time_lose_no_update(db: Database) -> None:
    await add(db, "0")

    async def increment() -> None:
        async with db.write() as conn:
            body = (await conn.execute(sa.select(note.c.body).with_for_update())).scalar_one()
            await conn.execute(sa.update(note).values(body=str(int(body) + 1)))

    await asyncio.gather(*(increment() for _ in range(40)))
    row = await db.fetch_one(BY_NUMBER, {"number": 1})
    assert row is not None
    assert row.body == "40"


async def test_a_read_transaction_sees_one_state(db: Database) -> None:
    if db.dialect == "postgresql":
        pytest.skip("PostgreSQL's default isolation sees what others commit between statements")
    async with db.read() as conn:
        before = (await conn.execute(sa.select(sa.func.count()).select_from(note))).scalar_one()
        await add(db, "later")
        assert (await conn.execute(sa.select(sa.func.count()).select_from(note))).scalar_one() == before


async def test_a_long_read_leaves_the_event_loop_free(db: Database) -> None:
    await add(db, *(str(number) for number in range(3000)))
    for _ in range(2):
        reading = asyncio.create_task(db.fetch_one(ALL_PAIRS, {}))
        turns = 0
        while not reading.done():
            await asyncio.sleep(0)
            turns += 1
        row = reading.result()
        assert row is not None
        assert row.pairs == 9_000_000
        assert turns > 10


async def test_foreign_keys_hold(db: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        async with db.write() as conn:
            await conn.execute(sa.insert(line).values(note=404))


async def test_naive_moments_are_refused(db: Database) -> None:
    with pytest.raises(sa.exc.StatementError):
        async with db.write() as conn:
            await conn.execute(sa.insert(note).values(body="when?", at=datetime(2026, 1, 1)))


async def test_a_database_that_is_there_answers(db: Database) -> None:
    assert await db.ping()


async def test_a_database_that_is_away_is_unavailable(tmp_path: Path) -> None:
    async with Database.open("postgresql://nobody@127.0.0.1:9/none") as away:
        assert not await away.ping()
        with pytest.raises(Unavailable) as refusal:
            async with away.write():
                pass
    assert refusal.value.code == "DATABASE_UNAVAILABLE"
    with pytest.raises(Unavailable):
        migrate("postgresql://nobody@127.0.0.1:9/none")
    async with Database.open(f"sqlite:///{tmp_path / 'never migrated.sqlite3'}") as empty:
        assert not await empty.ping()
