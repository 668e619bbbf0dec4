"""What an ingest keeps of a video's pictures, and what a change to another embedder leaves, on both databases."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import sqlalchemy as sa
from numpy.typing import NDArray
from reelops import errors
from reelops.core.audit.service import Audit
from reelops.core.library.embedding import Embedding
from reelops.core.library.jobs import IngestHandler
from reelops.core.library.looking import CloseLooks
from reelops.core.library.model import UploadDescription, Video, VideoRole
from reelops.core.library.reembedding import KIND as REEMBED_KIND
from reelops.core.library.reembedding import Reembedding, ReembedHandler
from reelops.core.library.removal import INGEST_KIND
from reelops.core.library.service import Library
from reelops.core.library.store import videos
from reelops.core.library.uploads import IngestOrder, Uploads
from reelops.core.scoring.steps.outlines import Outlines
from reelops.core.scoring.steps.store import detach_steps, found_steps
from reelops.infra.blobs import BlobStore, Staging, open_blobs
from reelops.infra.database import Database
from reelops.infra.inference import InferenceClient
from reelops.infra.jobs import Handler, Job, JobQueue, JobState
from reelops.infra.media import MediaLimits
from reelops.infra.media.clips import read_clips
from reelops.infra.media.model import ClipGeometry
from reelops.infra.media.synthesis import GOLD_STEPS, make_procedure

from tests.benchmarks.scoring import scoring
from tests.infra.jobs.conftest import working
from tests.triton_fixture import RunningTriton

pytestmark = pytest.mark.triton

TASK = "task"
STEP_SEC = 7.0
OLDER = "an older embedder:1"


@pytest.fixture(scope="session")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A take whose steps have phases, with hands that withdraw after each step."""
    path = tmp_path_factory.mktemp("take") / "take.mp4"
    return make_procedure(path, seconds_per_step=STEP_SEC, fps=12, size=(320, 180), seed=1)


