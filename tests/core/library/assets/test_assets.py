"""Assets: listed for their organisation alone, counted as they are, uploaded whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from reelops import errors
from reelops.core.audit.service import Audit
from reelops.core.library.assets import store
from reelops.core.library.assets.model import Asset, AssetKind, AssetState, new_asset_id
from reelops.core.library.assets.service import Assets, AssetUploads
from reelops.core.library.assets.sweeping import sweep_asset_files
from reelops.infra.blobs import BlobStore, Staging, open_blobs
from reelops.infra.database import Database, utc_now
from reelops.infra.media import MediaLimits

from tests.media import write_video

ORG, OTHER = "org_123", "org_999"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Assets on one database."""

    db: Database
    blobs: BlobStore
    audit: Audit
    staging: Staging
    assets: Assets

    async def add(self, org_id: str = ORG, **values: Any) -> Asset:
        asset = make_asset(org_id, **values)
        async with self.db.write() as connection:
            await store.insert_asset(connection, asset)
        return asset

    async def upload(self, content: bytes, name: str = "take.mp4", org_id: str = ORG) -> Asset:
        uploads = AssetUploads(db=self.db, blobs=self.blobs, audit=self.audit, limits=MediaLimits())
        async with self.staging.receive() as staged:
            await staged.write(content)
            return await uploads.add(staged, name=name, org_id=org_id, by="client:shop")


@pytest_asyncio.fixture
async def shelf(db: Database, tmp_path: Path) -> AsyncIterator[Shelf]:
    blobs = open_blobs(str(tmp_path / "blobs"))
    staging = Staging(tmp_path / "staging", max_bytes=4 << 20)
    yield Shelf(db, blobs, Audit(db=db), staging, Assets(db=db, blobs=blobs))


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_video(tmp_path_factory.mktemp("video") / "a.mp4", count=10, size=(64, 48)).read_bytes()


def make_asset(org_id: str = ORG, **values: Any) -> Asset:
    given: dict[str, Any] = {"kind": AssetKind.clip, "state": AssetState.ready, "name": "a.mp4"}
    return Asset(asset_id=new_asset_id(), org_id=org_id, created_at=utc_now(), updated_at=utc_now(), **given | values)


async def test_an_asset_comes_back_as_it_was_kept(shelf: Shelf) -> None:
    now = utc_now()
    asset = await shelf.add(
        name="夏 🎬.mp4",
        content_type="video/mp4",
        file_key="clips/a.mp4",
        size_bytes=5_000_000_000,
        sha256="0" * 64,
        duration_sec=15.04,
        width=1920,
        height=1080,
        job_id="a" * 32,
        video_id=7,
        source_asset_id="asset_source",
        error="a reason",
        expires_at=now + timedelta(days=1),
    )
    assert await shelf.assets.get(asset.asset_id, ORG) == asset
    assert await shelf.assets.get(asset.asset_id, None) == asset
    assert await store.get_asset_of_job(shelf.db, "a" * 32) == asset


async def test_organisations_do_not_see_each_other(shelf: Shelf) -> None:
    ours, theirs = await shelf.add(), await shelf.add(OTHER)
    for asset_id in (theirs.asset_id, new_asset_id(), "", "%", ours.asset_id.upper()):
        with pytest.raises(errors.NotFound) as unknown:
            await shelf.assets.get(asset_id, ORG)
        assert unknown.value.message == f"there is no asset {asset_id}"
    page = await shelf.assets.list(ORG)
    assert ([asset.asset_id for asset in page.items], page.total) == ([ours.asset_id], 1)
    assert (await shelf.assets.list("org_empty")).total == 0


async def test_lists_and_totals_agree_with_a_plain_model(shelf: Shelf) -> None:
    seed = random.SystemRandom().randrange(2**31)
    print(f"seed {seed}")
    rng = random.Random(seed)
    kept: list[Asset] = []
    for _ in range(60):
        action = rng.random()
        if kept and action < 0.2:
            gone = kept.pop(rng.randrange(len(kept)))
            async with shelf.db.write() as connection:
                assert await store.delete_asset(connection, gone.asset_id)
                assert not await store.delete_asset(connection, gone.asset_id)
        elif kept and action < 0.5:
            place, state = rng.randrange(len(kept)), rng.choice(list(AssetState))
            async with shelf.db.write() as connection:
                assert await store.update_asset(connection, kept[place].asset_id, state=state)
            kept[place] = replace(kept[place], state=state)
        else:
            kept.append(await shelf.add(kind=rng.choice(list(AssetKind)), state=rng.choice(list(AssetState))))
    for _ in range(30):
        kind, state = rng.choice([None, *AssetKind]), rng.choice([None, *AssetState])
        limit, offset = rng.randint(1, 20), rng.choice([0, 0, 5, 1000])
        page = await shelf.assets.list(ORG, limit, offset, kind, state)
        matching = [
            asset.asset_id for asset in reversed(kept) if kind in (None, asset.kind) and state in (None, asset.state)
        ]
        assert page.total == len(matching)
        assert [asset.asset_id for asset in page.items] == matching[offset : offset + limit]


