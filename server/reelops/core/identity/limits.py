"""How often somebody may call: counted in the database, exactly, by all server processes together."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reelops.core.identity import store
from reelops.errors import Exhausted, Unavailable
from reelops.infra.database import Database

WINDOW_SEC: Final = 60
_REMEMBERED = 10_000

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a window, which ends at `reset_at` (seconds since 1970). `refused`: the call was one too many."""

    limit: int
    remaining: int
    reset_at: int
    refused: bool = False

    def check(self) -> None:
        """Passes a call that was not one too many. Raises `Exhausted("RATE_LIMITED")`."""
        if self.refused:
            wait = max(1, self.reset_at - int(time.time()))
            raise Exhausted(
                "RATE_LIMITED",
                f"The limit is {self.limit} calls a minute; the next one is taken in {wait} s.",
                retry_after=str(wait),
            )


class RateLimits:
    """The limits of surfaces, in calls per window of 60 s, which begins with a caller's first call.

    Each counted call is one upsert. Calls that come while one is written are written together with the next one. Who is
    refused is remembered until the window ends and costs the database nothing.
    """

    def __init__(self, *, db: Database, limits: Mapping[str, int]) -> None:
        self._db = db
        self._limits = dict(limits)
        self._spent: dict[Key, int] = {}
        self._waiting: defaultdict[Key, list[asyncio.Future[tuple[int, int]]]] = defaultdict(list)
        self._writer: asyncio.Task[None] | None = None

    def __contains__(self, surface: object) -> bool:
        return surface in self._limits

    async def count(self, surface: str, caller: str) -> Allowance:
        """Counts a call and says what is left after it."""
        key, limit, now = (surface, caller), self._limits[surface], int(time.time())
        spent = self._spent.get(key, 0)
        if spent > now:
            return Allowance(limit, 0, spent, refused=True)
        number, ends_at = await self._add(key)
        if number > limit:
            self._remember(key, ends_at)
        return Allowance(limit, max(0, limit - number), ends_at, refused=number > limit)

    async def look(self, surface: str, caller: str) -> Allowance:
        """Says what is left, without counting."""
        limit, now = self._limits[surface], int(time.time())
        try:
            row = await store.get_calls(self._db, surface, caller)
        except Unavailable:
            # What is only looked at must not keep health checks from saying that the database is away.
            row = None
        if row is None or row.ends_at <= now:
            return Allowance(limit, limit, now + WINDOW_SEC)
        return Allowance(limit, max(0, limit - row.calls), row.ends_at)

    async def sweep(self) -> int:
        """Removes windows that have ended and returns how many."""
        now = int(time.time())
        self._spent = {key: end for key, end in self._spent.items() if end > now}
        async with self._db.write() as conn:
            return await store.delete_ended(conn, now)

    def _remember(self, key: Key, ends_at: int) -> None:
        if len(self._spent) >= _REMEMBERED:
            self._spent.clear()
        self._spent[key] = ends_at

    async def _add(self, key: Key) -> tuple[int, int]:
        """Returns the call's number in its window, and when that ends."""
        future: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()
        self._waiting[key].append(future)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await future

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, defaultdict(list)
            try:
                async with self._db.write() as conn:
                    calls = {key: len(futures) for key, futures in batch.items()}
                    counted = await store.add_calls(conn, calls, now=int(time.time()), window_sec=WINDOW_SEC)
            except Exception as error:
                _tell_all(batch, error)
                continue
            for key, futures in batch.items():
                calls_after, ends_at = counted[key]
                for number, future in enumerate(futures, start=calls_after - len(futures) + 1):
                    if not future.done():
                        future.set_result((number, ends_at))


def _tell_all(batch: Mapping[Key, list[asyncio.Future[tuple[int, int]]]], error: Exception) -> None:
    for future in (future for futures in batch.values() for future in futures):
        if not future.done():
            future.set_exception(error)
