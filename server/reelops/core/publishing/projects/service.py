"""What callers do with projects: create and list."""

from __future__ import annotations

from reelops import errors
from reelops.core.audit.model import AuditEvent
from reelops.core.audit.service import Audit
from reelops.core.publishing.projects import store
from reelops.core.publishing.projects.model import Project, new_project_id
from reelops.infra.database import Database, utc_now
from reelops.infra.database.paging import Page


class Projects:
    """The projects of every organisation."""

    def __init__(self, *, db: Database, audit: Audit) -> None:
        self._db = db
        self._audit = audit

    async def create(self, *, name: str, description: str | None, org_id: str, by: str) -> Project:
        """Creates a project. Raises `Invalid` for a name that is blank."""
        if not name.strip():
            raise errors.Invalid("FIELD_INVALID", "name is required", field="name", constraint="required")
        project = Project(
            project_id=new_project_id(), org_id=org_id, name=name, description=description, created_at=utc_now()
        )
        async with self._db.write() as connection:
            await store.insert_project(connection, project)
            event = AuditEvent(
                job_type="create",
                requested_by=by,
                subject=f"project:{project.project_id}",
                facts={"org_id": org_id, "name": name},
            )
            await self._audit.append(connection, event)
        return project

    async def list(self, *, org_id: str, limit: int = 20, offset: int = 0) -> Page[Project]:
        """Lists the projects of an organisation, newest first."""
        return await store.list_projects(self._db, org_id, limit=limit, offset=offset)
