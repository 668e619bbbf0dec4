"""Counts that only the rows of jobs can give."""

from __future__ import annotations

import sqlalchemy as sa

from reelops.infra.database import Database
from reelops.infra.jobs.store import job

_TRIGGER = job.c.payload["trigger"].as_string()
_RESULT = job.c.result["status"].as_string()
_TRAININGS = (
    sa.select(job.c.state, _TRIGGER.label("trigger"), _RESULT.label("outcome"), sa.func.count().label("total"))
    .where(job.c.kind == "sopilot.training")
    .group_by(job.c.state, _TRIGGER, _RESULT)
)


async def training_totals(db: Database) -> dict[tuple[str, str], int]:
    """Counts trainings by (status, trigger); a skipped one counts as skipped."""
    totals: dict[tuple[str, str], int] = {}
    for row in await db.fetch_all(_TRAININGS):
        status = "skipped" if row.outcome == "skipped" else row.state
        key = (status, row.trigger or "manual")
        totals[key] = totals.get(key, 0) + int(row.total)
    return totals
