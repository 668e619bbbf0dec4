"""Removes the files of scores that killed processes left behind."""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePosixPath

import sqlalchemy as sa

from reelops import errors
from reelops.core.scoring.store import plot_key, report_key, score_artifacts
from reelops.infra.blobs import BlobStore
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import JobQueue

_PREFIX = "score_"


async def sweep_score_files(*, db: Database, blobs: BlobStore, queue: JobQueue, grace: timedelta) -> list[str]:
    """Deletes plots and reports that neither a row knows nor a job may still need; returns their keys.

    Files younger than `grace` are spared: a plot is put in place just before its row is written.
    """
    spared = utc_now() - grace
    candidates = {
        info.key: PurePosixPath(info.key).stem
        for folder in (plot_key(""), report_key(""))
        for info in await blobs.list(folder.rsplit("/", 1)[0])
        if info.modified_at < spared and PurePosixPath(info.key).name.startswith(_PREFIX)
    }
    left = set(candidates.values()) - await _with_files(db) if candidates else set()
    unfinished = {score for score in left if await _is_unfinished(queue, score)}
    # Rows once more and last: a score that completed in between has its row by now.
    gone = left - unfinished - await _with_files(db) if left - unfinished else set()
    return await blobs.delete([key for key, score in candidates.items() if score in gone])


async def _with_files(db: Database) -> set[str]:
    return {row.score_job_id for row in await db.fetch_all(sa.select(score_artifacts.c.score_job_id))}


async def _is_unfinished(queue: JobQueue, score_job_id: str) -> bool:
    try:
        return not (await queue.get(score_job_id)).state.is_final
    except errors.NotFound:
        return False
