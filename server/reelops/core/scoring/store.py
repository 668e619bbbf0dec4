"""Tables and queries of scoring. A score itself is the result of its job; this keeps what belongs to its report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.core.library.model import Video
from reelops.infra.database import Database, UtcDateTime, metadata

score_artifacts = sa.Table(
    "score_artifacts",
    metadata,
    sa.Column("score_job_id", sa.String(64), primary_key=True),
    sa.Column("gold_video_id", sa.Integer, nullable=False),
    sa.Column("trainee_video_id", sa.Integer, nullable=False),
    # What the report's plot needs: similarity preview and alignment path, as .npz.
    sa.Column("plot_key", sa.String(128), nullable=False),
    # The job that makes the report; another one takes its place when it failed.
    sa.Column("report_job_id", sa.String(64), nullable=False),
    # The report, once it is made.
    sa.Column("report_key", sa.String(128)),
    # The frames that show its faults, made with the report.
    sa.Column("frames_key", sa.String(128)),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index("ix_score_artifacts_gold_video_id", "gold_video_id"),
    sa.Index("ix_score_artifacts_trainee_video_id", "trainee_video_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifacts:
    """The files of one score."""

    score_job_id: str
    gold_video_id: int
    trainee_video_id: int
    plot_key: str
    report_job_id: str
    report_key: str | None
    frames_key: str | None
    created_at: datetime


_BY_ID = sa.select(score_artifacts).where(score_artifacts.c.score_job_id == sa.bindparam("score_job_id"))


def plot_key(score_job_id: str) -> str:
    """Returns where the figures of a score's plot are kept."""
    return f"scores/{score_job_id}.npz"


def report_key(score_job_id: str) -> str:
    """Returns where the report of a score is kept."""
    return f"reports/{score_job_id}.pdf"


def frames_key(score_job_id: str) -> str:
    """Returns where the frames of a score's faults are kept."""
    return f"reports/{score_job_id}.zip"


async def get_artifacts(db: Database, score_job_id: str) -> Artifacts | None:
    """Returns the files of a score, or None where it has none (any more)."""
    row = await db.fetch_one(_BY_ID, {"score_job_id": score_job_id})
    return Artifacts(**row._asdict()) if row is not None else None


async def insert_artifacts(connection: AsyncConnection, artifacts: Artifacts) -> None:
    """Adds the files of a score."""
    values = {column.name: getattr(artifacts, column.name) for column in score_artifacts.columns}
    await connection.execute(score_artifacts.insert().values(values))


async def replace_report_job(connection: AsyncConnection, artifacts: Artifacts, report_job_id: str) -> bool:
    """Puts another job in the place of one that failed; False where somebody else was faster."""
    statement = (
        score_artifacts.update()
        .where(
            score_artifacts.c.score_job_id == artifacts.score_job_id,
            score_artifacts.c.report_job_id == artifacts.report_job_id,
        )
        .values(report_job_id=report_job_id)
    )
    return (await connection.execute(statement)).rowcount == 1


async def set_report(connection: AsyncConnection, score_job_id: str, *, report: str, frames: str) -> bool:
    """Records that report and frames are made; False where the score's videos were deleted meanwhile."""
    statement = (
        score_artifacts.update()
        .where(score_artifacts.c.score_job_id == score_job_id)
        .values(report_key=report, frames_key=frames)
    )
    return (await connection.execute(statement)).rowcount == 1


async def detach_artifacts(connection: AsyncConnection, video: Video) -> list[str]:
    """Removes the file records of every score that a video took part in and returns the files' keys."""
    part = sa.or_(
        score_artifacts.c.gold_video_id == video.video_id, score_artifacts.c.trainee_video_id == video.video_id
    )
    rows = (await connection.execute(sa.select(score_artifacts).where(part))).all()
    await connection.execute(score_artifacts.delete().where(part))
    return [key for row in rows for key in (row.plot_key, row.report_key, row.frames_key) if key]
