"""What happens when a queue item is due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from reelops import errors
from reelops.core.audit.service import Audit
from reelops.core.library.assets.model import Asset, AssetState
from reelops.core.library.assets.store import get_asset
from reelops.core.publishing import store
from reelops.core.publishing.model import ItemState, Platform, QueueItem
from reelops.core.publishing.projects.store import get_project
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import Job, JobContext

# A timer may ring this much early: clocks are read to the millisecond.
_EARLY = timedelta(milliseconds=5)


class Publisher(Protocol):
    """Publishes on one platform. Idempotent by the item's id: a killed worker's item is published again."""

    async def publish(self, item: QueueItem, asset: Asset, /) -> None: ...


class PublishHandler:
    """Publishes an item that is due on each of its platforms, or fails it with the reason."""

    def __init__(self, *, db: Database, audit: Audit, publishers: Mapping[Platform, Publisher]) -> None:
        self._db = db
        self._audit = audit
        self._publishers = publishers

    async def __call__(self, ctx: JobContext) -> None:
        item = await self._begin(ctx.job)
        await ctx.report(0.0, "publishing")
        asset = await self._asset(item)
        await self._check_project(item)
        chosen = self._chosen(item)
        for number, publisher in enumerate(chosen):
            await ctx.report(number / len(chosen), f"publishing on {item.platforms[number].value}")
            await publisher.publish(item, asset)
        async with ctx.finish() as connection:
            present = await store.lock_item(connection, item.item_id)
            if present is not None:
                await store.set_state(connection, present, ItemState.published)
            ctx.result = {"item_id": item.item_id, "platforms": [platform.value for platform in item.platforms]}

    async def on_failure(self, job: Job) -> None:
        """Says of the item why its job failed or was cancelled. An item that was deleted is gone already."""
        item_id = str(job.payload["item_id"])
        async with self._db.write() as connection:
            item = await store.lock_item(connection, item_id)
            if item is None or item.job_id != job.job_id:
                return
            if not item.state.is_final:
                await store.set_state(
                    connection,
                    item,
                    ItemState.failed,
                    error_code=job.error_code or "INTERNAL",
                    error_message=job.error_message or "the item could not be published",
                )
        await self._audit.record_failure(job, "publish", subject=f"queue_item:{item_id}")

    async def _begin(self, job: Job) -> QueueItem:
        item_id = str(job.payload["item_id"])
        async with self._db.write() as connection:
            item = await store.lock_item(connection, item_id)
            if item is None or item.job_id != job.job_id:
                raise errors.Cancelled("QUEUE_ITEM_DELETED", f"the queue item {item_id} was deleted")
            _check_due(item)
            if item.state is ItemState.queued:
                await store.set_state(connection, item, ItemState.processing)
        return item

    async def _asset(self, item: QueueItem) -> Asset:
        if item.asset_id is None:
            raise errors.Invalid("ASSET_MISSING", "the item names no asset to publish")
        asset = await get_asset(self._db, item.asset_id, item.org_id)
        if asset is None:
            raise errors.NotFound("ASSET_NOT_FOUND", f"there is no asset {item.asset_id}")
        if asset.state is not AssetState.ready:
            raise errors.Conflict("ASSET_NOT_READY", f"the asset {asset.asset_id} is {asset.state.value}")
        return asset

    async def _check_project(self, item: QueueItem) -> None:
        if item.project_id is None:
            return
        if await get_project(self._db, item.project_id, item.org_id) is None:
            raise errors.NotFound("PROJECT_NOT_FOUND", f"there is no project {item.project_id}")

    def _chosen(self, item: QueueItem) -> list[Publisher]:
        missing = [platform.value for platform in item.platforms if platform not in self._publishers]
        if missing:
            raise errors.Invalid("PUBLISHER_MISSING", f"nothing here publishes on {', '.join(missing)}")
        return [self._publishers[platform] for platform in item.platforms]


def _check_due(item: QueueItem) -> None:
    """Passes an item whose time has come: a timer that was set by a clock that is ahead rings too early."""
    if item.schedule_at is not None and item.schedule_at > utc_now() + _EARLY:
        raise errors.Unavailable("NOT_DUE", "its time has not come")
