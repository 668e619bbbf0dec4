"""The queue of an organisation: lists of 100 000 items against lists of 1000, their totals against counting, and how
much slower due items end while others are scheduled.

    python -m tests.benchmarks.lists.bench_items [--small N] [--large N] [--scheduled N]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from reelops.core.audit.service import Audit
from reelops.core.publishing import store
from reelops.core.publishing.model import ItemState, NewItem, Platform
from reelops.core.publishing.service import Publishing
from reelops.infra.database import Database, migrate, tallies, utc_now
from reelops.infra.jobs import JobQueue

from tests.benchmarks.figures import Figure, publish
from tests.core.publishing.conftest import Desk

_ORG, _PROJECTS = "org_123", 50
_ASKS = 200
_DUE = 200
_ROUNDS = 3
_LISTS: dict[str, dict[str, Any]] = {
    "all": {},
    "by status": {"state": ItemState.failed},
    "by project": {"project_id": "proj_1"},
}
_COUNT = sa.select(sa.func.count().label("total")).where(
    store.queue_items.c.org_id == sa.bindparam("org_id"), store.queue_items.c.state == sa.bindparam("state")
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--scheduled", type=int, default=3_000)
    options = parser.parse_args()
    asyncio.run(measure_lists(options.small, options.large))
    asyncio.run(measure_due(options.scheduled))
    print(f"load average {os.getloadavg()[0]:.1f}")


async def measure_lists(small: int, large: int) -> None:
    """Asks queues of both sizes in turn."""
    async with opened() as few, opened() as many:
        await fill(few, small)
        await fill(many, large)
        for name, asked in _LISTS.items():
            of_few, of_many = await alternating(
                partial(few.publishing.list, org_id=_ORG, **asked), partial(many.publishing.list, org_id=_ORG, **asked)
            )
            publish(_figure(f"queue items, {name}, p50 at {large}", of_many, f"{small} items", of_few, "<= 2"))
        query = {"org_id": _ORG, "state": ItemState.failed.value}
        counted, tallied = await alternating(
            partial(many.db.fetch_one, _COUNT, query),
            partial(tallies.total, many.db, store.LIST, _ORG, state=ItemState.failed.value),
        )
        publish(_figure(f"total of {large} items, p50", tallied, "COUNT(*)", counted, "<= 0.5"))


async def measure_due(scheduled: int) -> None:
    """Lets items end that are due, with and without others whose time is far."""
    async with opened() as idle, opened() as full:
        far = utc_now() + timedelta(days=300)
        for number in range(scheduled):
            await full.create(_new(f"far {number}", schedule_at=far))
        took: dict[Desk, list[float]] = {idle: [], full: []}
        for round_number in range(_ROUNDS):
            for desk in (idle, full):
                items = [await desk.create(_new(f"{round_number} {number}")) for number in range(_DUE)]
                begun = time.perf_counter()
                async with desk.at_work():
                    for item in items:
                        await desk.outcome(item)
                took[desk].append(time.perf_counter() - begun)
        publish(
            _figure(
                f"{_DUE} due items beside {scheduled} scheduled", min(took[full]), "alone", min(took[idle]), "<= 1.5"
            )
        )


@asynccontextmanager
async def opened() -> AsyncIterator[Desk]:
    """Opens a queue on a database of its own."""
    with tempfile.TemporaryDirectory(prefix="reelops-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'reelops.sqlite3'}"
        await asyncio.to_thread(migrate, url)
        async with Database.open(url) as db, JobQueue.open(db) as queue:
            audit = Audit(db=db)
            yield Desk(db, queue, audit, Publishing(db=db, queue=queue, audit=audit))


async def fill(desk: Desk, rows: int) -> None:
    """Adds items as if they had been created, a third of them queued and a third in each final state."""
    states = (ItemState.queued, ItemState.failed, ItemState.published)
    new = [_row(number, states[number % len(states)]) for number in range(rows)]
    counts = Counter((row["project_id"], row["state"]) for row in new)
    async with desk.db.write() as connection:
        await connection.execute(store.queue_items.insert(), new)
        for (project_id, state), count in counts.items():
            scopes = [f"project:{project_id}"]
            await tallies.move(connection, store.LIST, _ORG, scopes, before=None, after=state, rows=count)


async def alternating(
    one: Callable[[], Awaitable[object]], other: Callable[[], Awaitable[object]]
) -> tuple[float, float]:
    """Runs both in turn and returns the median seconds of each."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(_ASKS):
        for call, seen in zip((one, other), took, strict=True):
            begun = time.perf_counter()
            await call()
            seen.append(time.perf_counter() - begun)
    return statistics.median(took[0]), statistics.median(took[1])


def _new(key: str, **changes: Any) -> NewItem:
    return NewItem(title="My Video Title", platforms=(Platform.youtube,), idempotency_key=key, **changes)


def _row(number: int, state: ItemState) -> dict[str, Any]:
    now = utc_now()
    return {
        "item_id": f"c{number}",
        "org_id": _ORG,
        "project_id": f"proj_{number % _PROJECTS}",
        "asset_id": "asset_789",
        "title": "My Video Title",
        "caption": "Video description...",
        "hashtags": ["gaming", "stream"],
        "platforms": ["youtube", "instagram"],
        "schedule_at": now,
        "state": state.value,
        "idempotency_key": f"key {number}",
        "content_hash": "0" * 64,
        "job_id": f"job {number}",
        "created_at": now,
        "updated_at": now,
    }


def _figure(name: str, ours: float, alternative: str, theirs: float, target: str) -> Figure:
    return Figure(
        benchmark=name,
        ours=f"{ours * 1000:.2f} ms",
        alternative=f"{alternative} {theirs * 1000:.2f} ms",
        ratio=ours / theirs,
        target=target,
    )


if __name__ == "__main__":
    main()
