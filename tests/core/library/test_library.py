"""Uploads, deletions and sweeps on both databases: no file without a row, no row without its file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from reelops import errors
from reelops.core.audit.service import Audit
from reelops.core.library import store
from reelops.core.library.model import (
    ClipRow,
    UploadDescription,
    Video,
    VideoRole,
    embeddings_key,
    glimpses_key,
    raw_key,
)
from reelops.core.library.removal import sweep_orphans
from reelops.core.library.service import Library
from reelops.core.library.uploads import IngestOrder, Uploads
from reelops.infra.blobs import BlobStore, Staging, open_blobs
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import Job, JobQueue, JobState

NOW = timedelta(0)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A library without a worker."""

    db: Database
    blobs: BlobStore
    queue: JobQueue
    audit: Audit
    staging: Staging

    async def upload(self, content: bytes, description: UploadDescription) -> Job:
        uploads = Uploads(db=self.db, blobs=self.blobs, queue=self.queue, audit=self.audit)
        async with self.staging.receive() as staged:
            await staged.write(content)
            return await uploads.submit(staged, description, by="token:operator")

    async def sweep(self) -> list[str]:
        return await sweep_orphans(db=self.db, blobs=self.blobs, queue=self.queue, grace=NOW)

    async def add(self, video_id: int, task_id: str = "task") -> Video:
        video = make_video(video_id, task_id)
        await self.blobs.put_bytes(video.file_key, b"video")
        for key in video.embedding_keys:
            await self.blobs.put_bytes(key, b"numbers")
        async with self.db.write() as connection:
            await store.insert_video(connection, video, [ClipRow(0, 0.0, 4.0, 100.0, 50.0, ("blurry",))])
        return video


@pytest_asyncio.fixture
async def shelf(db: Database, tmp_path: Path) -> AsyncIterator[Shelf]:
    async with JobQueue.open(db) as queue:
        staging = Staging(tmp_path / "staging", max_bytes=1000)
        yield Shelf(db, open_blobs(str(tmp_path / "blobs")), queue, Audit(db=db), staging)


def make_video(video_id: int, task_id: str) -> Video:
    return Video(
        video_id=video_id,
        job_id=f"job-{video_id}",
        task_id=task_id,
        role=VideoRole.trainee,
        site_id="工場 A",
        camera_id=None,
        operator_id_hash=None,
        filename="a.mp4",
        file_key=raw_key(video_id, "a.mp4"),
        file_size=5,
        file_sha256="0" * 64,
        num_clips=1,
        source_fps=30.0,
        sampled_fps=4.0,
        duration_sec=4.0,
        width=320,
        height=180,
        embedding_model="model:1",
        requested_by="token:operator",
        created_at=utc_now(),
        privacy_mask=None,
        privacy_mode="black",
    )


async def test_an_upload_waits_with_its_file_in_place(shelf: Shelf) -> None:
    job = await shelf.upload(b"content", UploadDescription(task_id="task", filename="My Take.MOV"))
    order = IngestOrder.of(await shelf.queue.get(job.job_id))
    assert job.state is JobState.queued
    assert order.file_key.endswith(".mov")
    assert await shelf.blobs.get_bytes(order.file_key) == b"content"
    assert order.file_size == 7
    # Nobody has ingested it yet, and still its file is not taken for a forgotten one.
    assert await shelf.sweep() == []


@pytest.mark.parametrize(
    ("description", "code"),
    [
        (UploadDescription(task_id="  "), "TASK_MISSING"),
        (UploadDescription(task_id="t" * 256), "FIELD_TOO_LONG"),
        (UploadDescription(task_id="t", site_id="a\x00b"), "FIELD_INVALID"),
        (UploadDescription(task_id="t", privacy_mask="1:2"), "PRIVACY_MASK_INVALID"),
    ],
)
async def test_a_wrong_description_leaves_nothing(shelf: Shelf, description: UploadDescription, code: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        await shelf.upload(b"content", description)
    assert refused.value.code == code
    assert await shelf.blobs.list("raw") == []
    assert await shelf.queue.list() == []


async def test_the_sweep_takes_only_what_nobody_will_ask_for(shelf: Shelf) -> None:
    kept = await shelf.add(1)
    await shelf.blobs.put_bytes(raw_key(7, "lost.mp4"), b"no row")
    replaced = [embeddings_key(1, "model:0"), glimpses_key(1, "model:0")]
    for key in replaced:
        await shelf.blobs.put_bytes(key, b"of a model that was replaced")
    await shelf.blobs.put_bytes("raw/notes.txt", b"not ours to judge")
    assert sorted(await shelf.sweep()) == sorted([raw_key(7, "lost.mp4"), *replaced])
    for key in (kept.file_key, *kept.embedding_keys):
        assert await shelf.blobs.exists(key)
    assert await shelf.sweep() == []


async def test_a_young_file_is_spared(shelf: Shelf) -> None:
    await shelf.blobs.put_bytes(raw_key(7, "new.mp4"), b"its row is being written")
    swept = await sweep_orphans(db=shelf.db, blobs=shelf.blobs, queue=shelf.queue, grace=timedelta(minutes=1))
    assert swept == []


async def test_a_deleted_video_is_gone_with_its_files(shelf: Shelf) -> None:
    library = Library(db=shelf.db, blobs=shelf.blobs, audit=shelf.audit)
    first, second = await shelf.add(1), await shelf.add(2)
    removal = await library.delete(1, by="token:admin")
    assert removal.clips_left == 1
    assert {Path(file).name for file in removal.files} == {
        Path(first.file_key).name,
        *(Path(key).name for key in first.embedding_keys),
    }
    assert [video.video_id for video in await library.list()] == [2]
    assert await library.clips(1) == []
    assert await shelf.blobs.exists(second.file_key)
    for _ in range(2):
        with pytest.raises(errors.NotFound):
            await library.delete(1, by="token:admin")


async def test_a_video_comes_back_as_it_was_kept(shelf: Shelf) -> None:
    library = Library(db=shelf.db, blobs=shelf.blobs, audit=shelf.audit)
    video = await shelf.add(3)
    assert await library.get(3) == video
    assert await library.clips(3) == [ClipRow(0, 0.0, 4.0, 100.0, 50.0, ("blurry",))]
    for unknown in (0, 4, 2**31, 2**32 - 1):
        with pytest.raises(errors.NotFound):
            await library.get(unknown)


async def test_changing_over_to_another_model_is_one_step(shelf: Shelf) -> None:
    video = await shelf.add(1)
    rows = [ClipRow(n, n * 4.0, n * 4.0 + 4.0, 100.0, 50.0, ()) for n in range(3)]
    async with shelf.db.write() as connection:
        assert await store.replace_clips(connection, video, "model:2", rows)
    async with shelf.db.write() as connection:
        # Somebody who still believes in the old model changes nothing.
        assert not await store.replace_clips(connection, video, "model:3", [])
    library = Library(db=shelf.db, blobs=shelf.blobs, audit=shelf.audit)
    changed = await library.get(1)
    assert (changed.embedding_model, changed.num_clips) == ("model:2", 3)
    assert len(await library.clips(1)) == 3
    assert await store.list_of_other_models(shelf.db, task_id="task", model="model:2") == []
