"""Steps are found once and kept for as long as they hold, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray
from reelops import errors
from reelops.core.audit import Audit
from reelops.core.library.embedding import Embedded
from reelops.core.library.model import Video
from reelops.core.library.service import Library
from reelops.core.library.store import delete_video, list_clips, replace_clips
from reelops.core.scoring.fingerprints import modules_of, of_modules
from reelops.core.scoring.looks import FoundSteps
from reelops.core.scoring.steps.finding import ALGORITHM
from reelops.core.scoring.steps.outlines import Outlines
from reelops.core.scoring.steps.store import get_found, put_found
from reelops.infra.blobs import BlobStore, open_blobs
from reelops.infra.database import Database
from reelops.infra.inference import EmbedderInfo, InferenceClient
from reelops.infra.media import MediaInfo

from tests.core.search.filming import CLIP_SEC, film
from tests.triton_fixture import RunningTriton

SCENES: NDArray[np.float32] = np.repeat(np.eye(3, 8, dtype=np.float32) * 10, 4, axis=0) + np.random.default_rng(
    4
).normal(0, 0.1, (12, 8)).astype(np.float32)
SECONDS = [0.0, 4 * CLIP_SEC, 8 * CLIP_SEC, 12 * CLIP_SEC]  # where each scene begins, and the last ends
AWAY = "127.0.0.1:1"  # nothing listens there


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return open_blobs(str(tmp_path / "blobs"))


@pytest.fixture
def library(db: Database, blobs: BlobStore) -> Library:
    return Library(db=db, blobs=blobs, audit=Audit(db=db))


@pytest_asyncio.fixture
async def outlines(db: Database, library: Library, triton: RunningTriton) -> AsyncIterator[Outlines]:
    async with InferenceClient.connect(triton.address) as inference:
        yield Outlines(db=db, library=library, inference=inference)


@pytest_asyncio.fixture
async def without_triton(db: Database, library: Library) -> AsyncIterator[Outlines]:
    async with InferenceClient.connect(AWAY) as inference:
        yield Outlines(db=db, library=library, inference=inference)


async def gold(db: Database, blobs: BlobStore, *, is_gold: bool = True) -> Video:
    return await film(db, blobs, SCENES, gold=is_gold)


def plain(found: FoundSteps | None) -> tuple[list[float], bool] | None:
    return None if found is None else (list(found.boundaries_sec), found.phased)


async def embedded(db: Database, video: Video) -> Embedded:
    """What the ingest of the video gave."""
    info = MediaInfo(12 * CLIP_SEC, 640, 360, 0, 25.0, "h264", "yuv420p", has_audio=False, start_sec=0.0)
    model = EmbedderInfo("m", "1", 8, (16, 96, 128))
    return Embedded(info, tuple(await list_clips(db, video.video_id)), SCENES, model)


@pytest.mark.triton
async def test_what_was_found_is_there_when_triton_is_away(
    db: Database, blobs: BlobStore, outlines: Outlines, without_triton: Outlines
) -> None:
    video = await gold(db, blobs)
    clips = await list_clips(db, video.video_id)
    with pytest.raises(errors.Unavailable):
        await without_triton.of(video, clips, SCENES)
    found = await outlines.of(video, clips, SCENES)
    assert plain(found) == (SECONDS, False)
    assert plain(await without_triton.of(video, clips, SCENES)) == plain(found)


@pytest.mark.triton
async def test_a_gold_video_has_its_steps_as_soon_as_it_is_there(
    db: Database, blobs: BlobStore, outlines: Outlines
) -> None:
    video, trainee = await gold(db, blobs), await gold(db, blobs, is_gold=False)
    keep = await outlines.accompany(video, await embedded(db, video))
    assert keep is not None
    assert await outlines.kept(video) is None
    async with db.write() as connection:
        await keep(connection)
    assert plain(await outlines.kept(video)) == (SECONDS, False)
    assert await outlines.accompany(trainee, await embedded(db, trainee)) is None


async def test_steps_hold_for_one_embedding_and_one_way_to_find_them(db: Database, blobs: BlobStore) -> None:
    video = await gold(db, blobs)
    async with db.write() as connection:
        await put_found(connection, video, FoundSteps((0.0, 5.0, 12.5), True), algorithm="one")
    assert plain(await get_found(db, video, algorithm="one")) == ([0.0, 5.0, 12.5], True)
    assert await get_found(db, video, algorithm="another") is None
    clips = await list_clips(db, video.video_id)
    async with db.write() as connection:
        assert await replace_clips(connection, video, "m:2", clips)
    changed = replace(video, embedding_model="m:2")
    assert await get_found(db, changed, algorithm="one") is None
    async with db.write() as connection:  # who began before the change comes too late
        await put_found(connection, video, FoundSteps((0.0, 12.0), False), algorithm="one")
        await put_found(connection, changed, FoundSteps((0.0, 7.0, 12.0), False), algorithm="one")
    assert plain(await get_found(db, changed, algorithm="one")) == ([0.0, 7.0, 12.0], False)


async def test_nothing_is_kept_of_a_video_that_was_deleted(db: Database, blobs: BlobStore) -> None:
    video = await gold(db, blobs)
    found = FoundSteps((0.0, 12.0), False)
    async with db.write() as connection:
        await put_found(connection, video, found, algorithm=ALGORITHM)
        await delete_video(connection, video)
    async with db.write() as connection:
        await put_found(connection, video, found, algorithm=ALGORITHM)
    assert await get_found(db, video, algorithm=ALGORITHM) is None


def test_a_method_is_named_by_every_module_that_has_a_part_in_it() -> None:
    assert {"outlining", "segmentation", "phases", "moments", "adaptation", "withdrawals"} <= modules_of("outlining")
    assert {"comparison", "decoding", "viterbi", "settling", "norms"} <= modules_of("reading", "comparison")
    assert len({of_modules("outlining"), of_modules("reading"), of_modules("reading", "comparison")}) == 3