async def test_totals_hold_when_many_change_at_once(shelf: Shelf) -> None:
    added = await asyncio.gather(*(shelf.add(state=AssetState.pending) for _ in range(30)))

    async def change(asset: Asset, number: int) -> None:
        async with shelf.db.write() as connection:
            if number % 3 == 0:
                await store.delete_asset(connection, asset.asset_id)
            else:
                await store.update_asset(connection, asset.asset_id, state=AssetState.ready)

    await asyncio.gather(*(change(asset, number) for number, asset in enumerate(added)))
    assert (await shelf.assets.list(ORG)).total == 20
    assert (await shelf.assets.list(ORG, state=AssetState.pending)).total == 0
    assert (await shelf.assets.list(ORG, kind=AssetKind.clip, state=AssetState.ready)).total == 20


async def test_what_is_over_its_time_is_found_and_its_room_is_known(shelf: Shelf) -> None:
    now = utc_now()
    over = await shelf.add(size_bytes=100, expires_at=now - timedelta(seconds=1))
    await shelf.add(kind=AssetKind.thumbnail, size_bytes=10, expires_at=now + timedelta(hours=1))
    await shelf.add(kind=AssetKind.video, size_bytes=1000)
    assert [asset.asset_id for asset in await store.expired(shelf.db, now, 10)] == [over.asset_id]
    assert await store.made_bytes(shelf.db) == 110


async def test_an_upload_is_ready_at_once(shelf: Shelf, video: bytes) -> None:
    asset = await shelf.upload(video, "My Take 夏.MP4")
    assert (asset.state, asset.kind, asset.content_type) == (AssetState.ready, AssetKind.video, "video/mp4")
    assert (asset.width, asset.height, asset.size_bytes) == (64, 48, len(video))
    assert asset.sha256 == hashlib.sha256(video).hexdigest()
    assert asset.duration_sec == pytest.approx(0.4, abs=0.05)
    assert (await shelf.assets.info(asset)).size == len(video)
    assert b"".join([chunk async for chunk in shelf.assets.read(asset, 10, 20)]) == video[10:20]
    assert await shelf.assets.get(asset.asset_id, ORG) == asset
    entry = (await shelf.audit.list())[0]
    assert (entry.job_type, entry.subject, entry.requested_by) == ("upload", f"asset:{asset.asset_id}", "client:shop")


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.mp4", "FILE_EMPTY"),
        (b"this is no video", "a.mp4", "VIDEO_UNREADABLE"),
        (b"x", "  ", "FIELD_INVALID"),
        (b"x", "n" * 256, "FIELD_INVALID"),
        (b"x", "a\nb.mp4", "FIELD_INVALID"),
    ],
)
async def test_what_is_no_video_leaves_nothing(shelf: Shelf, content: bytes, name: str, code: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        await shelf.upload(content, name)
    assert refused.value.code == code
    assert await shelf.blobs.list("assets") == []
    assert (await shelf.assets.list(ORG)).total == 0


async def test_the_sweep_takes_only_uploads_without_a_row(shelf: Shelf, video: bytes) -> None:
    asset = await shelf.upload(video)
    await shelf.blobs.put_bytes("assets/asset_lost.mp4", b"no row")
    young = await sweep_asset_files(db=shelf.db, blobs=shelf.blobs, grace=timedelta(minutes=1))
    swept = await sweep_asset_files(db=shelf.db, blobs=shelf.blobs, grace=timedelta(0))
    assert (young, swept) == ([], ["assets/asset_lost.mp4"])
    assert (await shelf.assets.info(asset)).size == len(video)


async def test_a_file_that_is_not_there_yet_cannot_be_read(shelf: Shelf) -> None:
    asset = await shelf.add(state=AssetState.processing, file_key="clips/a.mp4")
    with pytest.raises(errors.Conflict) as refused:
        await shelf.assets.info(asset)
    assert refused.value.code == "ASSET_NOT_READY"
