"""The assets of videos: there from the upload on, through to the deletion."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest_asyncio
from reelops.core.audit.service import Audit
from reelops.core.library import store
from reelops.core.library.assets.model import Asset, AssetState
from reelops.core.library.assets.service import Assets
from reelops.core.library.assets.store import detach_asset
from reelops.core.library.assets.videos import begin, complete, fill_in, give_up
from reelops.core.library.model import ClipRow, UploadDescription, Video
from reelops.core.library.service import Library
from reelops.core.library.uploads import IngestOrder, Uploads
from reelops.infra.blobs import BlobStore, Staging, open_blobs
from reelops.infra.database import Database
from reelops.infra.jobs import Job, JobQueue

from tests.core.library.test_library import make_video

ORG = "house"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A library without a worker, and its assets."""

    db: Database
    blobs: BlobStore
    queue: JobQueue
    staging: Staging

    async def upload(self) -> tuple[Job, IngestOrder]:
        uploads = Uploads(db=self.db, blobs=self.blobs, queue=self.queue, audit=Audit(db=self.db), org_id=ORG)
        async with self.staging.receive() as staged:
            await staged.write(b"content")
            described = UploadDescription(task_id="task", filename="夏.MOV")
            job = await uploads.submit(staged, described, by="token:operator")
        return job, IngestOrder.of(job)

    async def only(self) -> Asset:
        (asset,) = await self.all()
        return asset

    async def all(self) -> list[Asset]:
        page = await Assets(db=self.db, blobs=self.blobs).list(ORG, limit=100)
        assert page.total == len(page.items)
        return list(page.items)

    async def add(self, video: Video, *, with_asset: bool) -> None:
        async with self.db.write() as connection:
            await store.insert_video(connection, video, [ClipRow(0, 0.0, 4.0, 100.0, 50.0, ())])
            if with_asset:
                await complete(connection, video, org_id=ORG)


@pytest_asyncio.fixture
async def shelf(db: Database, tmp_path: Path) -> AsyncIterator[Shelf]:
    async with JobQueue.open(db) as queue:
        yield Shelf(db, open_blobs(str(tmp_path / "blobs")), queue, Staging(tmp_path / "staging", max_bytes=1000))


async def test_a_video_is_an_asset_from_its_upload_on(shelf: Shelf) -> None:
    job, order = await shelf.upload()
    pending = await shelf.only()
    assert (pending.state, pending.name, pending.size_bytes) == (AssetState.pending, "夏.MOV", 7)
    assert (pending.job_id, pending.video_id, pending.file_key) == (job.job_id, order.video_id, order.file_key)
    assert pending.content_type == "video/quicktime"
    await begin(shelf.db, order.video_id)
    assert (await shelf.only()).state is AssetState.processing
    video = replace(make_video(order.video_id, "task"), job_id=job.job_id, file_key=order.file_key)
    await shelf.add(video, with_asset=True)
    ready = await shelf.only()
    assert (ready.asset_id, ready.state) == (pending.asset_id, AssetState.ready)
    assert (ready.duration_sec, ready.width, ready.height) == (4.0, 320, 180)
    # An attempt that was superseded comes too late to say that it begins.
    await begin(shelf.db, order.video_id)
    assert await shelf.only() == ready


async def test_a_failed_ingest_fails_the_asset(shelf: Shelf) -> None:
    _, order = await shelf.upload()
    await give_up(shelf.db, order.video_id, reason="the file is no video")
    failed = await shelf.only()
    assert (failed.state, failed.error, failed.file_key) == (AssetState.failed, "the file is no video", None)


async def test_a_deleted_video_takes_its_asset_with_it(shelf: Shelf) -> None:
    library = Library(db=shelf.db, blobs=shelf.blobs, audit=Audit(db=shelf.db), detach=[detach_asset])
    for number in (1, 2):
        await shelf.add(make_video(number, "task"), with_asset=True)
    await library.delete(1, by="token:admin")
    assert (await shelf.only()).video_id == 2


async def test_older_videos_get_their_assets_once(shelf: Shelf) -> None:
    seed = random.SystemRandom().randrange(2**31)
    print(f"seed {seed}")
    rng = random.Random(seed)
    lacking = set()
    for number in range(1, 8):
        with_asset = rng.random() < 0.5
        await shelf.add(make_video(number, "task"), with_asset=with_asset)
        lacking |= set() if with_asset else {number}
    # As when server and workers start together.
    assert sum(await asyncio.gather(*(fill_in(shelf.db, org_id=ORG) for _ in range(3)))) == len(lacking)
    assert await fill_in(shelf.db, org_id=ORG) == 0
    assets = await shelf.all()
    assert sorted(asset.video_id or 0 for asset in assets) == list(range(1, 8))
    assert {asset.state for asset in assets} == {AssetState.ready}
    assert len({asset.asset_id for asset in assets}) == 7
