"""What goes with a video when it is deleted, and what killed processes left behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.core.library.model import Video, embedding_keys, video_id_of
from reelops.core.library.store import videos
from reelops.infra.blobs import BlobStore
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import JobQueue, JobState

INGEST_KIND = "sopilot.ingest"
SWEPT_FOLDERS = ("raw", "embeddings")
_PAGE = 500

Detach = Callable[[AsyncConnection, Video], Awaitable[list[str]]]
"""Removes rows of another subject that belong to a video and returns the keys of their files."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What a deletion removed. `files` are paths for people, `clips_left` those of the task."""

    video: Video
    files: tuple[str, ...]
    clips_left: int


async def sweep_orphans(
    *, db: Database, blobs: BlobStore, queue: JobQueue, grace: timedelta = timedelta(minutes=1)
) -> list[str]:
    """Deletes files of videos that have neither a row nor a job that may still make one; returns their keys.

    Files younger than `grace` are spared: an upload puts its file in place just before it writes its row.
    """
    spared = utc_now() - grace
    candidates = {
        info.key: number
        for folder in SWEPT_FOLDERS
        for info in await blobs.list(folder)
        if info.modified_at < spared and (number := video_id_of(info.key)) is not None
    }
    if not candidates:
        return []
    # Jobs first: one that completes in between has its row by the time the rows are read.
    pending = await _pending_ids(queue)
    kept = await _kept_keys(db, sorted(set(candidates.values())))
    return await blobs.delete([key for key, number in candidates.items() if number not in pending and key not in kept])


async def _kept_keys(db: Database, numbers: Sequence[int]) -> set[str]:
    """Returns the files that videos with these ids have. Other videos are not read: there may be a million of them."""
    kept: set[str] = set()
    columns = (videos.c.video_id, videos.c.file_key, videos.c.embedding_model)
    for at in range(0, len(numbers), _PAGE):
        page = sa.select(*columns).where(videos.c.video_id.in_(numbers[at : at + _PAGE]))
        for row in await db.fetch_all(page):
            kept |= {row.file_key, *embedding_keys(row.video_id, row.embedding_model)}
    return kept


async def _pending_ids(queue: JobQueue) -> set[int]:
    """Returns the videos that some ingest may be writing files of; a re-embedding is spared by its files' age."""
    found: set[int] = set()
    for state in (JobState.queued, JobState.running):
        after = None
        while page := await queue.list(kind=INGEST_KIND, state=state, limit=_PAGE, after=after):
            found |= {int(job.payload["video_id"]) for job in page}
            after = page[-1].job_id
    return found
