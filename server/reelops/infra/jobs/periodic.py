"""Does things by the clock, each occurrence in exactly one process."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.infra.database import Database
from reelops.infra.database.schema import utc_now
from reelops.infra.jobs.settings import Periodic
from reelops.infra.jobs.store import job_schedule

_DUE = sa.select(job_schedule.c.name, job_schedule.c.due_at)

_log = logging.getLogger(__name__)


async def plan(db: Database, periodics: Sequence[Periodic]) -> None:
    """Makes sure that each is planned. An occurrence that was missed stays; later ones follow a changed `next_run`."""
    now = utc_now()
    for periodic in periodics:
        following = periodic.next_run(now)
        async with db.write() as conn:
            insert = (postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert)(job_schedule)
            await conn.execute(
                insert.values(name=periodic.name, due_at=following).on_conflict_do_update(
                    index_elements=["name"], set_={"due_at": following}, where=job_schedule.c.due_at > now
                )
            )


async def fire_due(db: Database, periodics: Sequence[Periodic]) -> None:
    """Does what is due. One that fails is logged and tried again at the next look; the others go on."""
    if not periodics:
        return
    due = {row.name: row.due_at for row in await db.fetch_all(_DUE, {}) if row.due_at <= utc_now()}
    for periodic in periodics:
        if periodic.name not in due:
            continue
        try:
            async with db.write() as conn:
                await _fire(conn, periodic, due[periodic.name])
        except Exception:
            _log.exception("the periodic %s failed and will be tried again", periodic.name)


async def _fire(conn: AsyncConnection, periodic: Periodic, due: datetime) -> None:
    now = utc_now()
    taken = await conn.execute(
        sa.update(job_schedule)
        .where(job_schedule.c.name == periodic.name, job_schedule.c.due_at == due)
        .values(due_at=periodic.next_run(now), fired_at=now)
    )
    if taken.rowcount == 1:
        await periodic.action(conn, due)
