"""What keeps a queue tidy: cleaning up after jobs that ended badly, purging the engine's finished runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa

from reelops.infra.database import Database
from reelops.infra.database.schema import utc_now
from reelops.infra.jobs import presence
from reelops.infra.jobs.engine import EngineClient
from reelops.infra.jobs.model import Job
from reelops.infra.jobs.rows import COLUMNS, to_job
from reelops.infra.jobs.settings import CleansUp, Handler, WorkerSettings
from reelops.infra.jobs.store import job

_DIRTY = sa.select(*COLUMNS, job.c.cleanup).where(job.c.cleanup.is_not(None)).limit(200)
_PURGE_BATCH = 500

_log = logging.getLogger(__name__)


def cleaner(handlers: Mapping[str, Handler], kind: str) -> CleansUp | None:
    """Returns the handler of a kind when it cleans up."""
    handler = handlers.get(kind)
    return handler if isinstance(handler, CleansUp) else None


async def clean_up(db: Database, handlers: Mapping[str, Handler], ended: Job) -> None:
    """Lets the handler clean up after a job. When it cannot, the job stays marked and a later sweep does it."""
    handler = cleaner(handlers, ended.kind)
    try:
        if handler is not None:
            await handler.on_failure(ended)
        async with db.write() as conn:
            await conn.execute(sa.update(job).where(job.c.job_id == ended.job_id).values(cleanup=None))
    except Exception:
        _log.exception("cleaning up after job %s failed; it will be tried again", ended.job_id)


async def sweep(db: Database, handlers: Mapping[str, Handler], settings: WorkerSettings) -> None:
    """Cleans up after jobs whose worker died before it did, and after those that were cancelled while they waited."""
    rows = [row for row in await db.fetch_all(_DIRTY, {}) if row.kind in handlers]
    if not rows:
        return
    living, _ = await presence.alive(db, settings)
    for row in rows:
        if row.cleanup not in living:
            await clean_up(db, handlers, to_job(row))


async def purge(client: EngineClient, settings: WorkerSettings) -> None:
    """Deletes the engine's runs that ended a while ago, a few at a time so that other writers get their turns."""
    before = utc_now() - timedelta(seconds=settings.finished_kept_sec)
    while True:
        purged = await asyncio.to_thread(client.purge, before=before, limit=_PURGE_BATCH)
        if purged < _PURGE_BATCH:
            return
        await asyncio.sleep(0.2)
