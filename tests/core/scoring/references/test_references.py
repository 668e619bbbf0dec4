"""Accepting takes, and what references say, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray
from reelops import errors
from reelops.core.audit import Audit
from reelops.core.library.embedding import Embedding
from reelops.core.library.looking import CloseLooks
from reelops.core.library.model import Video
from reelops.core.library.service import Library
from reelops.core.scoring.norms import MOST_REFERENCES, UNKNOWN_NORMS
from reelops.core.scoring.recordings import Recordings
from reelops.core.scoring.references.calibrating import References
from reelops.core.scoring.references.service import AcceptedTakes
from reelops.core.scoring.references.store import detach_references, list_accepted, list_vouched
from reelops.core.scoring.steps.model import Step
from reelops.core.scoring.steps.outlines import Outlines
from reelops.core.scoring.steps.service import StepBook
from reelops.core.scoring.steps.store import detach_steps
from reelops.core.training.adapters import Adapters
from reelops.infra.blobs import BlobStore, open_blobs
from reelops.infra.database import Database
from reelops.infra.inference import InferenceClient
from reelops.infra.media import MediaLimits

from tests.core.search.filming import film
from tests.triton_fixture import RunningTriton

TASK, OPERATOR = "task", "token:operator"
THEMES = np.random.default_rng(8).normal(size=(5, 24))
AWAY = "127.0.0.1:1"  # nothing listens there


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that references are made with, on one database."""

    db: Database
    blobs: BlobStore
    library: Library
    accepted: AcceptedTakes

    async def film(self, *lengths: int, gold: bool = False, task: str = TASK, model: str = "m:1") -> Video:
        """Films a take with so many clips of each step."""
        clips = np.repeat(THEMES, lengths or (6,) * len(THEMES), axis=0)
        noise = np.random.default_rng(sum(lengths)).normal(0, 0.2, clips.shape)
        rows: NDArray[np.float32] = (clips + noise).astype(np.float32)
        video = await film(self.db, self.blobs, rows, task_id=task, gold=gold, model=model)
        await self.blobs.put_bytes(video.file_key, b"video")
        return video

    def references(self, inference: InferenceClient) -> tuple[Recordings, References]:
        """Makes what reads references."""
        outlines = Outlines(db=self.db, library=self.library, inference=inference)
        recordings = Recordings(
            library=self.library,
            steps=StepBook(db=self.db, library=self.library, audit=Audit(db=self.db), outlines=outlines),
            outlines=outlines,
            adapters=Adapters(db=self.db, blobs=self.blobs),
            looks=CloseLooks(
                library=self.library,
                blobs=self.blobs,
                embedding=Embedding(inference=inference, limits=MediaLimits()),
            ),
        )
        return recordings, References(db=self.db, recordings=recordings, inference=inference)


@pytest.fixture
def desk(db: Database, tmp_path: Path) -> Desk:
    blobs, audit = open_blobs(str(tmp_path / "blobs")), Audit(db=db)
    library = Library(db=db, blobs=blobs, audit=audit, detach=[detach_steps, detach_references])
    return Desk(db, blobs, library, AcceptedTakes(db=db, library=library, audit=audit))


@pytest_asyncio.fixture
async def inference(triton: RunningTriton) -> AsyncIterator[InferenceClient]:
    async with InferenceClient.connect(triton.address) as client:
        yield client


def numbers(takes: Sequence[object]) -> list[int]:
    return [take.video_id for take in takes]  # type: ignore[attr-defined]


async def test_takes_are_accepted_once_and_withdrawn_once(desk: Desk) -> None:
    first, second = await desk.film(), await desk.film()
    kept = await desk.accepted.accept(TASK, first.video_id, by=OPERATOR)
    assert await desk.accepted.accept(TASK, first.video_id, by="basic:ann") == kept
    await desk.accepted.accept(TASK, second.video_id, by="basic:ann")
    assert numbers(await desk.accepted.list(TASK, limit=9)) == [second.video_id, first.video_id]
    assert numbers(await desk.accepted.list(TASK, limit=1)) == [second.video_id]
    assert await desk.accepted.list("other", limit=9) == []
    await desk.accepted.withdraw(TASK, first.video_id, by=OPERATOR)
    with pytest.raises(errors.NotFound) as refusal:
        await desk.accepted.withdraw(TASK, first.video_id, by=OPERATOR)
    assert refusal.value.code == "TAKE_NOT_ACCEPTED"
    entries = await Audit(db=desk.db).list()
    assert [(entry.requested_by, entry.subject, entry.facts["action"]) for entry in entries] == [
        (OPERATOR, f"video:{first.video_id}", "withdrawn"),
        ("basic:ann", f"video:{second.video_id}", "accepted"),
        (OPERATOR, f"video:{first.video_id}", "accepted"),
    ]


