"""Trainings through the queue and a worker, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray
from reelops.core.audit import Audit
from reelops.core.search.building import SnapshotBuilder
from reelops.core.search.indexes import Indexes
from reelops.core.search.loading import IndexLoader
from reelops.core.search.service import Search
from reelops.core.search.snapshots import IndexSnapshots
from reelops.core.training.adapters import Adapters
from reelops.core.training.jobs import TrainingHandler
from reelops.core.training.model import KIND, NightlyPlan
from reelops.core.training.service import TrainingService
from reelops.errors import NotFound
from reelops.infra.blobs import BlobStore, open_blobs
from reelops.infra.database import Database
from reelops.infra.jobs import Job, JobQueue, JobState

from tests.core.search.filming import film
from tests.infra.jobs.conftest import ended, enqueue, queue, working

__all__ = ["queue"]

DIM = 16
MINIMUM = 3
EXACT_LIMIT = 50


def embeddings(count: int, seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(5, 2, (count, DIM)).astype(np.float32)


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return open_blobs(str(tmp_path / "blobs"))


@pytest.fixture
def loader(db: Database, blobs: BlobStore) -> IndexLoader:
    return IndexLoader(db=db, blobs=blobs, exact_limit=EXACT_LIMIT)


@pytest.fixture
def snapshots(blobs: BlobStore, tmp_path: Path) -> IndexSnapshots:
    return IndexSnapshots(blobs=blobs, scratch=tmp_path / "scratch", exact_limit=EXACT_LIMIT)


@pytest.fixture
def training(db: Database, queue: JobQueue) -> TrainingService:
    plan = NightlyPlan(enabled=True, hour_local=2, zone=UTC)
    return TrainingService(db=db, queue=queue, audit=Audit(db=db), nightly=plan, min_new_videos=MINIMUM)


@pytest_asyncio.fixture
async def worker(
    db: Database, queue: JobQueue, blobs: BlobStore, loader: IndexLoader, snapshots: IndexSnapshots
) -> AsyncIterator[None]:
    builder = SnapshotBuilder(db=db, loader=loader, snapshots=snapshots)
    handler = TrainingHandler(db=db, blobs=blobs, audit=Audit(db=db), index=builder)
    async with working(db, queue, {KIND: handler}, concurrency={"training": 1}):
        yield


async def train(training: TrainingService, queue: JobQueue) -> Job:
    job = await training.request("manual", by="token:admin")
    return await ended(queue, job.job_id)


async def test_a_training_learns_from_all_videos_and_swaps_the_version(
    db: Database, blobs: BlobStore, queue: JobQueue, training: TrainingService, worker: None
) -> None:
    rows = [embeddings(count, seed) for seed, count in enumerate((7, 5, 9, 1))]
    for number, one in enumerate(rows):
        await film(db, blobs, one, task_id=f"task {number % 2}")
    await film(db, blobs, np.ones((2, 8), dtype=np.float32), model="other:1", task_id="task 9")
    newest = await film(db, blobs, embeddings(4, 9), task_id="task 0")
    job = await train(training, queue)
    assert job.state is JobState.completed, job.error_message
    result = job.result or {}
    assert (result["status"], result["mode"]) == ("completed", "builtin_feature_adapter")
    assert (result["videos_used"], result["clips_used"], result["embedding_dim"]) == (5, 26, DIM)
    assert result["reindex"] == {
        "old_index_version": "v1", "new_index_version": "v2", "videos_refreshed": 5, "clips_indexed": 26,
        "tasks_touched": ["task 0", "task 1"],
    }  # fmt: skip
    adapter = await Adapters(db=db, blobs=blobs).active(newest.embedding_model)
    assert adapter is not None
    assert adapter.version == job.job_id
    together = np.concatenate([*rows, embeddings(4, 9)])
    np.testing.assert_allclose(adapter.mean, together.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(adapter.std, together.std(axis=0), rtol=1e-4)
    assert str(result["adapter_path"]).endswith(f"models/feature_adapter_{job.job_id}.npz")
    completed, queued = await Audit(db=db).list()
    assert (queued.job_type, queued.status, queued.requested_by) == ("training", "queued", "token:admin")
    assert (completed.status, completed.model_name, completed.job_id) == ("completed", "m:1", job.job_id)


async def test_too_few_new_videos_are_a_reason_to_skip(
    db: Database, blobs: BlobStore, queue: JobQueue, training: TrainingService, worker: None
) -> None:
    async def skipped(new_videos: int) -> None:
        job = await train(training, queue)
        result = job.result or {}
        assert (job.state, result["status"]) == (JobState.completed, "skipped")
        assert (result["min_new_videos"], result["new_videos"]) == (MINIMUM, new_videos)
        assert f"{new_videos} new video" in result["reason"]

    await skipped(0)
    for number in range(MINIMUM):
        await film(db, blobs, embeddings(3, number))
        if number < MINIMUM - 1:
            await skipped(number + 1)
    assert ((await train(training, queue)).result or {})["status"] == "completed"
    await skipped(0)
    assert [entry.status for entry in await Audit(db=db).list(2)] == ["skipped", "queued"]


async def test_versions_follow_each_other(
    db: Database, blobs: BlobStore, queue: JobQueue, training: TrainingService, worker: None
) -> None:
    versions = []
    for number in range(2 * MINIMUM):
        await film(db, blobs, embeddings(3, number))
        if number % MINIMUM == MINIMUM - 1:
            result = (await train(training, queue)).result or {}
            versions.append((result["reindex"]["old_index_version"], result["reindex"]["new_index_version"]))
    assert versions == [("v1", "v2"), ("v2", "v3")]


async def test_large_indexes_are_there_before_the_adapter_is_in_use(
    db: Database,
    blobs: BlobStore,
    queue: JobQueue,
    training: TrainingService,
    worker: None,
    loader: IndexLoader,
    snapshots: IndexSnapshots,
) -> None:
    videos = [await film(db, blobs, embeddings(30, seed)) for seed in range(4)]
    indexes = Indexes(loader=loader, snapshots=snapshots)
    async with indexes.open():
        search = Search(db=db, adapters=Adapters(db=db, blobs=blobs), indexes=indexes)
        before = await search.similar("task", videos[0].video_id, 3)
        job = await train(training, queue)
        assert job.state is JobState.completed, job.error_message
        # The embeddings are not read any more: the snapshot has what they became.
        await blobs.delete([video.embeddings_key for video in videos])
        after = await search.similar("task", videos[0].video_id, 3)
    assert len(before) == len(after) == 5
    assert [hit.similarity for hit in before] != [hit.similarity for hit in after]


async def test_a_failed_training_leaves_nothing(
    db: Database, blobs: BlobStore, queue: JobQueue, training: TrainingService, worker: None
) -> None:
    for number in range(MINIMUM):
        await film(db, blobs, embeddings(3, number))
    await film(db, blobs, np.ones((2, DIM + 1), dtype=np.float32))
    job = await train(training, queue)
    assert (job.state, job.error_code) == (JobState.failed, "EMBEDDING_MISMATCH")
    assert await blobs.list("models") == []
    assert await Adapters(db=db, blobs=blobs).active("m:1") is None


async def test_deleted_and_damaged_embeddings_are_passed_over(
    db: Database, blobs: BlobStore, queue: JobQueue, training: TrainingService, worker: None
) -> None:
    videos = [await film(db, blobs, embeddings(3, number)) for number in range(MINIMUM + 2)]
    await blobs.delete([videos[0].embeddings_key])
    await blobs.put_bytes(videos[1].embeddings_key, b"damaged")
    result = (await train(training, queue)).result or {}
    assert (result["videos_used"], result["clips_used"]) == (MINIMUM, 3 * MINIMUM)


async def test_only_trainings_are_found(db: Database, queue: JobQueue, training: TrainingService) -> None:
    job = await training.request("manual", by="token:admin")
    assert (await training.get(job.job_id)).payload["trigger"] == "manual"
    other = await enqueue(db, queue)
    for job_id in (other.job_id, "train_of_nobody"):
        with pytest.raises(NotFound) as caught:
            await training.get(job_id)
        assert caught.value.code == "JOB_NOT_FOUND"


async def test_the_clock_asks_in_the_systems_name(db: Database, queue: JobQueue, training: TrainingService) -> None:
    (periodic,) = training.periodics()
    now = datetime.now(UTC)
    due = periodic.next_run(now)
    assert now < due <= now + timedelta(days=1)
    async with db.write() as connection:
        await periodic.action(connection, due)
    (job,) = await queue.list(kind=KIND)
    assert (job.requested_by, job.payload["trigger"]) == ("system:nightly", "nightly")


async def test_the_status_tells_of_the_plan(db: Database, queue: JobQueue, training: TrainingService) -> None:
    status = training.nightly_status()
    assert (status.enabled, status.hour_local, status.min_new_videos) == (True, 2, MINIMUM)
    assert (status.next_run_local or "").endswith("T02:00:00")
    off = TrainingService(db=db, queue=queue, audit=Audit(db=db), nightly=NightlyPlan())
    assert (off.nightly_status().enabled, off.nightly_status().next_run_local) == (False, None)
    assert off.periodics() == ()
