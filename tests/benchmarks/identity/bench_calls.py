"""What it costs to know who calls and to count the call, on SQLite.

    python -m tests.benchmarks.identity.bench_calls [--calls N]

Rounds of ours and of the alternative take turns; the figures are medians over the rounds. Counting is measured one call
after the other and with 50 at once, against a write transaction for every call; a token that was seen before against
verifying its signature anew; a counted call over gRPC against one of the same method that no limit counts.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from reelops.core.identity import store, tokens
from reelops.core.identity.limits import RateLimits
from reelops.infra.database import migrate

from tests.benchmarks.figures import Figure, publish
from tests.rpc.calls.house import House, open_house, signed

_ROUNDS = 7
_AT_ONCE = 50
Work = Callable[[], Awaitable[object]]


async def main(calls: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'reelops.sqlite3'}"
        migrate(url)
        async with open_house(url) as house, open_house(url, limits={"thumbnail": 1}) as unlimited:
            await counting(house, calls)
            await knowing(house, calls)
            await calling(house, unlimited, calls)


async def counting(house: House, calls: int) -> None:
    limits = RateLimits(db=house.db, limits={"core": 1_000_000_000})

    async def plainly() -> None:
        async with house.db.write() as conn:
            await store.add_calls(conn, {("core", "b"): 1}, now=int(time.time()), window_sec=60)

    for name, at_once in (("one after the other", 1), (f"{_AT_ONCE} at once", _AT_ONCE)):
        ours, theirs = await take_turns(lambda: limits.count("core", "a"), plainly, calls, at_once)
        report(f"count a call, {name}", ours, theirs, "a transaction each")


async def knowing(house: House, calls: int) -> None:
    shown = f"Bearer {await house.token()}"
    key = await house.keys.get("wavestack-1")
    assert key is not None

    async def anew() -> None:
        tokens.verify(shown[7:].encode(), key.public)

    ours, theirs = await take_turns(lambda: house.organisations.authenticate(shown, ("shop",)), anew, calls, 1)
    report("know a token that was seen", ours, theirs, "its signature anew")


async def calling(house: House, unlimited: House, calls: int) -> None:
    shown = signed(await house.token())
    counted, plain = (lambda: house.clip(shown)), (lambda: unlimited.clip(shown))
    ours, theirs = await take_turns(counted, plain, calls, 1)
    report("a counted gRPC call", ours, theirs, "the same without a limit")


async def take_turns(ours: Work, theirs: Work, calls: int, at_once: int) -> tuple[float, float]:
    """Gives the seconds a call of either, medians over rounds that take turns."""
    rounds = [(await one_round(ours, calls, at_once), await one_round(theirs, calls, at_once)) for _ in range(_ROUNDS)]
    return statistics.median(one[0] for one in rounds), statistics.median(one[1] for one in rounds)


async def one_round(work: Work, calls: int, at_once: int) -> float:
    async def caller() -> None:
        for _ in range(max(1, calls // at_once)):
            await work()

    begun = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(at_once)))
    return (time.perf_counter() - begun) / (max(1, calls // at_once) * at_once)


def report(what: str, ours: float, theirs: float, alternative: str) -> None:
    """Prints microseconds a call."""
    publish(
        Figure(
            benchmark=what,
            ours=f"{ours * 1e6:.0f} µs",
            alternative=f"{theirs * 1e6:.0f} µs, {alternative}",
            ratio=theirs / ours,
        )
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=500, help="calls in a round")
    asyncio.run(main(parser.parse_args().calls))
