"""Items that are due: never early, never pretended, with the reason where they fail."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from reelops import errors
from reelops.core.library.assets.model import Asset, AssetState
from reelops.core.publishing.jobs import Publisher
from reelops.core.publishing.model import ItemState, Platform, QueueItem
from reelops.core.publishing.projects.service import Projects
from reelops.infra.database import utc_now
from reelops.infra.jobs import JobState

from tests.core.publishing.conftest import CLIENT, ORG, OTHER, Desk, later, wanted


class Board:
    """A platform that remembers what was published and when."""

    def __init__(self) -> None:
        self.published: list[tuple[str, str, datetime]] = []
        self.begun, self.open = asyncio.Event(), asyncio.Event()
        self.open.set()

    async def publish(self, item: QueueItem, asset: Asset, /) -> None:
        self.published.append((item.item_id, asset.asset_id, utc_now()))
        self.begun.set()
        await self.open.wait()


def everywhere(board: Board) -> dict[Platform, Publisher]:
    return dict.fromkeys(Platform, board)


async def test_without_publishers_a_due_item_fails_and_says_which(desk: Desk) -> None:
    asset = await desk.add_asset()
    item = await desk.create(wanted(asset_id=asset.asset_id))
    async with desk.at_work():
        failed = await desk.outcome(item)
    assert (failed.state, failed.error_code) == (ItemState.failed, "PUBLISHER_MISSING")
    assert "youtube, instagram" in (failed.error_message or "")
    job = await desk.queue.get(item.job_id)
    assert (job.state, job.error_code) == (JobState.failed, "PUBLISHER_MISSING")
    entry = (await desk.audit.list())[0]
    assert (entry.job_type, entry.status, entry.subject) == ("publish", "failed", f"queue_item:{item.item_id}")


async def test_what_is_missing_when_an_item_is_due_is_named(desk: Desk) -> None:
    foreign, unready = await desk.add_asset(OTHER), await desk.add_asset(state=AssetState.processing)
    ready = await desk.add_asset()
    asked = {
        "ASSET_MISSING": {},
        "ASSET_NOT_FOUND": {"asset_id": "asset_unknown"},
        "ASSET_NOT_READY": {"asset_id": unready.asset_id},
        "PROJECT_NOT_FOUND": {"asset_id": ready.asset_id, "project_id": "proj_unknown"},
    }
    items = {code: await desk.create(wanted(code, **changes)) for code, changes in asked.items()}
    stranger = await desk.create(wanted("foreign", asset_id=foreign.asset_id))
    board = Board()
    async with desk.at_work(everywhere(board)):
        outcomes = {code: await desk.outcome(item) for code, item in items.items()}
        other = await desk.outcome(stranger)
    assert {code: item.error_code for code, item in outcomes.items()} == {code: code for code in asked}
    # Somebody else's asset is not there, and nothing tells that it is somebody's.
    unknown = outcomes["ASSET_NOT_FOUND"]
    assert other.error_code == unknown.error_code
    assert other.error_message == (unknown.error_message or "").replace("asset_unknown", foreign.asset_id)
    assert board.published == []


async def test_an_item_is_published_on_every_platform_once_its_asset_is_there(desk: Desk) -> None:
    project = await Projects(db=desk.db, audit=desk.audit).create(name="P", description=None, org_id=ORG, by=CLIENT)
    item = await desk.create(
        wanted(asset_id="asset_later", project_id=project.project_id, schedule_at=later(seconds=0.6))
    )
    asset = await desk.add_asset(asset_id="asset_later")
    board = Board()
    async with desk.at_work(everywhere(board)):
        assert (await desk.outcome(item)).state is ItemState.published
    assert [row[:2] for row in board.published] == [(item.item_id, asset.asset_id)] * 2


async def test_nothing_is_published_before_its_time(desk: Desk) -> None:
    asset = await desk.add_asset()
    board = Board()
    spans = (-3600.0, 0.0, 0.2, 0.5, 0.9)
    items = [
        await desk.create(wanted(str(span), asset_id=asset.asset_id, schedule_at=later(seconds=span))) for span in spans
    ]
    far = await desk.create(wanted("far", asset_id=asset.asset_id, schedule_at=datetime(9999, 12, 31, tzinfo=UTC)))
    long_ago = await desk.create(wanted("old", asset_id=asset.asset_id, schedule_at=datetime(1, 1, 1, tzinfo=UTC)))
    async with desk.at_work(everywhere(board)):
        for item in [*items, long_ago]:
            assert (await desk.outcome(item)).state is ItemState.published
    when = {item_id: moment for item_id, _, moment in board.published}
    for item in items:
        assert item.schedule_at is not None
        assert (when[item.item_id] - item.schedule_at).total_seconds() > -0.005
    assert (await desk.get(far.item_id)).state is ItemState.queued
    assert far.item_id not in when


async def test_an_item_that_is_being_published_cannot_be_deleted(desk: Desk) -> None:
    asset = await desk.add_asset()
    board = Board()
    board.open.clear()
    item = await desk.create(wanted(asset_id=asset.asset_id))
    async with desk.at_work(everywhere(board)):
        await board.begun.wait()
        assert (await desk.get(item.item_id)).state is ItemState.processing
        assert (await desk.publishing.list(org_id=ORG, state=ItemState.processing)).total == 1
        with pytest.raises(errors.Conflict) as refused:
            await desk.publishing.delete(item.item_id, org_id=ORG, by=CLIENT)
        assert refused.value.code == "QUEUE_ITEM_PROCESSING"
        board.open.set()
        await desk.outcome(item)
    await desk.publishing.delete(item.item_id, org_id=ORG, by=CLIENT)
    assert (await desk.publishing.list(org_id=ORG)).total == 0


async def test_a_deleted_item_is_never_published(desk: Desk) -> None:
    asset = await desk.add_asset()
    board = Board()
    soon = later(seconds=0.4)
    doomed = [await desk.create(wanted(str(n), asset_id=asset.asset_id, schedule_at=soon)) for n in range(3)]
    kept = await desk.create(wanted("kept", asset_id=asset.asset_id, schedule_at=soon))
    async with desk.at_work(everywhere(board)):
        for item in doomed:
            await desk.publishing.delete(item.item_id, org_id=ORG, by=CLIENT)
        await desk.outcome(kept)
    assert {item_id for item_id, _, _ in board.published} == {kept.item_id}


async def test_a_cancelled_job_fails_its_item(desk: Desk) -> None:
    item = await desk.create(wanted(schedule_at=later(days=1)))
    await desk.queue.cancel(item.job_id, by="token:operator")
    async with desk.at_work():
        failed = await desk.outcome(item)
    assert (failed.state, failed.error_code) == (ItemState.failed, "JOB_CANCELLED")


async def test_creating_deleting_and_publishing_at_once_leave_true_totals(desk: Desk) -> None:
    asset = await desk.add_asset()
    board = Board()

    async def one(number: int) -> None:
        far = datetime(2999, 1, 1, tzinfo=UTC) if number % 2 else None
        item = await desk.create(wanted(str(number), asset_id=asset.asset_id, project_id=None, schedule_at=far))
        if far is not None:
            await desk.publishing.delete(item.item_id, org_id=ORG, by=CLIENT)
        else:
            await desk.outcome(item)

    async with desk.at_work(everywhere(board)):
        await asyncio.gather(*(one(number) for number in range(30)))
    assert (await desk.publishing.list(org_id=ORG)).total == 15
    assert (await desk.publishing.list(org_id=ORG, state=ItemState.published)).total == 15
