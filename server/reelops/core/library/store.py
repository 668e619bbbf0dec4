"""Tables and queries of the library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.core.library.model import ClipRow, Video, VideoRole
from reelops.infra.database import Database, UtcDateTime, metadata

video_ids = sa.Table(
    "video_ids",
    metadata,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("last_id", sa.Integer, nullable=False),
)

videos = sa.Table(
    "videos",
    metadata,
    sa.Column("video_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("job_id", sa.String(128), nullable=False, unique=True),
    sa.Column("task_id", sa.String(255), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("site_id", sa.String(255)),
    sa.Column("camera_id", sa.String(255)),
    sa.Column("operator_id_hash", sa.String(255)),
    sa.Column("filename", sa.Text, nullable=False),
    sa.Column("file_key", sa.String(64), nullable=False),
    sa.Column("file_size", sa.BigInteger, nullable=False),
    sa.Column("file_sha256", sa.String(64), nullable=False),
    sa.Column("num_clips", sa.Integer, nullable=False),
    sa.Column("source_fps", sa.Float, nullable=False),
    sa.Column("sampled_fps", sa.Float, nullable=False),
    sa.Column("duration_sec", sa.Float, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("embedding_model", sa.String(255), nullable=False),
    sa.Column("requested_by", sa.String(255), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("privacy_mask", sa.Text),
    sa.Column("privacy_mode", sa.String(16), nullable=False),
    sa.Index("ix_videos_task_id_video_id", "task_id", "video_id"),
)

clips = sa.Table(
    "clips",
    metadata,
    sa.Column("video_id", sa.Integer, sa.ForeignKey("videos.video_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("clip_idx", sa.Integer, primary_key=True),
    sa.Column("start_sec", sa.Float, nullable=False),
    sa.Column("end_sec", sa.Float, nullable=False),
    sa.Column("mean_luma", sa.Float, nullable=False),
    sa.Column("sharpness", sa.Float, nullable=False),
    sa.Column("flags", sa.String(128), nullable=False),
)

# `generation` grows with every change to the task's videos: whoever keeps an index of the task compares it.
tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("task_id", sa.String(255), primary_key=True),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("clips", sa.Integer, nullable=False),
)

_LARGEST_ID = 2**31 - 1
_BY_ID = sa.select(videos).where(videos.c.video_id == sa.bindparam("video_id"))
_NEWEST = sa.select(videos).order_by(videos.c.video_id.desc()).limit(sa.bindparam("limit"))
_NEWEST_OF_TASK = _NEWEST.where(videos.c.task_id == sa.bindparam("task_id"))
_CLIPS = sa.select(clips).where(clips.c.video_id == sa.bindparam("video_id")).order_by(clips.c.clip_idx)


async def get_video(db: Database, video_id: int) -> Video | None:
    """Returns a video, or None."""
    if video_id > _LARGEST_ID:
        return None
    row = await db.fetch_one(_BY_ID, {"video_id": video_id})
    return _video(row) if row is not None else None


async def list_videos(db: Database, *, task_id: str | None, limit: int) -> list[Video]:
    """Lists videos, newest first."""
    if task_id is None:
        rows = await db.fetch_all(_NEWEST, {"limit": limit})
    else:
        rows = await db.fetch_all(_NEWEST_OF_TASK, {"limit": limit, "task_id": task_id})
    return [_video(row) for row in rows]


async def list_of_other_models(db: Database, *, task_id: str, model: str) -> list[Video]:
    """Lists the videos of a task that another model than `model` embedded, oldest first."""
    statement = (
        sa.select(videos)
        .where(videos.c.task_id == task_id, videos.c.embedding_model != model)
        .order_by(videos.c.video_id)
    )
    return [_video(row) for row in await db.fetch_all(statement)]


async def select_videos(connection: AsyncConnection, which: sa.ColumnElement[bool], *, limit: int) -> list[Video]:
    """Lists videos that a condition holds for, oldest first, in the caller's transaction."""
    rows = await connection.execute(sa.select(videos).where(which).order_by(videos.c.video_id).limit(limit))
    return [_video(row) for row in rows]


async def list_clips(db: Database, video_id: int) -> list[ClipRow]:
    """Lists the clips of a video in order."""
    rows = await db.fetch_all(_CLIPS, {"video_id": video_id})
    return [_clip(row) for row in rows]


