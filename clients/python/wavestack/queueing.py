"""The queue: what an organisation is going to publish, and when."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Iterable
from datetime import datetime
from typing import cast

from .calls import Call, Caller, moment, segment
from .models import CreatedQueueItem, Failure, Platform, QueueItem, QueueStatus
from .paging import PAGE_SIZE, Page, every
from .reading import Fields


class AsyncQueue:
    """Queue items of the organisation."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def create(
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
        key = str(uuid.uuid4()) if idempotency_key is None else idempotency_key
        body = {
            "projectId": project_id,
            "assetId": asset_id,
            "title": title,
            "caption": caption,
            "hashtags": None if hashtags is None else list(hashtags),
            "platforms": list(platforms),
            "scheduleAt": moment(schedule_at),
            "idempotencyKey": key,
        }
        fields = await self._caller.call(Call("core", "POST", "/api/queue", body=body, repeatable=True))
        return CreatedQueueItem(
            fields.text("id"), cast(QueueStatus, fields.text("status")), fields.moment("createdAt"), key
        )

    async def get(self, item_id: str) -> QueueItem:
        return to_item(await self._caller.call(Call("core", "GET", f"/api/queue/{segment(item_id)}", repeatable=True)))

    async def list(
        self,
        *,
        status: QueueStatus | None = None,
        project_id: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> Page[QueueItem]:
        """Returns a page of items, newest first, of `limit` items (1 to 100; 20 where absent)."""
        query = {"status": status, "projectId": project_id, "limit": limit, "offset": offset}
        return Page.read(
            await self._caller.call(Call("core", "GET", "/api/queue", query=query, repeatable=True)), to_item
        )

    def iterate(
        self, *, status: QueueStatus | None = None, project_id: str | None = None, page_size: int = PAGE_SIZE
    ) -> AsyncGenerator[QueueItem, None]:
        """Yields every item once, newest first, page after page; items may be deleted meanwhile."""
        return every(lambda offset: self.list(status=status, project_id=project_id, limit=page_size, offset=offset))

    async def delete(self, item_id: str) -> None:
        """Deletes an item, and so keeps it from being published. Raises `ConflictError` while it is being published."""
        await self._caller.call(
            Call("core", "DELETE", f"/api/queue/{segment(item_id)}", repeatable=True, gone_is_done=True)
        )


def to_item(fields: Fields) -> QueueItem:
    return QueueItem(
        id=fields.text("id"),
        org_id=fields.text("orgId"),
        project_id=fields.maybe("projectId", fields.text),
        asset_id=fields.maybe("assetId", fields.text),
        title=fields.text("title"),
        caption=fields.maybe("caption", fields.text),
        hashtags=fields.texts("hashtags"),
        platforms=cast(tuple[Platform, ...], fields.texts("platforms")),
        schedule_at=fields.maybe("scheduleAt", fields.moment),
        status=cast(QueueStatus, fields.text("status")),
        created_at=fields.moment("createdAt"),
        updated_at=fields.maybe("updatedAt", fields.moment) or fields.moment("createdAt"),
        error=to_failure(fields),
    )


def to_failure(fields: Fields) -> Failure | None:
    said = fields.maybe("error", fields.object)
    return Failure(code=said.text("code"), message=said.text("message")) if said else None
