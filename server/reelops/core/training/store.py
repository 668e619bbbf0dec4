"""Index versions: which adapter applies to the embeddings of which model, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.core.library.store import videos
from reelops.infra.database import Database, UtcDateTime, metadata

FIRST_NUMBER = 1
"""The version that is in use before any training: embeddings as the model gives them. It has no row."""

# Any number that nothing else of ours locks.
_POSTGRES_LOCK = 0x696E64657876

index_versions = sa.Table(
    "index_versions",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("embedding_model", sa.String(255), nullable=False),
    # The training that made it, and its file; absent where embeddings are compared as they are.
    sa.Column("adapter_version", sa.String(128)),
    sa.Column("adapter_key", sa.String(255)),
    # At most one per model.
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("videos_used", sa.Integer, nullable=False),
    sa.Column("clips_used", sa.Integer, nullable=False),
    # Videos that came later are new to the next training.
    sa.Column("learnt_until", UtcDateTime, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index("ix_index_versions_embedding_model_number", "embedding_model", "number"),
)

_ACTIVE = (
    sa.select(index_versions)
    .where(index_versions.c.embedding_model == sa.bindparam("model"), index_versions.c.active)
    .order_by(index_versions.c.number.desc())
    .limit(1)
)
_NEWEST_MODEL = sa.select(videos.c.embedding_model).order_by(videos.c.video_id.desc())


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexVersion:
    """One state of the search index: how the embeddings of a model become the ones that are compared."""

    number: int
    embedding_model: str
    adapter_version: str | None
    adapter_key: str | None
    videos_used: int
    clips_used: int
    learnt_until: datetime
    created_at: datetime

    @property
    def label(self) -> str:
        """Its name for people: `v2`."""
        return label_of(self.number)


@dataclass(frozen=True, slots=True)
class Source:
    """A video to learn from."""

    video_id: int
    task_id: str
    num_clips: int


def label_of(number: int) -> str:
    """Returns the name of a version: `v2`."""
    return f"v{number}"


async def active_version(db: Database, embedding_model: str) -> IndexVersion | None:
    """Returns the version in use for a model, or None before any training."""
    row = await db.fetch_one(_ACTIVE, {"model": embedding_model})
    return None if row is None else _version(row)


async def is_used(db: Database, adapter_version: str) -> bool:
    """Says whether a version has this adapter."""
    statement = sa.select(index_versions.c.number).where(index_versions.c.adapter_version == adapter_version)
    return await db.fetch_one(statement) is not None


async def used_adapters(db: Database) -> list[str]:
    """Lists the adapters in use, one for each model at most."""
    statement = sa.select(index_versions.c.adapter_version).where(index_versions.c.active)
    return [row.adapter_version for row in await db.fetch_all(statement) if row.adapter_version is not None]


async def present_model(db: Database) -> str | None:
    """Returns the model that embedded the newest video, or None where there is no video."""
    row = await db.fetch_one(_NEWEST_MODEL.limit(1))
    return None if row is None else str(row.embedding_model)


async def count_new(db: Database, embedding_model: str, *, since: datetime | None) -> int:
    """Counts videos of a model that came after a moment, or all."""
    statement = sa.select(sa.func.count().label("total")).where(videos.c.embedding_model == embedding_model)
    if since is not None:
        statement = statement.where(videos.c.created_at > since)
    row = await db.fetch_one(statement)
    return int(row.total) if row is not None else 0


async def list_sources(db: Database, embedding_model: str) -> list[Source]:
    """Lists the videos of a model in the order of their ids."""
    columns = (videos.c.video_id, videos.c.task_id, videos.c.num_clips)
    statement = sa.select(*columns).where(videos.c.embedding_model == embedding_model).order_by(videos.c.video_id)
    return [Source(row.video_id, row.task_id, row.num_clips) for row in await db.fetch_all(statement)]


async def swap(
    connection: AsyncConnection,
    *,
    embedding_model: str,
    adapter_version: str,
    adapter_key: str,
    videos_used: int,
    clips_used: int,
    learnt_until: datetime,
    at: datetime,
) -> IndexVersion:
    """Puts a new version into the place of the one in use, in the caller's transaction."""
    if connection.dialect.name == "postgresql":
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_POSTGRES_LOCK)))
    newest = (await connection.execute(sa.select(sa.func.max(index_versions.c.number)))).scalar()
    version = IndexVersion(
        number=(newest or FIRST_NUMBER) + 1,
        embedding_model=embedding_model,
        adapter_version=adapter_version,
        adapter_key=adapter_key,
        videos_used=videos_used,
        clips_used=clips_used,
        learnt_until=learnt_until,
        created_at=at,
    )
    same_model = index_versions.c.embedding_model == embedding_model
    await connection.execute(index_versions.update().where(same_model, index_versions.c.active).values(active=False))
    values = {column.name: getattr(version, column.name) for column in index_versions.c if column.name != "active"}
    await connection.execute(index_versions.insert().values(active=True, **values))
    return version


def _version(row: Any) -> IndexVersion:
    return IndexVersion(
        number=row.number,
        embedding_model=row.embedding_model,
        adapter_version=row.adapter_version,
        adapter_key=row.adapter_key,
        videos_used=row.videos_used,
        clips_used=row.clips_used,
        learnt_until=row.learnt_until,
        created_at=row.created_at,
    )
