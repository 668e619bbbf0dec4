"""Tables and queries of accepted takes, and of what references say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.core.library.model import Video, VideoRole
from reelops.core.library.store import videos
from reelops.core.scoring.norms import MOST_REFERENCES, ReferenceReading
from reelops.infra.database import Database, UtcDateTime, metadata

# Takes that an operator vouches for, beside the gold videos.
accepted_takes = sa.Table(
    "accepted_takes",
    metadata,
    sa.Column(
        "video_id",
        sa.Integer,
        sa.ForeignKey("videos.video_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("task_id", sa.String(255), nullable=False),
    sa.Column("accepted_by", sa.String(255), nullable=False),
    sa.Column("accepted_at", UtcDateTime, nullable=False),
    sa.Index("ix_accepted_takes_task_id", "task_id"),
)

# How a reference reads against a gold video. A row holds for one fingerprint: of embedding, steps and method.
reference_readings = sa.Table(
    "reference_readings",
    metadata,
    sa.Column("gold_video_id", sa.Integer, sa.ForeignKey("videos.video_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("video_id", sa.Integer, sa.ForeignKey("videos.video_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("fingerprint", sa.String(32), nullable=False),
    sa.Column("reading", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Index("ix_reference_readings_video_id", "video_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedTake:
    """A take that an operator vouches for."""

    video_id: int
    task_id: str
    accepted_by: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Vouched:
    """A reference of a task: a gold video or an accepted take, and since when."""

    video_id: int
    role: VideoRole
    since: datetime


_OF_TASK = (
    sa.select(accepted_takes)
    .where(accepted_takes.c.task_id == sa.bindparam("task_id"))
    .order_by(accepted_takes.c.accepted_at.desc(), accepted_takes.c.video_id.desc())
    .limit(sa.bindparam("limit"))
)


async def list_accepted(db: Database, task_id: str, *, limit: int) -> list[AcceptedTake]:
    """Lists the accepted takes of a task, the newest acceptance first."""
    rows = await db.fetch_all(_OF_TASK, {"task_id": task_id, "limit": limit})
    return [AcceptedTake(**row._asdict()) for row in rows]


async def get_accepted(connection: AsyncConnection, video_id: int) -> AcceptedTake | None:
    """Returns the acceptance of a video, if it is accepted."""
    row = (await connection.execute(accepted_takes.select().where(accepted_takes.c.video_id == video_id))).first()
    return None if row is None else AcceptedTake(**row._asdict())


async def insert_accepted(connection: AsyncConnection, take: AcceptedTake) -> bool:
    """Accepts a take; False where it was accepted already."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {column.name: getattr(take, column.name) for column in accepted_takes.columns}
    statement = insert(accepted_takes).values(values).on_conflict_do_nothing().returning(accepted_takes.c.video_id)
    return (await connection.execute(statement)).first() is not None


async def delete_accepted(connection: AsyncConnection, video_id: int) -> bool:
    """Takes an acceptance back; False where there was none."""
    gone = await connection.execute(accepted_takes.delete().where(accepted_takes.c.video_id == video_id))
    return gone.rowcount == 1


async def list_vouched(db: Database, *, gold: Video, but: int) -> list[Vouched]:
    """Lists the newest references of a gold video's task that the same model embedded: neither itself nor `but`."""
    usable = sa.and_(
        videos.c.task_id == gold.task_id,
        videos.c.embedding_model == gold.embedding_model,
        videos.c.video_id.not_in([gold.video_id, but]),
    )
    golds = (
        sa.select(videos.c.video_id, videos.c.created_at.label("since"), sa.literal(VideoRole.gold.value).label("role"))
        .where(usable, videos.c.role == VideoRole.gold.value)
        .order_by(videos.c.created_at.desc(), videos.c.video_id.desc())
    )
    accepted = (
        sa.select(
            accepted_takes.c.video_id,
            accepted_takes.c.accepted_at.label("since"),
            sa.literal(VideoRole.trainee.value).label("role"),
        )
        .join(videos, videos.c.video_id == accepted_takes.c.video_id)
        .where(usable, videos.c.role != VideoRole.gold.value)
        .order_by(accepted_takes.c.accepted_at.desc(), accepted_takes.c.video_id.desc())
    )
    rows = [row for part in (golds, accepted) for row in await db.fetch_all(part.limit(MOST_REFERENCES))]
    found = [Vouched(row.video_id, VideoRole(row.role), row.since) for row in rows]
    return sorted(found, key=lambda one: (one.since, one.video_id), reverse=True)[:MOST_REFERENCES]


async def get_readings(db: Database, gold_video_id: int, *, fingerprint: str) -> dict[int, ReferenceReading]:
    """Returns what references say of a gold video, by their numbers, as far as it still holds."""
    statement = reference_readings.select().where(
        reference_readings.c.gold_video_id == gold_video_id, reference_readings.c.fingerprint == fingerprint
    )
    return {row.video_id: ReferenceReading.from_dict(row.reading) for row in await db.fetch_all(statement)}


async def put_readings(
    connection: AsyncConnection, gold_video_id: int, said: Mapping[int, ReferenceReading], *, fingerprint: str
) -> None:
    """Keeps what references say, but for videos that were deleted meanwhile."""
    wanted = sorted({gold_video_id, *said})
    present = sa.select(videos.c.video_id).where(videos.c.video_id.in_(wanted)).order_by(videos.c.video_id)
    there = {row.video_id for row in await connection.execute(present.with_for_update())}
    if gold_video_id not in there:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    for video_id, reading in said.items():
        if video_id not in there:
            continue
        values: dict[str, Any] = {"fingerprint": fingerprint, "reading": reading.to_dict()}
        statement = insert(reference_readings).values(gold_video_id=gold_video_id, video_id=video_id, **values)
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["gold_video_id", "video_id"], set_=values)
        )


async def detach_references(connection: AsyncConnection, video: Video) -> list[str]:
    """Removes the acceptance of a video that is deleted, and what it says of others and they of it."""
    await delete_accepted(connection, video.video_id)
    part = sa.or_(reference_readings.c.gold_video_id == video.video_id, reference_readings.c.video_id == video.video_id)
    await connection.execute(reference_readings.delete().where(part))
    return []