@cache
def seen(take: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the embedder says of the take when it is called plainly."""
    clips = np.stack([clip.frames for clip in read_clips(take, ClipGeometry(*scoring.features.GEOMETRY))])
    embeddings, glimpses = scoring.features.compute(clips)
    return embeddings, glimpses


@dataclass(frozen=True, slots=True)
class Studio:
    """A library with a worker that embeds."""

    db: Database
    blobs: BlobStore
    queue: JobQueue
    library: Library
    outlines: Outlines
    looks: CloseLooks
    staging: Staging

    async def ingest(self, take: Path, role: VideoRole) -> Video:
        """Uploads a file and waits for its video."""
        uploads = Uploads(db=self.db, blobs=self.blobs, queue=self.queue, audit=Audit(db=self.db))
        async with self.staging.receive() as staged:
            await staged.write(take.read_bytes())
            job = await uploads.submit(staged, UploadDescription(task_id=TASK, role=role, filename=take.name), by="me")
        await self.finished(job)
        return await self.library.get(IngestOrder.of(job).video_id)

    async def finished(self, job: Job) -> None:
        """Waits until a job has ended well."""
        async for state in self.queue.watch(job.job_id):
            assert state.state not in (JobState.failed, JobState.cancelled), state.error_message
            if state.state is JobState.completed:
                return

    async def files(self, video: Video) -> set[str]:
        """Lists the files of a video's embeddings."""
        return {
            info.key
            for info in await self.blobs.list("embeddings")
            if info.key.startswith(f"embeddings/video_{video.video_id}.")
        }


@pytest_asyncio.fixture
async def studio(db: Database, tmp_path: Path, triton: RunningTriton) -> AsyncIterator[Studio]:
    blobs, audit = open_blobs(str(tmp_path / "blobs")), Audit(db=db)
    library = Library(db=db, blobs=blobs, audit=audit, detach=[detach_steps])
    async with InferenceClient.connect(triton.address) as inference, JobQueue.open(db) as queue:
        outlines = Outlines(db=db, library=library, inference=inference)
        embedding = Embedding(inference=inference, limits=MediaLimits())
        accompany = [outlines.accompany]
        handlers: dict[str, Handler] = {
            INGEST_KIND: IngestHandler(db=db, blobs=blobs, embedding=embedding, audit=audit, accompany=accompany),
            REEMBED_KIND: ReembedHandler(db=db, blobs=blobs, embedding=embedding, audit=audit, accompany=accompany),
        }
        async with working(db, queue, handlers, concurrency={"ingest": 2}):
            looks = CloseLooks(library=library, blobs=blobs, embedding=embedding)
            yield Studio(db, blobs, queue, library, outlines, looks, Staging(tmp_path / "staging", max_bytes=1 << 24))


def never() -> bool:
    return False


async def forget_steps(db: Database, video: Video) -> None:
    async with db.write() as connection:
        await connection.execute(found_steps.delete().where(found_steps.c.video_id == video.video_id))


async def pretend_older(studio: Studio, video: Video) -> None:
    """Makes a video one that another embedder embedded."""
    changed = await studio.blobs.get_bytes(video.embeddings_key)
    async with studio.db.write() as connection:
        values = videos.update().where(videos.c.video_id == video.video_id).values(embedding_model=OLDER)
        await connection.execute(values)
    await studio.blobs.delete(video.embedding_keys)
    older = await studio.library.get(video.video_id)
    for key in older.embedding_keys:
        await studio.blobs.put_bytes(key, changed)


async def test_the_steps_of_a_gold_video_are_those_that_its_single_frames_tell(studio: Studio, take: Path) -> None:
    gold = await studio.ingest(take, VideoRole.gold)
    embeddings, glimpses = seen(take)
    raw, kept = await studio.library.embeddings(gold), await studio.library.glimpses(gold)
    assert kept is not None
    np.testing.assert_allclose(raw, embeddings, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(kept, glimpses, rtol=1e-3, atol=1e-3)
    stored = np.load(io.BytesIO(await studio.blobs.get_bytes(gold.glimpses_key)), allow_pickle=False)
    assert stored.dtype == np.float16

    found = await studio.outlines.kept(gold)
    assert found is not None
    assert found.boundaries_sec == pytest.approx(np.arange(len(GOLD_STEPS) + 1) * STEP_SEC, abs=1)

    await forget_steps(studio.db, gold)
    again = await studio.outlines.of(gold, await studio.library.clips(gold.video_id), raw)
    assert again is not None
    assert again == found


async def test_a_gold_video_without_single_frames_has_steps_too(studio: Studio, take: Path) -> None:
    gold = await studio.ingest(take, VideoRole.gold)
    await studio.blobs.delete([gold.glimpses_key])
    await forget_steps(studio.db, gold)
    assert await studio.library.glimpses(gold) is None
    embeddings = await studio.library.embeddings(gold)
    found = await studio.outlines.of(gold, await studio.library.clips(gold.video_id), embeddings)
    assert found is not None
    assert len(found.boundaries_sec) > 2


async def test_a_trainees_video_is_looked_at_closely_when_asked_and_once(studio: Studio, take: Path) -> None:
    gold, trainee = await studio.ingest(take, VideoRole.gold), await studio.ingest(take, VideoRole.trainee)
    assert await studio.library.close_look(trainee) is None
    look = await studio.looks.of(trainee, cancelled=never)
    at_ingest = await studio.library.close_look(gold)
    assert look is not None
    assert at_ingest is not None
    np.testing.assert_array_equal(look.embeddings, at_ingest.embeddings)
    assert look.clip_times == at_ingest.clip_times
    assert look.times[:-1, 1] - look.times[:-1, 0] == pytest.approx(2.0, abs=0.1)

    await studio.blobs.delete([trainee.file_key])  # what is kept needs no file
    again = await studio.looks.of(trainee, cancelled=never)
    assert again is not None
    np.testing.assert_array_equal(again.embeddings, look.embeddings)
    await studio.library.delete(trainee.video_id, by="token:admin")
    assert await studio.files(trainee) == set()


async def test_what_another_model_embedded_is_not_looked_at_closely(studio: Studio, take: Path) -> None:
    trainee = await studio.ingest(take, VideoRole.trainee)
    assert await studio.looks.of(replace(trainee, embedding_model=OLDER), cancelled=never) is None


async def test_a_video_whose_file_is_gone_is_not_looked_at_closely(studio: Studio, take: Path) -> None:
    trainee = await studio.ingest(take, VideoRole.trainee)
    await studio.blobs.delete([trainee.file_key])
    assert await studio.looks.of(trainee, cancelled=never) is None


async def test_whoever_cancels_a_close_look_finds_nothing_kept_of_it(studio: Studio, take: Path) -> None:
    trainee = await studio.ingest(take, VideoRole.trainee)
    with pytest.raises(errors.Cancelled):
        await studio.looks.of(trainee, cancelled=lambda: True)
    assert await studio.files(trainee) == {trainee.embeddings_key}


async def test_what_is_kept_of_pictures_goes_with_the_video(studio: Studio, take: Path) -> None:
    gold, trainee = await studio.ingest(take, VideoRole.gold), await studio.ingest(take, VideoRole.trainee)
    assert await studio.files(gold) == set(gold.embedding_keys)
    assert await studio.files(trainee) == {trainee.embeddings_key}
    removal = await studio.library.delete(gold.video_id, by="token:admin")
    assert len(removal.files) == 4
    assert await studio.files(gold) == set()
    assert await studio.files(trainee) == {trainee.embeddings_key}


async def test_a_change_of_the_embedder_leaves_the_present_files_however_often_it_is_asked_for(
    studio: Studio, take: Path
) -> None:
    gold = await studio.ingest(take, VideoRole.gold)
    before = await studio.outlines.kept(gold)
    assert before is not None
    await pretend_older(studio, gold)
    reembedding = Reembedding(db=studio.db, queue=studio.queue, audit=Audit(db=studio.db))
    for job in [await reembedding.request(TASK, by="token:operator") for _ in range(2)]:
        await studio.finished(job)
    changed = await studio.library.get(gold.video_id)
    assert changed.embedding_model == gold.embedding_model
    assert await studio.files(gold) == set(gold.embedding_keys)
    after = await studio.outlines.kept(changed)
    assert after is not None
    assert after == before
    async with studio.db.write() as connection:
        count = await connection.execute(sa.select(sa.func.count()).select_from(found_steps))
        assert count.scalar_one() == 1
