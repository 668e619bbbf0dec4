"""Projects and assets of an organisation."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import cast

from .calls import Call, Caller, segment
from .models import Asset, AssetStatus, AssetType, Project
from .paging import PAGE_SIZE, Page, every
from .reading import Fields


class AsyncProjects:
    """Projects, in which queue items are gathered."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def create(self, *, name: str, description: str | None = None) -> Project:
        """Creates a project. Two may have the same name, so a call whose answer is lost is not repeated."""
        body = {"name": name, "description": description}
        return to_project(await self._caller.call(Call("core", "POST", "/api/projects", body=body)))

    async def list(self, *, limit: int | None = None, offset: int | None = None) -> Page[Project]:
        """Returns a page of projects, newest first, of `limit` projects (1 to 100; 20 where absent)."""
        query = {"limit": limit, "offset": offset}
        return Page.read(
            await self._caller.call(Call("core", "GET", "/api/projects", query=query, repeatable=True)), to_project
        )

    def iterate(self, *, page_size: int = PAGE_SIZE) -> AsyncGenerator[Project, None]:
        """Yields every project once, newest first, page after page."""
        return every(lambda offset: self.list(limit=page_size, offset=offset))


class AsyncAssets:
    """Assets: what was uploaded, cut and drawn."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def get(self, asset_id: str) -> Asset:
        return to_asset(
            await self._caller.call(Call("core", "GET", f"/api/assets/{segment(asset_id)}", repeatable=True))
        )

    async def list(
        self,
        *,
        type: AssetType | None = None,
        status: AssetStatus | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> Page[Asset]:
        """Returns a page of assets, newest first, of `limit` assets (1 to 100; 20 where absent)."""
        query = {"type": type, "status": status, "limit": limit, "offset": offset}
        return Page.read(
            await self._caller.call(Call("core", "GET", "/api/assets", query=query, repeatable=True)), to_asset
        )

    def iterate(
        self, *, type: AssetType | None = None, status: AssetStatus | None = None, page_size: int = PAGE_SIZE
    ) -> AsyncGenerator[Asset, None]:
        """Yields every asset once, newest first, page after page."""
        return every(lambda offset: self.list(type=type, status=status, limit=page_size, offset=offset))


def to_project(fields: Fields) -> Project:
    return Project(
        id=fields.text("id"),
        org_id=fields.text("orgId"),
        name=fields.text("name"),
        description=fields.maybe("description", fields.text),
        created_at=fields.moment("createdAt"),
    )


def to_asset(fields: Fields) -> Asset:
    return Asset(
        id=fields.text("id"),
        org_id=fields.text("orgId"),
        type=cast(AssetType, fields.text("type")),
        status=cast(AssetStatus, fields.text("status")),
        name=fields.text("name"),
        content_type=fields.maybe("contentType", fields.text),
        size_bytes=fields.maybe("sizeBytes", fields.whole),
        duration_sec=fields.maybe("durationSec", fields.number),
        width=fields.maybe("width", fields.whole),
        height=fields.maybe("height", fields.whole),
        job_id=fields.maybe("jobId", fields.text),
        source_asset_id=fields.maybe("sourceAssetId", fields.text),
        error=fields.maybe("error", fields.text),
        created_at=fields.moment("createdAt"),
        updated_at=fields.moment("updatedAt"),
        expires_at=fields.maybe("expiresAt", fields.moment),
    )
