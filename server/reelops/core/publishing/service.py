"""What callers do with queue items: create, look, list, delete."""

from __future__ import annotations

from reelops import errors
from reelops.core.audit.model import AuditEvent
from reelops.core.audit.service import Audit
from reelops.core.publishing import store
from reelops.core.publishing.model import ItemState, NewItem, QueueItem, new_item_id
from reelops.infra.database import Database, utc_now
from reelops.infra.database.paging import Page
from reelops.infra.jobs import JobQueue, NewJob, new_job_id

KIND = "publishing.publish"
QUEUE = "publishing"


class Publishing:
    """What every organisation is going to publish."""

    def __init__(self, *, db: Database, queue: JobQueue, audit: Audit) -> None:
        self._db = db
        self._queue = queue
        self._audit = audit

    async def create(self, new: NewItem, *, org_id: str, by: str) -> QueueItem:
        """Queues an item; the same key with the same content gives the item that is there.

        The key of an item that was deleted may be used again: it then makes a new item. Raises `Invalid`, and
        `Conflict("IDEMPOTENCY_CONFLICT")` where the key was used with other content.
        """
        new = new.checked()
        present = await store.get_item_by_key(self._db, org_id, new.idempotency_key)
        while present is None:
            item = _item(new, org_id)
            if await self._insert(item, by=by):
                return item
            # None once more where the item that held the key was deleted between the two looks.
            present = await store.get_item_by_key(self._db, org_id, new.idempotency_key)
        if present.content_hash != new.content_hash:
            raise errors.Conflict(
                "IDEMPOTENCY_CONFLICT",
                "this idempotencyKey was used with other content before",
                field="idempotency_key",
                constraint="unique",
            )
        return present

    async def get(self, item_id: str, *, org_id: str) -> QueueItem:
        """Returns an item of an organisation.

        Raises `NotFound("QUEUE_ITEM_NOT_FOUND")`, the same for one that never was and one of somebody else.
        """
        item = await store.get_item(self._db, item_id, org_id)
        if item is None:
            raise _unknown(item_id)
        return item

    async def list(
        self,
        *,
        org_id: str,
        state: ItemState | None = None,
        project_id: str | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> Page[QueueItem]:
        """Lists the items of an organisation, newest first."""
        return await store.list_items(self._db, org_id, state=state, project_id=project_id, limit=limit, offset=offset)

    async def delete(self, item_id: str, *, org_id: str, by: str) -> QueueItem:
        """Deletes an item, and with it its timer, so that it is never published.

        Raises `NotFound("QUEUE_ITEM_NOT_FOUND")`, `Conflict("QUEUE_ITEM_PROCESSING")` while it is being published.
        """
        async with self._db.write() as connection:
            item = await store.lock_item(connection, item_id, org_id)
            if item is None:
                raise _unknown(item_id)
            if item.state is ItemState.processing:
                raise errors.Conflict("QUEUE_ITEM_PROCESSING", f"the queue item {item_id} is being published")
            if item.state is ItemState.queued:
                await self._queue.cancel_within(connection, item.job_id, by=by)
            await store.delete_item(connection, item)
            await self._audit.append(connection, _event(item, "delete", by=by))
        return item

    async def _insert(self, item: QueueItem, *, by: str) -> bool:
        """Adds an item with its timer, or nothing and returns False where its key is taken."""
        async with self._db.write() as connection:
            if not await store.insert_item(connection, item):
                return False
            await self._queue.enqueue(
                connection,
                NewJob(
                    job_id=item.job_id,
                    kind=KIND,
                    queue=QUEUE,
                    payload={"item_id": item.item_id},
                    requested_by=by,
                    org_id=item.org_id,
                    not_before=item.schedule_at,
                ),
            )
            await store.count_item(connection, item)
            await self._audit.append(connection, _event(item, "create", by=by))
        return True


def _item(new: NewItem, org_id: str) -> QueueItem:
    now = utc_now()
    return QueueItem(
        item_id=new_item_id(),
        org_id=org_id,
        project_id=new.project_id,
        asset_id=new.asset_id,
        title=new.title,
        caption=new.caption,
        hashtags=tuple(new.hashtags),
        platforms=tuple(new.platforms),
        schedule_at=new.schedule_at,
        state=ItemState.queued,
        idempotency_key=new.idempotency_key,
        content_hash=new.content_hash,
        job_id=new_job_id(),
        created_at=now,
        updated_at=now,
    )


def _event(item: QueueItem, job_type: str, *, by: str) -> AuditEvent:
    return AuditEvent(
        job_type=job_type,
        requested_by=by,
        subject=f"queue_item:{item.item_id}",
        facts={"org_id": item.org_id, "title": item.title, "state": item.state.value},
    )


def _unknown(item_id: str) -> errors.NotFound:
    return errors.NotFound("QUEUE_ITEM_NOT_FOUND", f"there is no queue item {item_id}")