async def reserve_video_id(connection: AsyncConnection) -> int:
    """Takes the next video id; ids that are never used leave a gap."""
    insert = _insert(connection)(video_ids).values(name="video", last_id=1)
    statement = insert.on_conflict_do_update(
        index_elements=["name"], set_={"last_id": video_ids.c.last_id + 1}
    ).returning(video_ids.c.last_id)
    return int((await connection.execute(statement)).scalar_one())


async def insert_video(connection: AsyncConnection, video: Video, rows: Sequence[ClipRow]) -> None:
    """Adds a video with its clips."""
    values = {column.name: getattr(video, column.name) for column in videos.columns}
    await connection.execute(videos.insert().values(values | {"role": video.role.value}))
    await _insert_clips(connection, video.video_id, rows)
    await touch_task(connection, video.task_id, clips_added=len(rows))


async def replace_clips(connection: AsyncConnection, video: Video, model: str, rows: Sequence[ClipRow]) -> bool:
    """Gives a video the clips of another model; False where it was deleted or changed over meanwhile."""
    statement = (
        videos.update()
        .where(videos.c.video_id == video.video_id, videos.c.embedding_model == video.embedding_model)
        .values(embedding_model=model, num_clips=len(rows))
    )
    if (await connection.execute(statement)).rowcount == 0:
        return False
    await connection.execute(clips.delete().where(clips.c.video_id == video.video_id))
    await _insert_clips(connection, video.video_id, rows)
    await touch_task(connection, video.task_id, clips_added=len(rows) - video.num_clips)
    return True


async def _insert_clips(connection: AsyncConnection, video_id: int, rows: Sequence[ClipRow]) -> None:
    if not rows:
        return
    await connection.execute(
        clips.insert(),
        [
            {
                "video_id": video_id,
                "clip_idx": row.clip_idx,
                "start_sec": row.start_sec,
                "end_sec": row.end_sec,
                "mean_luma": row.mean_luma,
                "sharpness": row.sharpness,
                "flags": ",".join(row.flags),
            }
            for row in rows
        ],
    )


async def delete_video(connection: AsyncConnection, video: Video) -> int:
    """Deletes a video with its clips and returns the clips that its task has left; -1 when it was gone already."""
    deleted = await connection.execute(videos.delete().where(videos.c.video_id == video.video_id))
    if deleted.rowcount == 0:
        return -1
    await connection.execute(clips.delete().where(clips.c.video_id == video.video_id))
    return await touch_task(connection, video.task_id, clips_added=-video.num_clips)


async def touch_task(connection: AsyncConnection, task_id: str, *, clips_added: int = 0) -> int:
    """Marks that a task's videos changed and returns the clips it has now."""
    insert = _insert(connection)(tasks).values(task_id=task_id, generation=1, clips=clips_added)
    statement = insert.on_conflict_do_update(
        index_elements=["task_id"],
        set_={"generation": tasks.c.generation + 1, "clips": tasks.c.clips + clips_added},
    ).returning(tasks.c.clips)
    return int((await connection.execute(statement)).scalar_one())


def _insert(connection: AsyncConnection) -> Any:
    return postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert


def _video(row: Any) -> Video:
    return Video(
        video_id=row.video_id,
        job_id=row.job_id,
        task_id=row.task_id,
        role=VideoRole(row.role),
        site_id=row.site_id,
        camera_id=row.camera_id,
        operator_id_hash=row.operator_id_hash,
        filename=row.filename,
        file_key=row.file_key,
        file_size=row.file_size,
        file_sha256=row.file_sha256,
        num_clips=row.num_clips,
        source_fps=row.source_fps,
        sampled_fps=row.sampled_fps,
        duration_sec=row.duration_sec,
        width=row.width,
        height=row.height,
        embedding_model=row.embedding_model,
        requested_by=row.requested_by,
        created_at=row.created_at,
        privacy_mask=row.privacy_mask,
        privacy_mode=row.privacy_mode,
    )


def _clip(row: Any) -> ClipRow:
    flags = tuple(row.flags.split(",")) if row.flags else ()
    return ClipRow(row.clip_idx, row.start_sec, row.end_sec, row.mean_luma, row.sharpness, flags)
