"""Counts of jobs by kind, queue and phase, kept in the transactions that change them.

Counting a million rows takes a tenth of a second and more; adding up a few dozen counters takes none. Several counters
(slots) stand for one figure on PostgreSQL, so that transactions that end at the same time do not wait for each other.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.infra.database import Database
from reelops.infra.jobs.model import JobState, QueueDepth
from reelops.infra.jobs.store import job_tally

_SLOTS = 16
# What a phase is to those who ask for states.
_STATES = {"deferred": JobState.queued, "scheduled": JobState.queued} | {state.value: state for state in JobState}

_TOTALS = sa.select(
    job_tally.c.kind,
    job_tally.c.queue,
    job_tally.c.phase,
    sa.cast(sa.func.sum(job_tally.c.total), sa.BigInteger).label("total"),
).group_by(job_tally.c.kind, job_tally.c.queue, job_tally.c.phase)


def _upsert(insert: Any) -> sa.Insert:
    keys = [column.name for column in job_tally.primary_key.columns]
    total = job_tally.c.total + insert.excluded.total
    upsert: sa.Insert = insert.on_conflict_do_update(index_elements=keys, set_={"total": total})
    return upsert


_ADD_SQLITE = _upsert(sqlite.insert(job_tally))
_ADD_POSTGRES = _upsert(postgresql.insert(job_tally))


async def move(conn: AsyncConnection, kind: str, queue: str, *, before: str | None, after: str, jobs: int = 1) -> None:
    """Counts jobs of one kind and queue from one phase to another; `before` None means that they are new."""
    changes = Counter({after: jobs})
    if before is not None:
        changes[before] -= jobs
    await _add(conn, [(kind, queue, phase, change) for phase, change in sorted(changes.items()) if change])


async def _add(conn: AsyncConnection, changes: Iterable[tuple[str, str, str, int]]) -> None:
    on_postgres = conn.dialect.name == "postgresql"
    slot = random.randrange(_SLOTS) if on_postgres else 0  # noqa: S311 - spreads load, no secret
    rows = [
        {"kind": kind, "queue": queue, "phase": phase, "slot": slot, "total": change}
        for kind, queue, phase, change in changes
    ]
    if rows:
        await conn.execute(_ADD_POSTGRES if on_postgres else _ADD_SQLITE, rows)


async def by_kind(db: Database) -> dict[str, dict[JobState, int]]:
    """Returns how many jobs of each kind are in each state."""
    counts: dict[str, dict[JobState, int]] = {}
    for row in await db.fetch_all(_TOTALS, {}):
        states = counts.setdefault(row.kind, dict.fromkeys(JobState, 0))
        states[_STATES[row.phase]] += int(row.total)
    return counts


async def by_queue(db: Database) -> dict[str, QueueDepth]:
    """Returns how many jobs of each queue are in each phase."""
    depths: dict[str, QueueDepth] = {}
    for row in await db.fetch_all(_TOTALS, {}):
        depth = depths.get(row.queue, QueueDepth())
        depths[row.queue] = replace(depth, **{row.phase: getattr(depth, row.phase) + int(row.total)})
    return depths
