"""The queue, projects and assets, without `await`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from .calls import Caller
from .library import AsyncAssets, AsyncProjects
from .models import Asset, AssetStatus, AssetType, CreatedQueueItem, Platform, Project, QueueItem, QueueStatus
from .paging import PAGE_SIZE, Page
from .queueing import AsyncQueue
from .transport import drive, iterate


class Queue:
    """Queue items of the organisation; see `AsyncQueue`."""

    def __init__(self, caller: Caller) -> None:
        self._queue = AsyncQueue(caller)

    def create(
        self,
        *,
        title: str,
        platforms: Iterable[Platform],
        project_id: str | None = None,
        asset_id: str | None = None,
        caption: str | None = None,
        hashtags: Iterable[str] | None = None,
        schedule_at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> CreatedQueueItem:
        """Creates an item; the same `idempotency_key` with the same content gives the one that is there.

        Without a key the call makes one, so that it may be repeated when its answer is lost. Raises `ValidationError`,
        and `ConflictError` where the key was used with other content.
        """
        return drive(
            self._queue.create(
                title=title,
                platforms=platforms,
                project_id=project_id,
                asset_id=asset_id,
                caption=caption,
                hashtags=hashtags,
                schedule_at=schedule_at,
                idempotency_key=idempotency_key,
            )
        )

    def get(self, item_id: str) -> QueueItem:
        return drive(self._queue.get(item_id))

    def list(
        self,
        *,
        status: QueueStatus | None = None,
        project_id: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> Page[QueueItem]:
        """Returns a page of items, newest first, of `limit` items (1 to 100; 20 where absent)."""
        return drive(self._queue.list(status=status, project_id=project_id, limit=limit, offset=offset))

    def iterate(
        self, *, status: QueueStatus | None = None, project_id: str | None = None, page_size: int = PAGE_SIZE
    ) -> Iterator[QueueItem]:
        """Yields every item once, newest first, page after page; items may be deleted meanwhile."""
        return iterate(self._queue.iterate(status=status, project_id=project_id, page_size=page_size))

    def delete(self, item_id: str) -> None:
        """Deletes an item, and so keeps it from being published. Raises `ConflictError` while it is being published."""
        drive(self._queue.delete(item_id))


class Projects:
    """Projects, in which queue items are gathered; see `AsyncProjects`."""

    def __init__(self, caller: Caller) -> None:
        self._projects = AsyncProjects(caller)

    def create(self, *, name: str, description: str | None = None) -> Project:
        """Creates a project. Two may have the same name, so a call whose answer is lost is not repeated."""
        return drive(self._projects.create(name=name, description=description))

    def list(self, *, limit: int | None = None, offset: int | None = None) -> Page[Project]:
        """Returns a page of projects, newest first, of `limit` projects (1 to 100; 20 where absent)."""
        return drive(self._projects.list(limit=limit, offset=offset))

    def iterate(self, *, page_size: int = PAGE_SIZE) -> Iterator[Project]:
        """Yields every project once, newest first, page after page."""
        return iterate(self._projects.iterate(page_size=page_size))


class Assets:
    """Assets: what was uploaded, cut and drawn; see `AsyncAssets`."""

    def __init__(self, caller: Caller) -> None:
        self._assets = AsyncAssets(caller)

    def get(self, asset_id: str) -> Asset:
        return drive(self._assets.get(asset_id))

    def list(
        self,
        *,
        type: AssetType | None = None,
        status: AssetStatus | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> Page[Asset]:
        """Returns a page of assets, newest first, of `limit` assets (1 to 100; 20 where absent)."""
        return drive(self._assets.list(type=type, status=status, limit=limit, offset=offset))

    def iterate(
        self, *, type: AssetType | None = None, status: AssetStatus | None = None, page_size: int = PAGE_SIZE
    ) -> Iterator[Asset]:
        """Yields every asset once, newest first, page after page."""
        return iterate(self._assets.iterate(type=type, status=status, page_size=page_size))
