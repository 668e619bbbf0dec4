"""What the tests of publishing share: a queue of items on each database, and workers on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest_asyncio
from reelops.core.audit.service import Audit
from reelops.core.library.assets.model import Asset, AssetKind, AssetState, new_asset_id
from reelops.core.library.assets.store import insert_asset
from reelops.core.publishing.jobs import Publisher, PublishHandler
from reelops.core.publishing.model import NewItem, Platform, QueueItem
from reelops.core.publishing.service import KIND, QUEUE, Publishing
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import JobQueue

from tests.infra.jobs.conftest import working

ORG, OTHER = "org_123", "org_999"
CLIENT = "client:shop"


def wanted(key: str = "key", **changes: Any) -> NewItem:
    """Describes an item."""
    values: dict[str, Any] = {"title": "My Video Title", "platforms": (Platform.youtube, Platform.instagram)}
    return NewItem(**values | changes, idempotency_key=key)


def later(**span: float) -> datetime:
    """Returns a moment from now."""
    return utc_now() + timedelta(**span)


@dataclass(frozen=True, slots=True)
class Desk:
    """Publishing on one database."""

    db: Database
    queue: JobQueue
    audit: Audit
    publishing: Publishing

    async def create(self, new: NewItem, org_id: str = ORG) -> QueueItem:
        return await self.publishing.create(new, org_id=org_id, by=CLIENT)

    async def get(self, item_id: str, org_id: str = ORG) -> QueueItem:
        return await self.publishing.get(item_id, org_id=org_id)

    async def add_asset(
        self, org_id: str = ORG, state: AssetState = AssetState.ready, asset_id: str | None = None
    ) -> Asset:
        asset = Asset(
            asset_id=asset_id or new_asset_id(),
            org_id=org_id,
            kind=AssetKind.video,
            state=state,
            name="a.mp4",
            created_at=utc_now(),
            updated_at=utc_now(),
        )
        async with self.db.write() as connection:
            await insert_asset(connection, asset)
        return asset

    @asynccontextmanager
    async def at_work(self, publishers: Mapping[Platform, Publisher] | None = None) -> AsyncIterator[None]:
        handler = PublishHandler(db=self.db, audit=self.audit, publishers=publishers or {})
        async with working(self.db, self.queue, {KIND: handler}, concurrency={QUEUE: 4}):
            yield

    async def outcome(self, item: QueueItem) -> QueueItem:
        """Waits until an item is final."""
        while not (present := await self.get(item.item_id, item.org_id)).state.is_final:  # noqa: ASYNC110 - of a worker
            await asyncio.sleep(0.01)
        return present


@pytest_asyncio.fixture
async def desk(db: Database) -> AsyncIterator[Desk]:
    async with JobQueue.open(db) as queue:
        audit = Audit(db=db)
        yield Desk(db, queue, audit, Publishing(db=db, queue=queue, audit=audit))
