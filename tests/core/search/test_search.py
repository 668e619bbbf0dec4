"""Searching by example, against a plain computation of all cosines."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray
from reelops.core.library.model import Video
from reelops.core.search.indexes import Indexes
from reelops.core.search.loading import IndexLoader
from reelops.core.search.model import Hit
from reelops.core.search.service import Search
from reelops.core.search.snapshots import IndexSnapshots
from reelops.core.training import store as versions
from reelops.core.training.adapters import Adapters, effective, pack
from reelops.errors import Invalid, NotFound, Unavailable
from reelops.infra.blobs import BlobStore, open_blobs
from reelops.infra.database import Database, utc_now

from tests.core.search.filming import CLIP_SEC, film, remove, save_embeddings

DIM = 32


def embeddings(count: int, seed: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(1, 1, (20, DIM))
    return np.asarray(centres[rng.integers(0, 20, count)] + 0.4 * rng.standard_normal((count, DIM)), dtype=np.float32)


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return open_blobs(str(tmp_path / "blobs"))


@asynccontextmanager
async def searching(
    db: Database, blobs: BlobStore, scratch: Path, *, exact_limit: int = 1000, **options: Any
) -> AsyncIterator[Search]:
    indexes = Indexes(
        loader=IndexLoader(db=db, blobs=blobs, exact_limit=exact_limit),
        snapshots=IndexSnapshots(blobs=blobs, scratch=scratch, exact_limit=exact_limit),
        **options,
    )
    async with indexes.open():
        yield Search(db=db, adapters=Adapters(db=db, blobs=blobs), indexes=indexes)


@pytest_asyncio.fixture
async def search(db: Database, blobs: BlobStore, tmp_path: Path) -> AsyncIterator[Search]:
    async with searching(db, blobs, tmp_path / "scratch") as made:
        yield made


async def adapt(db: Database, blobs: BlobStore, data: bytes) -> None:
    """Puts an adapter into use."""
    await blobs.put_bytes("models/a.npz", data)
    async with db.write() as connection:
        await versions.swap(
            connection, embedding_model="m:1", adapter_version="a", adapter_key="models/a.npz", videos_used=1,
            clips_used=4, learnt_until=utc_now(), at=utc_now(),
        )  # fmt: skip


def expected(filmed: dict[Video, NDArray[np.float32]], video: Video, clip_idx: int, k: int) -> list[tuple[int, int]]:
    query = filmed[video][clip_idx]
    ranked = sorted(
        (-float(row @ query), other.video_id, number)
        for other, rows in filmed.items()
        for number, row in enumerate(rows)
        if (other, number) != (video, clip_idx)
    )
    return [(video_id, number) for _, video_id, number in ranked[:k]]


async def test_the_nearest_clips_come_first_with_their_times_and_roles(
    db: Database, blobs: BlobStore, search: Search
) -> None:
    rows = [embeddings(count, seed) for seed, count in enumerate((7, 5, 9))]
    videos = [await film(db, blobs, one, gold=number == 1) for number, one in enumerate(rows)]
    filmed = {video: effective(one, None) for video, one in zip(videos, rows, strict=True)}
    hits = await search.similar("task", videos[0].video_id, 3, 6)
    assert [(hit.video_id, hit.clip_idx) for hit in hits] == expected(filmed, videos[0], 3, 6)
    for hit in hits:
        assert (hit.start_sec, hit.end_sec) == (hit.clip_idx * CLIP_SEC, (hit.clip_idx + 1) * CLIP_SEC)
        assert hit.role == ("gold" if hit.video_id == videos[1].video_id else "trainee")
        assert -1 <= hit.similarity <= 1
    assert len(await search.similar("task", videos[0].video_id, 3, 50)) == 20


async def test_what_is_wrong_with_a_query_is_told(db: Database, blobs: BlobStore, search: Search) -> None:
    video = await film(db, blobs, embeddings(3, 1))
    for video_id in (99, 2**32 - 1, -1):
        with pytest.raises(NotFound, match="no video"):
            await search.similar("task", video_id, 0)
    for clip_idx in (3, 2**31, -1):
        with pytest.raises(NotFound, match="no clip"):
            await search.similar("task", video.video_id, clip_idx)
    with pytest.raises(Invalid) as caught:
        await search.similar("other", video.video_id, 0)
    assert caught.value.code == "TASK_MISMATCH"
    for k in (0, 51):
        with pytest.raises(Invalid):
            await search.similar("task", video.video_id, 0, k)


async def test_other_tasks_and_models_are_left_out(db: Database, blobs: BlobStore, search: Search) -> None:
    rows = embeddings(4, 1)
    video = await film(db, blobs, rows)
    await film(db, blobs, rows, task_id="other")
    await film(db, blobs, rows, model="m:2")
    hits = await search.similar("task", video.video_id, 0, 50)
    assert {hit.video_id for hit in hits} == {video.video_id}
    assert len(hits) == 3


async def test_a_lone_clip_has_no_neighbours(db: Database, blobs: BlobStore, search: Search) -> None:
    video = await film(db, blobs, embeddings(1, 1))
    assert await search.similar("task", video.video_id, 0) == []


async def test_videos_are_found_as_soon_as_they_are_there_and_never_after(
    db: Database, blobs: BlobStore, search: Search
) -> None:
    first = await film(db, blobs, embeddings(6, 1))
    for round_number in range(8):
        twin = await film(db, blobs, embeddings(6, 1))
        hits = await search.similar("task", first.video_id, 2, 3)
        assert (hits[0].video_id, hits[0].clip_idx) == (twin.video_id, 2), round_number
        assert hits[0].similarity == pytest.approx(1.0, abs=1e-5)
        await remove(db, blobs, twin)
        assert {hit.video_id for hit in await search.similar("task", first.video_id, 2, 50)} == {first.video_id}
    await remove(db, blobs, first)
    with pytest.raises(NotFound):
        await search.similar("task", first.video_id, 2)


async def test_a_task_that_was_emptied_can_be_filled_again(db: Database, blobs: BlobStore, search: Search) -> None:
    video = await film(db, blobs, embeddings(3, 1))
    await search.similar("task", video.video_id, 0)
    other = await film(db, blobs, np.ones((2, 8), dtype=np.float32), model="m:2")
    await search.similar("task", other.video_id, 0)
    await remove(db, blobs, video)
    video = await film(db, blobs, embeddings(3, 2))
    assert len(await search.similar("task", video.video_id, 0)) == 2


async def test_a_damaged_video_does_not_spoil_the_others(db: Database, blobs: BlobStore, search: Search) -> None:
    good, damaged, short, odd, gone, void = [await film(db, blobs, embeddings(4, seed)) for seed in range(6)]
    await blobs.put_bytes(damaged.embeddings_key, b"damaged")
    await save_embeddings(blobs, short.video_id, embeddings(2, 1))
    await save_embeddings(blobs, odd.video_id, np.ones((4, DIM + 1), dtype=np.float32))
    await save_embeddings(blobs, void.video_id, np.full((4, DIM), np.nan, dtype=np.float32))
    await blobs.delete([gone.embeddings_key])
    assert {hit.video_id for hit in await search.similar("task", good.video_id, 0, 50)} == {good.video_id}
    with pytest.raises(NotFound):
        await search.similar("task", damaged.video_id, 0)


async def test_many_clips_are_found_with_little_loss_and_survive_a_restart(
    db: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    rows = [embeddings(60, seed) for seed in range(30)]
    videos = [await film(db, blobs, one) for one in rows]
    filmed = {video: effective(one, None) for video, one in zip(videos, rows, strict=True)}
    for start in range(2):
        async with searching(db, blobs, tmp_path / "scratch", exact_limit=100) as search:
            found = 0
            for video in videos[::3]:
                hits = await search.similar("task", video.video_id, 7, 10)
                found += len({(hit.video_id, hit.clip_idx) for hit in hits} & set(expected(filmed, video, 7, 10)))
            assert found >= 97, start
            await _until_saved(blobs)
    assert list((tmp_path / "scratch").iterdir()) == []


async def test_a_restart_reads_the_snapshot_and_what_came_after(db: Database, blobs: BlobStore, tmp_path: Path) -> None:
    videos = [await film(db, blobs, embeddings(60, seed)) for seed in range(10)]
    async with searching(db, blobs, tmp_path / "scratch", exact_limit=100) as search:
        before = await search.similar("task", videos[1].video_id, 7, 10)
        await _until_saved(blobs)
    later = await film(db, blobs, embeddings(60, 1))
    await remove(db, blobs, videos[4])
    # What the snapshot holds is not read from the videos again.
    await blobs.delete([video.embeddings_key for video in videos[:3]])
    async with searching(db, blobs, tmp_path / "scratch", exact_limit=100) as search:
        after = await search.similar("task", videos[1].video_id, 7, 10)
    assert (after[0].video_id, after[0].clip_idx) == (later.video_id, 7)
    kept = [(hit.video_id, hit.clip_idx) for hit in before if hit.video_id != videos[4].video_id]
    found = {(hit.video_id, hit.clip_idx) for hit in after}
    assert videos[4].video_id not in {hit.video_id for hit in after}
    assert len(found & set(kept[:5])) >= 3


async def test_what_a_killed_process_left_of_a_snapshot_is_removed(
    db: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    old, young = tmp_path / "scratch" / "old.usearch", tmp_path / "scratch" / "young.usearch"
    old.parent.mkdir()
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    videos = [await film(db, blobs, embeddings(60, seed)) for seed in range(3)]
    async with searching(db, blobs, tmp_path / "scratch", exact_limit=100) as search:
        await search.similar("task", videos[0].video_id, 0)
        await _until_saved(blobs)
    assert (old.exists(), young.exists()) == (False, True)


async def test_damaged_snapshots_are_built_anew(db: Database, blobs: BlobStore, tmp_path: Path) -> None:
    videos = [await film(db, blobs, embeddings(60, seed)) for seed in range(5)]
    async with searching(db, blobs, tmp_path / "scratch", exact_limit=100) as search:
        wanted = await search.similar("task", videos[1].video_id, 7, 10)
        await _until_saved(blobs)
    saved = {info.key: await blobs.get_bytes(info.key) for info in await blobs.list("index")}
    for key, data in saved.items():
        for damage in (b"", b"{}", b"[]", data[: len(data) // 2]):
            for name, whole in saved.items():
                await blobs.put_bytes(name, whole)
            await blobs.put_bytes(key, damage)
            async with searching(db, blobs, tmp_path / "scratch", exact_limit=100) as search:
                hits = await search.similar("task", videos[1].video_id, 7, 10)
            assert hits[0] == wanted[0], (key, damage[:10])


async def test_an_adapter_changes_what_is_near(db: Database, blobs: BlobStore, search: Search) -> None:
    rows = np.array([[100, 1, 0], [100, 0, 1], [10, 1, 0], [100, -1, 0.1]], dtype=np.float32)
    video = await film(db, blobs, rows)
    before = await search.similar("task", video.video_id, 0, 3)
    assert [hit.clip_idx for hit in before] != [2, 1, 3]
    await adapt(db, blobs, pack(np.array([100.0, 0, 0]), np.array([1e6, 1.0, 1.0])))
    after = await search.similar("task", video.video_id, 0, 3)
    assert [hit.clip_idx for hit in after] == [2, 1, 3]
    assert after[0].similarity > 0.99


async def test_the_index_before_answers_until_the_one_for_a_new_adapter_is_there(
    db: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    video = await film(db, blobs, embeddings(40, 1))
    async with searching(db, blobs, tmp_path, patience_with_older_sec=0.0) as search:
        before = await search.similar("task", video.video_id, 3)
        await adapt(db, blobs, pack(np.full(DIM, 1.0), np.linspace(0.1, 9, DIM)))
        answers: list[list[Hit]] = []
        async with asyncio.timeout(20):
            while not answers or answers[-1] == before:
                answers.append(await search.similar("task", video.video_id, 3))
        assert all(len(answer) == 5 for answer in answers)


async def test_short_memory_costs_time_and_nothing_else(db: Database, blobs: BlobStore, tmp_path: Path) -> None:
    videos = [await film(db, blobs, embeddings(20, 1), task_id=f"task {number}") for number in range(4)]
    async with searching(db, blobs, tmp_path, memory_bytes=1) as search:
        for _ in range(3):
            for video in videos:
                assert len(await search.similar(video.task_id, video.video_id, 3)) == 5


async def test_many_questions_at_once_agree(db: Database, blobs: BlobStore, search: Search) -> None:
    video = await film(db, blobs, embeddings(40, 1))
    await film(db, blobs, embeddings(40, 2))
    answers = await asyncio.gather(*(search.similar("task", video.video_id, 3, 10) for _ in range(50)))
    assert all(answer == answers[0] for answer in answers)


async def test_an_index_that_takes_long_is_told_and_made_all_the_same(
    db: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    video = await film(db, blobs, embeddings(40, 1))
    async with searching(db, blobs, tmp_path, patience_sec=0.0) as search:
        with pytest.raises(Unavailable) as caught:
            await search.similar("task", video.video_id, 3)
        assert caught.value.code == "INDEX_BUILDING"
        async with asyncio.timeout(20):
            while True:
                try:
                    assert await search.similar("task", video.video_id, 3)
                    break
                except Unavailable:
                    await asyncio.sleep(0.01)


async def _until_saved(blobs: BlobStore) -> None:
    async with asyncio.timeout(20):
        while not any(info.key.endswith("current.json") for info in await blobs.list("index")):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
