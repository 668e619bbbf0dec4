"""Table and queries of projects."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.core.publishing.projects.model import Project
from reelops.infra.database import Database, UtcDateTime, metadata, serial, tallies
from reelops.infra.database.paging import Page

LIST = "projects"
_STATE = "open"

projects = sa.Table(
    "projects",
    metadata,
    # Newest first is by this number: moments can be equal.
    sa.Column("number", serial(), primary_key=True, autoincrement=True),
    sa.Column("project_id", sa.String(64), nullable=False, unique=True),
    sa.Column("org_id", sa.String(255), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index("ix_projects_org_id_number", "org_id", "number"),
)

_ALL = sa.select(*(column for column in projects.columns if column.name != "number"))
_OF_ORG = _ALL.where(projects.c.org_id == sa.bindparam("org_id"))
_BY_ID = _OF_ORG.where(projects.c.project_id == sa.bindparam("project_id"))
_PAGE = _OF_ORG.order_by(projects.c.number.desc()).limit(sa.bindparam("limit")).offset(sa.bindparam("offset"))


async def get_project(db: Database, project_id: str, org_id: str) -> Project | None:
    """Returns a project of an organisation, or None."""
    row = await db.fetch_one(_BY_ID, {"project_id": project_id, "org_id": org_id})
    return Project(**row._asdict()) if row is not None else None


async def list_projects(db: Database, org_id: str, *, limit: int, offset: int) -> Page[Project]:
    """Lists projects of an organisation, newest first."""
    rows = await db.fetch_all(_PAGE, {"org_id": org_id, "limit": limit, "offset": offset})
    total = await tallies.total(db, LIST, org_id)
    return Page([Project(**row._asdict()) for row in rows], total, limit, offset)


async def insert_project(connection: AsyncConnection, project: Project) -> None:
    """Adds a project."""
    values = {column.name: getattr(project, column.name) for column in _ALL.selected_columns}
    await connection.execute(projects.insert().values(values))
    await tallies.move(connection, LIST, project.org_id, (), before=None, after=_STATE)
