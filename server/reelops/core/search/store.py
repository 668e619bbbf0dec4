"""What a search reads: the queried video, a task's videos, their clips' times. The tables are the library's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from reelops.core.library.store import clips, tasks, videos
from reelops.core.search.model import Listed
from reelops.infra.database import Database

_LARGEST_ID = 2**31 - 1
_QUERIED = (
    sa.select(videos.c.task_id, videos.c.embedding_model, videos.c.num_clips, tasks.c.generation)
    .select_from(videos.outerjoin(tasks, tasks.c.task_id == videos.c.task_id))
    .where(videos.c.video_id == sa.bindparam("video_id"))
)


async def find_queried(db: Database, video_id: int) -> Any | None:
    """Returns task_id, embedding_model, num_clips and the task's generation of a video, or None."""
    if not 0 <= video_id <= _LARGEST_ID:
        return None
    return await db.fetch_one(_QUERIED, {"video_id": video_id})


async def list_videos(db: Database, task_id: str, embedding_model: str) -> tuple[int, list[Listed]]:
    """Returns the task's generation, and its videos of a model at that generation, in the order of their ids."""
    columns = (videos.c.video_id, videos.c.role, videos.c.num_clips)
    listed = sa.select(*columns).where(videos.c.task_id == task_id, videos.c.embedding_model == embedding_model)
    generation = sa.select(tasks.c.generation).where(tasks.c.task_id == task_id)
    async with db.read() as connection:
        # The generation first: on PostgreSQL the second statement may see more, never less.
        found = (await connection.execute(generation)).scalar()
        rows = (await connection.execute(listed.order_by(videos.c.video_id))).all()
    return found or 0, [Listed(row.video_id, row.role, row.num_clips) for row in rows]


async def list_times(db: Database, video_ids: Sequence[int]) -> dict[int, NDArray[np.float64]]:
    """Returns for each video the times of its clips in order: (clips, 2), start and end in seconds."""
    columns = (clips.c.video_id, clips.c.start_sec, clips.c.end_sec)
    statement = sa.select(*columns).where(clips.c.video_id.in_(video_ids)).order_by(clips.c.video_id, clips.c.clip_idx)
    times: dict[int, list[tuple[float, float]]] = {}
    for video_id, start_sec, end_sec in await db.fetch_all(statement):
        times.setdefault(video_id, []).append((start_sec, end_sec))
    return {video_id: np.array(rows, dtype=np.float64) for video_id, rows in times.items()}


async def list_large_tasks(db: Database, embedding_model: str, *, more_than: int) -> list[str]:
    """Lists the tasks that have more clips of a model than that."""
    total = sa.func.sum(videos.c.num_clips)
    statement = (
        sa.select(videos.c.task_id)
        .where(videos.c.embedding_model == embedding_model)
        .group_by(videos.c.task_id)
        .having(total > more_than)
        .order_by(videos.c.task_id)
    )
    return [row.task_id for row in await db.fetch_all(statement)]
