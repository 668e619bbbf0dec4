"""Tables and queries of the steps of gold videos: those that operators set, and those that were found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.core.library.model import Video
from reelops.core.library.store import videos
from reelops.core.scoring.looks import FoundSteps
from reelops.core.scoring.steps.model import Step
from reelops.infra.database import Database, UtcDateTime, metadata

# One row per gold video that ever had steps set. `steps` is null after a reset: the row stays, so that `version` never
# returns to a number that an editor may still hold.
gold_steps = sa.Table(
    "gold_steps",
    metadata,
    sa.Column(
        "video_id",
        sa.Integer,
        sa.ForeignKey("videos.video_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("steps", sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")),
    sa.Column("changed_by", sa.String(255), nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
)

# What was found in a gold video. A row holds for one embedding of it and one way to find steps.
found_steps = sa.Table(
    "found_steps",
    metadata,
    sa.Column(
        "video_id",
        sa.Integer,
        sa.ForeignKey("videos.video_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("embedding_model", sa.String(255), nullable=False),
    sa.Column("algorithm", sa.String(32), nullable=False),
    # In seconds: where each step begins, and where the last ends.
    sa.Column("boundaries", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column("phased", sa.Boolean, nullable=False),
)

_BY_ID = sa.select(gold_steps).where(gold_steps.c.video_id == sa.bindparam("video_id"))
_FOUND = sa.select(found_steps).where(
    *(found_steps.c[name] == sa.bindparam(name) for name in ("video_id", "embedding_model", "algorithm"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSteps:
    """What is kept of a gold video's steps; `steps` is None where nobody set any, or they were reset."""

    version: int = 0
    steps: tuple[Step, ...] | None = None
    changed_by: str | None = None
    changed_at: datetime | None = None


async def get_steps(db: Database, video_id: int) -> StoredSteps:
    """Returns what was set for a video."""
    return _stored(await db.fetch_one(_BY_ID, {"video_id": video_id}))


async def lock_steps(connection: AsyncConnection, video_id: int) -> StoredSteps | None:
    """Returns what was set for a video and keeps others from changing it until the transaction ends.

    None where there is no such video (any more).
    """
    # The video's row is locked, as the steps may have none yet.
    lock = sa.select(videos.c.video_id).where(videos.c.video_id == video_id).with_for_update()
    if (await connection.execute(lock)).first() is None:
        return None
    return _stored((await connection.execute(_BY_ID, {"video_id": video_id})).first())


async def put_steps(
    connection: AsyncConnection, video_id: int, *, version: int, steps: Sequence[Step] | None, by: str, at: datetime
) -> None:
    """Replaces what was set for a video. The caller holds the lock."""
    values: dict[str, Any] = {
        "version": version,
        "steps": None if steps is None else [step.to_dict() for step in steps],
        "changed_by": by,
        "changed_at": at,
    }
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(gold_steps).values(video_id=video_id, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["video_id"], set_=values))


async def get_found(db: Database, video: Video, *, algorithm: str) -> FoundSteps | None:
    """Returns what was found in the present embedding of a video by `algorithm`, if it was."""
    found = {"video_id": video.video_id, "embedding_model": video.embedding_model, "algorithm": algorithm}
    row = await db.fetch_one(_FOUND, found)
    return None if row is None else FoundSteps(tuple(map(float, row.boundaries)), bool(row.phased))


async def put_found(connection: AsyncConnection, video: Video, found: FoundSteps, *, algorithm: str) -> None:
    """Keeps what was found, unless the video was deleted or embedded again meanwhile."""
    present = sa.select(videos.c.video_id).where(
        videos.c.video_id == video.video_id, videos.c.embedding_model == video.embedding_model
    )
    if (await connection.execute(present.with_for_update())).first() is None:
        return
    values: dict[str, Any] = {
        "embedding_model": video.embedding_model,
        "algorithm": algorithm,
        "boundaries": list(found.boundaries_sec),
        "phased": found.phased,
    }
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(found_steps).values(video_id=video.video_id, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["video_id"], set_=values))


async def detach_steps(connection: AsyncConnection, video: Video) -> list[str]:
    """Removes the steps of a video that is deleted; there are no files of theirs."""
    for table in (gold_steps, found_steps):
        await connection.execute(table.delete().where(table.c.video_id == video.video_id))
    return []


def _stored(row: Any) -> StoredSteps:
    if row is None:
        return StoredSteps()
    steps = None if row.steps is None else tuple(Step.from_dict(plain) for plain in row.steps)
    return StoredSteps(version=row.version, steps=steps, changed_by=row.changed_by, changed_at=row.changed_at)
