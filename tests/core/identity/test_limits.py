"""Counting calls on both databases."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from reelops.core.identity import store
from reelops.core.identity.limits import RateLimits
from reelops.errors import Exhausted
from reelops.infra.database import Database


async def test_calls_are_counted_until_the_limit(db: Database) -> None:
    limits = RateLimits(db=db, limits={"core": 3})
    taken = [await limits.count("core", "org:a") for _ in range(3)]
    assert [(one.limit, one.remaining, one.refused) for one in taken] == [(3, left, False) for left in (2, 1, 0)]
    assert len({one.reset_at for one in taken}) == 1
    refused = await limits.count("core", "org:a")
    assert refused.refused
    with pytest.raises(Exhausted) as caught:
        refused.check()
    assert 1 <= int(caught.value.details["retry_after"]) <= 60
    assert not (await limits.count("core", "org:b")).refused


async def test_looking_counts_nothing(db: Database) -> None:
    limits = RateLimits(db=db, limits={"core": 3})
    assert (await limits.look("core", "org:a")).remaining == 3
    await limits.count("core", "org:a")
    assert [(await limits.look("core", "org:a")).remaining for _ in range(5)] == [2] * 5
    assert not (await limits.look("core", "org:a")).refused


async def test_several_servers_count_together_and_exactly(db: Database) -> None:
    servers = [RateLimits(db=db, limits={"core": 40, "clipper": 10}) for _ in range(3)]
    calls = [servers[n % 3].count("core" if n % 2 else "clipper", "org:a") for n in range(120)]
    taken = [one for one in await asyncio.gather(*calls) if not one.refused]
    assert sorted(one.remaining for one in taken if one.limit == 40) == list(range(40))
    assert sorted(one.remaining for one in taken if one.limit == 10) == list(range(10))


async def test_the_refused_cost_the_database_nothing(db: Database) -> None:
    limits = RateLimits(db=db, limits={"core": 1})
    for _ in range(2):
        await limits.count("core", "org:a")
    for _ in range(20):
        assert (await limits.count("core", "org:a")).refused
    assert (await db.fetch_all(sa.select(store.counted_calls.c.calls)))[0].calls == 2


async def test_a_window_begins_with_the_first_call_and_ends_after_a_minute(db: Database) -> None:
    async def add(now: int, calls: int = 1) -> tuple[int, int]:
        async with db.write() as conn:
            counted = await store.add_calls(conn, {("core", "org:a"): calls}, now=now, window_sec=60)
        return counted[("core", "org:a")]

    assert await add(1000) == (1, 1060)
    assert await add(1059, 5) == (6, 1060)
    assert await add(1060, 2) == (2, 1120)
    # Another server's clock may be behind.
    assert await add(1050) == (3, 1120)


async def test_windows_that_have_ended_are_forgotten(db: Database) -> None:
    limits = RateLimits(db=db, limits={"core": 3})
    async with db.write() as conn:
        await store.add_calls(conn, {("core", f"host:{n}"): 3 for n in range(50)}, now=1000, window_sec=60)
    await limits.count("core", "org:a")
    assert (await limits.look("core", "host:1")).remaining == 3
    assert await limits.sweep() == 50
    assert (await limits.look("core", "org:a")).remaining == 2


async def test_who_goes_away_while_being_counted_disturbs_nobody(db: Database) -> None:
    limits = RateLimits(db=db, limits={"core": 100})
    calls = [asyncio.create_task(limits.count("core", "org:a")) for _ in range(20)]
    await asyncio.sleep(0)
    for call in calls[::2]:
        call.cancel()
    done = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(one, asyncio.CancelledError) for one in done) == 10
    assert (await limits.count("core", "org:a")).remaining >= 79
