"""Setting, listing and forgetting steps, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from reelops import errors
from reelops.core.audit import Audit
from reelops.core.library.model import Video
from reelops.core.library.service import Library
from reelops.core.scoring.steps.model import Source, Step
from reelops.core.scoring.steps.outlines import Outlines
from reelops.core.scoring.steps.service import StepBook
from reelops.core.scoring.steps.store import detach_steps, get_steps
from reelops.infra.blobs import BlobStore, open_blobs
from reelops.infra.database import Database
from reelops.infra.inference import InferenceClient

from tests.core.search.filming import film
from tests.triton_fixture import RunningTriton

pytestmark = pytest.mark.triton

TASK = "task"
STEPS = (Step("Fit the plate", 0.0, 16.0, 20.0, critical=True), Step("Drive the screws", 16.0, 40.0))
OTHERS = (Step("All of it", 0.0, 48.0),)


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return open_blobs(str(tmp_path / "blobs"))


@pytest.fixture
def library(db: Database, blobs: BlobStore) -> Library:
    return Library(db=db, blobs=blobs, audit=Audit(db=db), detach=[detach_steps])


@pytest_asyncio.fixture
async def book(db: Database, library: Library, triton: RunningTriton) -> AsyncIterator[StepBook]:
    async with InferenceClient.connect(triton.address) as inference:
        outlines = Outlines(db=db, library=library, inference=inference)
        yield StepBook(db=db, library=library, audit=Audit(db=db), outlines=outlines)


async def gold(db: Database, blobs: BlobStore, *, is_gold: bool = True) -> Video:
    """Films three scenes of sixteen seconds each."""
    scenes = np.repeat(np.eye(3, 8, dtype=np.float32) * 10, 4, axis=0)
    noise = np.random.default_rng(4).normal(0, 0.1, scenes.shape).astype(np.float32)
    return await film(db, blobs, scenes + noise, task_id=TASK, gold=is_gold)


async def test_until_somebody_sets_steps_those_are_shown_that_are_found(
    db: Database, blobs: BlobStore, book: StepBook
) -> None:
    video = await gold(db, blobs)
    shown = await book.get(TASK, video.video_id)
    assert (shown.source, shown.version, shown.changed_by) == (Source.FOUND, 0, None)
    assert [(step.name, step.start_sec, step.end_sec) for step in shown.steps] == [
        ("Step 1", 0.0, 16.0),
        ("Step 2", 16.0, 32.0),
        ("Step 3", 32.0, 48.0),
    ]
    assert await book.chosen(video.video_id) == ()


async def test_what_was_set_is_shown_and_used(db: Database, blobs: BlobStore, book: StepBook) -> None:
    video = await gold(db, blobs)
    kept = await book.set(TASK, video.video_id, STEPS, version=0, by="token:operator")
    assert (kept.source, kept.version, kept.changed_by, kept.steps) == (Source.SET, 1, "token:operator", STEPS)
    assert await book.get(TASK, video.video_id) == kept
    assert await book.chosen(video.video_id) == STEPS


async def test_found_steps_can_be_set_as_they_were_listed(db: Database, blobs: BlobStore, book: StepBook) -> None:
    video = await gold(db, blobs)
    found = await book.get(TASK, video.video_id)
    kept = await book.set(TASK, video.video_id, found.steps, version=found.version, by="token:operator")
    assert kept.steps == found.steps


async def test_of_two_editors_the_second_is_told(db: Database, blobs: BlobStore, book: StepBook) -> None:
    video = await gold(db, blobs)
    answers = await asyncio.gather(
        *(book.set(TASK, video.video_id, steps, version=0, by="token:operator") for steps in (STEPS, OTHERS) * 3),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, errors.Conflict)]
    (kept,) = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert {error.code for error in refused} == {"STEPS_CHANGED"}
    assert len(refused) == 5
    assert await book.get(TASK, video.video_id) == kept


async def test_without_a_version_the_last_one_wins(db: Database, blobs: BlobStore, book: StepBook) -> None:
    video = await gold(db, blobs)
    for steps in (STEPS, OTHERS):
        await book.set(TASK, video.video_id, steps, version=None, by="token:operator")
    shown = await book.get(TASK, video.video_id)
    assert (shown.steps, shown.version) == (OTHERS, 2)


async def test_a_reset_never_gives_a_version_again(db: Database, blobs: BlobStore, book: StepBook) -> None:
    video = await gold(db, blobs)
    kept = await book.set(TASK, video.video_id, STEPS, version=None, by="token:operator")
    forgotten = await book.reset(TASK, video.video_id, version=kept.version, by="token:operator")
    assert (forgotten.source, forgotten.version) == (Source.FOUND, 2)
    assert await book.chosen(video.video_id) == ()
    assert (await book.reset(TASK, video.video_id, version=None, by="token:operator")).version == 2
    with pytest.raises(errors.Conflict):
        await book.set(TASK, video.video_id, OTHERS, version=kept.version, by="token:operator")
    with pytest.raises(errors.Conflict):
        await book.reset(TASK, video.video_id, version=kept.version, by="token:operator")


async def test_refused_steps_change_nothing(db: Database, blobs: BlobStore, book: StepBook) -> None:
    video = await gold(db, blobs)
    kept = await book.set(TASK, video.video_id, STEPS, version=None, by="token:operator")
    with pytest.raises(errors.Invalid):
        await book.set(TASK, video.video_id, [Step("too long", 0, 48.2)], version=None, by="token:operator")
    assert await book.get(TASK, video.video_id) == kept


async def test_only_gold_videos_of_the_task_have_steps(db: Database, blobs: BlobStore, book: StepBook) -> None:
    video, trainee = await gold(db, blobs), await gold(db, blobs, is_gold=False)
    for task, number in (("other", video.video_id), (TASK, trainee.video_id), (TASK, 999)):
        with pytest.raises(errors.NotFound) as refusal:
            await book.set(task, number, STEPS, version=None, by="token:operator")
        assert refusal.value.code == "GOLD_NOT_FOUND"


async def test_each_change_is_in_the_trail(db: Database, blobs: BlobStore, book: StepBook) -> None:
    video = await gold(db, blobs)
    await book.set(TASK, video.video_id, STEPS, version=None, by="basic:ann")
    await book.reset(TASK, video.video_id, version=None, by="token:admin")
    trail = Audit(db=db)
    entries = await trail.list()
    assert [(entry.job_type, entry.requested_by, entry.subject, entry.facts["action"]) for entry in entries] == [
        ("steps", "token:admin", f"video:{video.video_id}", "reset"),
        ("steps", "basic:ann", f"video:{video.video_id}", "set"),
    ]
    assert (await trail.verify()).intact


async def test_steps_go_with_their_video(db: Database, blobs: BlobStore, library: Library, book: StepBook) -> None:
    video = await gold(db, blobs)
    await book.set(TASK, video.video_id, STEPS, version=None, by="token:operator")
    await blobs.put_bytes(video.file_key, b"video")
    await library.delete(video.video_id, by="token:admin")
    assert (await get_steps(db, video.video_id)).version == 0
    with pytest.raises(errors.NotFound):
        await book.get(TASK, video.video_id)