async def test_only_trainees_videos_of_the_task_are_accepted(desk: Desk) -> None:
    gold, foreign = await desk.film(gold=True), await desk.film(task="other")
    with pytest.raises(errors.Invalid) as refusal:
        await desk.accepted.accept(TASK, gold.video_id, by=OPERATOR)
    assert refusal.value.code == "ROLE_MISMATCH"
    for number in (foreign.video_id, 999):
        for change in (desk.accepted.accept, desk.accepted.withdraw):
            with pytest.raises(errors.NotFound) as unknown:
                await change(TASK, number, by=OPERATOR)
            assert unknown.value.code == "VIDEO_NOT_FOUND"


async def test_an_acceptance_goes_with_its_video(desk: Desk) -> None:
    video = await desk.film()
    await desk.accepted.accept(TASK, video.video_id, by=OPERATOR)
    await desk.library.delete(video.video_id, by="token:admin")
    assert await list_accepted(desk.db, TASK, limit=9) == []


async def test_the_newest_references_of_the_same_task_and_model_count(desk: Desk) -> None:
    gold, trainee = await desk.film(gold=True), await desk.film()
    await desk.film(gold=True, task="other")
    await desk.film(gold=True, model="m:2")
    await desk.film()  # nobody accepted it
    await desk.accepted.accept(TASK, trainee.video_id, by=OPERATOR)
    others = [await desk.film(gold=number % 2 == 0) for number in range(MOST_REFERENCES + 1)]
    for other in others[1::2]:
        await desk.accepted.accept(TASK, other.video_id, by=OPERATOR)
    found = numbers(await list_vouched(desk.db, gold=gold, but=trainee.video_id))
    assert len(found) == MOST_REFERENCES
    assert set(found) < set(numbers(others))
    assert trainee.video_id not in found


@pytest.mark.triton
async def test_references_are_read_once_for_as_long_as_the_steps_stay(desk: Desk, inference: InferenceClient) -> None:
    gold, trainee = await desk.film(gold=True), await desk.film(6, 7, 6, 6, 6)
    recordings, references = desk.references(inference)
    recording = await recordings.load(gold.video_id)
    assert await references.norms(recording, but=trainee.video_id) == UNKNOWN_NORMS

    other, slow = await desk.film(6, 6, 5, 6, 6, gold=True), await desk.film(6, 6, 6, 6, 12)
    await desk.accepted.accept(TASK, slow.video_id, by=OPERATOR)
    norms = await references.norms(recording, but=trainee.video_id)
    assert (norms.golds, norms.accepted) == (1, 1)
    assert norms.longest(4, 1.6, least=1.4) > norms.longest(2, 1.6, least=1.4)
    assert (await references.norms(recording, but=slow.video_id)).accepted == 0

    async with InferenceClient.connect(AWAY) as away:
        _, without_triton = desk.references(away)
        assert await without_triton.norms(recording, but=trainee.video_id) == norms
        steps = (Step("First half", 0.0, 60.0), Step("Second half", 60.0, 120.0))
        outlines = Outlines(db=desk.db, library=desk.library, inference=away)
        book = StepBook(db=desk.db, library=desk.library, audit=Audit(db=desk.db), outlines=outlines)
        await book.set(TASK, gold.video_id, steps, version=None, by=OPERATOR)
        changed = await recordings.load(gold.video_id)
        with pytest.raises(errors.Unavailable):
            await without_triton.norms(changed, but=trainee.video_id)
    halves = await references.norms(changed, but=trainee.video_id)
    assert halves.lengths is not None
    assert len(halves.lengths.counts) == 2

    await desk.library.delete(other.video_id, by="token:admin")
    left = await references.norms(changed, but=trainee.video_id)
    assert (left.golds, left.accepted) == (0, 1)
