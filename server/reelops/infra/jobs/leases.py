"""Duties that one worker at a time has."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.infra.database.schema import utc_now
from reelops.infra.jobs.store import job_lease


async def take(conn: AsyncConnection, name: str, holder: str, *, living: Collection[str], seconds: float) -> bool:
    """Takes or keeps a duty for some seconds. False when another worker that lives has it."""
    now = utc_now()
    until = now + timedelta(seconds=seconds)
    insert = (postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert)(job_lease)
    free = sa.or_(job_lease.c.holder == holder, job_lease.c.until < now, job_lease.c.holder.not_in(list(living)))
    taken = await conn.execute(
        insert.values(name=name, holder=holder, until=until)
        .on_conflict_do_update(index_elements=["name"], set_={"holder": holder, "until": until}, where=free)
        .returning(job_lease.c.holder)
    )
    return taken.first() is not None
