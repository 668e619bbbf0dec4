"""Retention and room: rows and files vanish together, and no more is kept than may be."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from reelops import errors
from reelops.core.editing.keeping import FOLDERS, Retention, file_key
from reelops.core.library.assets import store
from reelops.core.library.assets.model import AssetKind, AssetState
from reelops.infra.database import utc_now

from tests.core.editing.studio import MB, ORG, OTHER, Studio

AGO = timedelta(minutes=1)
NO_GRACE = timedelta(seconds=-5)


async def keys(studio: Studio) -> set[str]:
    return {info.key for folder in FOLDERS.values() for info in await studio.blobs.list(folder)}


async def test_rows_and_files_go_together_when_their_time_is_over(studio: Studio) -> None:
    over = [
        await studio.add(kind, expires_at=utc_now() - AGO, org_id=org, state=state)
        for kind in (AssetKind.clip, AssetKind.thumbnail)
        for org, state in ((ORG, AssetState.ready), (OTHER, AssetState.ready), (ORG, AssetState.failed))
    ]
    kept = [
        await studio.add(expires_at=utc_now() + AGO),
        await studio.add(expires_at=None),
        await studio.add(state=AssetState.processing, size_bytes=None),
    ]
    upload = await studio.add(AssetKind.video, file_key="assets/a.mp4", size_bytes=1000)
    assert await store.made_bytes(studio.db) == 4 * (len(over) + 2)
    removed = await studio.files.expire()
    assert set(removed) == {asset.file_key for asset in over}
    assert await keys(studio) == {asset.file_key for asset in kept}
    listed = await studio.assets.list(ORG, limit=100)
    assert {asset.asset_id for asset in listed.items} == {asset.asset_id for asset in [*kept, upload]}
    assert listed.total == 4
    assert (await studio.assets.list(OTHER)).total == 0
    assert await store.made_bytes(studio.db) == 8
    assert await studio.files.expire() == []


async def test_more_than_a_batch_expires_at_once(studio: Studio) -> None:
    for _ in range(450):
        await studio.add(content=None, size_bytes=7, expires_at=utc_now() - AGO)
    await studio.files.expire()
    assert (await studio.assets.list(ORG)).total == 0
    assert await store.made_bytes(studio.db) == 0


async def test_many_who_expire_at_the_same_moment_remove_everything_once(studio: Studio) -> None:
    made = [await studio.add(expires_at=utc_now() - AGO, org_id=ORG if number % 2 else OTHER) for number in range(40)]
    removed = await asyncio.gather(*(studio.files.expire() for _ in range(6)))
    assert {key for each in removed for key in each} == {asset.file_key for asset in made}
    assert await keys(studio) == set()
    assert await store.made_bytes(studio.db) == 0
    assert (await studio.assets.list(ORG)).total == (await studio.assets.list(OTHER)).total == 0


async def test_who_dies_between_row_and_file_leaves_a_file_that_is_swept(studio: Studio) -> None:
    asset = await studio.add(expires_at=utc_now() - AGO)
    async with studio.db.write() as connection:
        await store.delete_assets(connection, [asset.asset_id])
    assert (await studio.assets.list(ORG)).total == 0
    assert await keys(studio) == {asset.file_key}
    assert await studio.files.sweep(NO_GRACE) == [asset.file_key]
    assert await keys(studio) == set()


async def test_only_old_files_without_a_row_are_swept(studio: Studio) -> None:
    kept = [
        await studio.add(),
        await studio.add(state=AssetState.processing),
        await studio.add(state=AssetState.pending),
    ]
    orphans = {file_key(AssetKind.clip, f"{number:032x}.mp4") for number in range(450)}
    orphans.add(file_key(AssetKind.thumbnail, "thumb_abc.png"))
    for key in [*orphans, "clips/NOT OURS", "raw/video_1.mp4"]:
        await studio.blobs.put_bytes(key, b"x")
    assert await studio.files.sweep(AGO) == []
    removed = await studio.files.sweep(NO_GRACE)
    assert set(removed) == orphans and len(removed) == len(orphans)
    assert await keys(studio) == {asset.file_key for asset in kept} | {"clips/NOT OURS"}
    assert await studio.blobs.exists("raw/video_1.mp4")


async def test_files_are_listed_in_pages(studio: Studio) -> None:
    names = {f"{number:032x}.mp4" for number in range(1234)}
    folder = studio.folder / "blobs" / "clips"
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).touch()
    pages = [page async for page in studio.blobs.pages("clips", size=100)]
    assert max(len(page) for page in pages) <= 100
    found = [info.key for page in pages for info in page]
    assert set(found) == {f"clips/{name}" for name in names} and len(found) == len(names)


async def test_without_room_requests_are_told_when_to_come_again(studio: Studio) -> None:
    studio.retention = Retention(hours=24, max_bytes=2 * MB)
    await studio.files.check_room()
    await studio.add(content=None, size_bytes=2 * MB, expires_at=utc_now() + timedelta(minutes=10))
    with pytest.raises(errors.Unavailable) as refused:
        await studio.files.check_room()
    assert refused.value.code == "STORAGE_LIMIT" and "2 MB" in refused.value.message
    assert 60 <= int(refused.value.details["retry_after"]) <= 600
    await studio.files.expire(utc_now() + timedelta(minutes=11))
    await studio.files.check_room()


@pytest.mark.parametrize(("expires_in", "wanted"), [(None, 3600), (timedelta(days=3), 3600), (-AGO, 60)])
async def test_nobody_waits_for_long_or_comes_at_once(
    studio: Studio, expires_in: timedelta | None, wanted: int
) -> None:
    studio.retention = replace(studio.retention, max_bytes=1)
    await studio.add(expires_at=None if expires_in is None else utc_now() + expires_in)
    with pytest.raises(errors.Unavailable) as refused:
        await studio.files.check_room()
    assert int(refused.value.details["retry_after"]) == wanted


async def test_the_limit_holds_however_many_end_at_the_same_moment(studio: Studio) -> None:
    studio.retention = replace(studio.retention, max_bytes=35)
    pending = [await studio.add(content=None, size_bytes=None, state=AssetState.processing) for _ in range(8)]

    async def end(asset_id: str) -> bool:
        try:
            async with studio.db.write() as connection:
                await store.update_asset(connection, asset_id, state=AssetState.ready, size_bytes=10)
                await studio.files.check_room_within(connection)
        except errors.Exhausted as error:
            assert error.code == "STORAGE_LIMIT"
            return False
        return True

    assert sum(await asyncio.gather(*(end(asset.asset_id) for asset in pending))) == 3
    assert await store.made_bytes(studio.db) == 30
    assert (await studio.assets.list(ORG, state=AssetState.ready)).total == 3


async def test_room_follows_every_change_of_size(studio: Studio) -> None:
    asset = await studio.add(content=None, size_bytes=5)
    for size, wanted in ((11, 11), (None, 0), (3, 3)):
        async with studio.db.write() as connection:
            await store.update_asset(connection, asset.asset_id, size_bytes=size)
        assert await store.made_bytes(studio.db) == wanted
    async with studio.db.write() as connection:
        await store.update_asset(connection, asset.asset_id, name="other.mp4")
    assert await store.made_bytes(studio.db) == 3
    async with studio.db.write() as connection:
        await store.delete_asset(connection, asset.asset_id)
    assert await store.made_bytes(studio.db) == 0
