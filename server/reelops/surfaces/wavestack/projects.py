"""ProjectService: what gathers queue items."""

from __future__ import annotations

from reelops.api.wavestack.v1 import project_service_pb2 as pb
from reelops.api.wavestack.v1 import project_service_pb2_grpc
from reelops.core.publishing.projects.service import Projects
from reelops.surfaces.context import Context
from reelops.surfaces.wavestack import convert
from reelops.surfaces.wavestack.clients import client

_LIMIT = 20


class ProjectServicer(project_service_pb2_grpc.ProjectServiceServicer):
    """Creates and lists projects."""

    def __init__(self, *, projects: Projects) -> None:
        self._projects = projects

    async def ListProjects(self, request: pb.ListProjectsRequest, context: Context) -> pb.ListProjectsResponse:
        page = await self._projects.list(org_id=client().org_id, limit=request.limit or _LIMIT, offset=request.offset)
        items = [convert.project(project) for project in page.items]
        return pb.ListProjectsResponse(items=items, total=page.total, limit=page.limit, offset=page.offset)

    async def CreateProject(self, request: pb.CreateProjectRequest, context: Context) -> pb.CreateProjectResponse:
        who = client()
        project = await self._projects.create(
            name=request.name,
            description=request.description if request.HasField("description") else None,
            org_id=who.org_id,
            by=who.name,
        )
        return pb.CreateProjectResponse(project=convert.project(project))
