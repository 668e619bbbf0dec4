"""Clips from the request to the end of their file: cut once, refused with a reason, leaving nothing behind."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from reelops import errors
from reelops.core.editing.clips.model import ClipResult
from reelops.core.editing.keeping import Retention
from reelops.core.library.assets.model import AssetState
from reelops.infra.database import utc_now
from reelops.infra.jobs import Job, JobState
from reelops.infra.media.cutting import Container

from tests.core.editing.studio import MB, ORG, OTHER, Studio, ended, until_failed
from tests.media import write_video
from tests.webserver import Answer, web_server

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def film(studio: Studio) -> Path:
    """Four seconds of numbered frames."""
    return write_video(studio.root / "film.mp4", options={"g": "25"})


async def until_left(studio: Studio, count: int = 0) -> None:
    """Waits until no more files than that are left of what was begun."""
    async with asyncio.timeout(20):
        while len(studio.left()) != count:  # noqa: ASYNC110 - a folder sets no event
            await asyncio.sleep(0.02)


async def test_a_clip_and_its_end(studio: Studio, film: Path) -> None:
    studio.retention = Retention(hours=24, max_bytes=100 * MB)
    async with studio.working():
        job = await ended(studio.queue, await studio.ask("film.mp4"))
    assert job.state is JobState.completed, job
    result = ClipResult.of(job)
    assert result is not None and result.expires_at is not None
    asset, info = await studio.clips.file(result.name, ORG)
    assert (info.size, asset.state) == (result.size_bytes, AssetState.ready)
    assert studio.left() == [f"blobs/clips/{result.name}"]
    with pytest.raises(errors.NotFound) as refused:
        await studio.clips.file(result.name, OTHER)
    assert refused.value.code == "FILE_NOT_FOUND"
    await studio.files.expire(result.expires_at + timedelta(seconds=1))
    assert studio.left() == []
    with pytest.raises(errors.NotFound) as refused:
        await studio.clips.file(result.name, ORG)
    assert refused.value.code == "FILE_EXPIRED" and "expired on" in refused.value.message
    with pytest.raises(errors.NotFound) as refused:
        await studio.clips.file(result.name, OTHER)
    assert refused.value.code == "FILE_NOT_FOUND"
    again = await studio.clips.get(job.job_id, ORG)
    assert again.state is JobState.completed and ClipResult.of(again) == result
    assert (await studio.assets.list(ORG)).total == 0


@on_sqlite
async def test_a_file_whose_time_is_over_is_gone_before_it_is_removed(studio: Studio, film: Path) -> None:
    studio.retention = Retention(hours=0.00001, max_bytes=100 * MB)
    async with studio.working():
        job = await ended(studio.queue, await studio.ask("film.mp4"))
    await asyncio.sleep(0.1)
    with pytest.raises(errors.NotFound) as refused:
        await studio.clips.file(f"{job.job_id}.mp4", ORG)
    assert refused.value.code == "FILE_EXPIRED"


@on_sqlite
async def test_failed_clips_expire_too(studio: Studio, film: Path) -> None:
    async with studio.working():
        job = await ended(studio.queue, await studio.ask("film.mp4", start_sec=100.0))
        assert (job.state, job.error_code) == (JobState.failed, "CLIP_START_PAST_END")
        asset = await until_failed(studio)
    assert studio.left() == []
    assert asset.error and asset.expires_at is not None
    await studio.files.expire(asset.expires_at)
    assert (await studio.assets.list(ORG)).total == 0


@on_sqlite
async def test_a_clip_that_does_not_fit_fails_and_leaves_nothing(studio: Studio, film: Path) -> None:
    async with studio.working():
        first = await ended(studio.queue, await studio.ask("film.mp4"))
        result = ClipResult.of(first)
        assert result is not None
    # Room for one more and a half.
    studio.retention = Retention(hours=24, max_bytes=int(result.size_bytes * 2.5))
    jobs = [await studio.ask("film.mp4") for _ in range(4)]
    async with studio.working():
        states = [await ended(studio.queue, job) for job in jobs]
        await until_left(studio, 2)
    assert sorted(job.state.value for job in states) == ["completed", "failed", "failed", "failed"]
    assert {job.error_code for job in states} == {None, "STORAGE_LIMIT"}


@on_sqlite
async def test_a_disk_without_room_fails_the_clip_and_not_the_worker(studio: Studio, film: Path) -> None:
    studio.reserve_bytes, studio.waits = 1 << 60, timedelta(0)
    with web_server() as web:
        web.answers = {"/film": _endless(threading.Event())}
        async with studio.working():
            cut = await ended(studio.queue, await studio.ask("film.mp4"))
            fetched = await ended(studio.queue, await studio.ask(web.url("/film")))
            await until_left(studio)
    for job in (cut, fetched):
        assert (job.state, job.error_code) == (JobState.failed, "STORAGE_FULL"), job
        assert "space" in (job.error_message or "")


@on_sqlite
async def test_a_full_disk_is_waited_for_at_first(studio: Studio, film: Path) -> None:
    studio.reserve_bytes = 1 << 60
    async with studio.working():
        job = await studio.ask("film.mp4")
        async for seen in studio.queue.watch(job.job_id):
            if seen.stage.startswith("waiting"):
                break
        assert "space" in seen.stage
    studio.reserve_bytes = 0
    async with studio.working():
        assert (await ended(studio.queue, job)).state is JobState.completed


@on_sqlite
async def test_a_host_that_is_away_ends_the_clip_in_the_host_s_words(studio: Studio) -> None:
    studio.waits = timedelta(0)
    with web_server() as web:
        web.answers = {"/busy": lambda handler: handler.send_error(503)}
        async with studio.working():
            job = await ended(studio.queue, await studio.ask(web.url("/busy?token=secret")))
    assert (job.state, job.error_code) == (JobState.failed, "SOURCE_UNAVAILABLE")
    assert "503" in (job.error_message or "") and "secret" not in (job.error_message or "")


@on_sqlite
async def test_a_file_storage_that_is_away_is_waited_for(studio: Studio, film: Path) -> None:
    studio.waits = timedelta(0)
    job = await studio.ask("film.mp4")
    moved = studio.root.rename(studio.folder / "elsewhere")
    async with studio.working():
        async for seen in studio.queue.watch(job.job_id):
            if seen.stage.startswith("waiting"):
                break
        moved.rename(studio.root)
        assert (await ended(studio.queue, job)).state is JobState.completed


@on_sqlite
async def test_a_video_with_a_privacy_mask_is_not_clipped(studio: Studio, film: Path) -> None:
    plain = await studio.add_video(film)
    masked = await studio.add_video(film, mask="0:0:0.5:1")
    with pytest.raises(errors.Invalid) as refused:
        await studio.ask(masked.asset_id)
    assert (refused.value.code, refused.value.details["field"]) == ("SOURCE_MASKED", "source")
    assert "privacy mask" in refused.value.message
    async with studio.working():
        assert (await ended(studio.queue, await studio.ask(plain.asset_id))).state is JobState.completed


@on_sqlite
async def test_a_cancelled_clip_ends_at_once_and_leaves_nothing(studio: Studio, film: Path) -> None:
    """While it is fetched: an endless source. While it is cut: a webm has to be encoded, which takes long."""
    going = threading.Event()
    long = write_video(studio.root / "long.mp4", count=1000, options={"preset": "ultrafast"})
    with web_server() as web:
        web.answers = {"/endless": _endless(going)}
        async with studio.working():
            jobs = [await studio.ask(web.url("/endless")), await _ask_long(studio, long)]
            for job, stage in zip(jobs, ("fetching", "cutting"), strict=True):
                async for seen in studio.queue.watch(job.job_id):
                    if seen.stage == stage:
                        break
                await studio.queue.cancel(job.job_id, by="client:shop")
                before = time.monotonic()
                assert (await ended(studio.queue, job)).state is JobState.cancelled
                print(f"{stage} ended {time.monotonic() - before:.2f} s after it was cancelled")
            await until_left(studio)


@on_sqlite
async def test_what_waits_is_cancelled_without_a_worker(studio: Studio, film: Path) -> None:
    job = await studio.ask("film.mp4")
    await studio.queue.cancel(job.job_id, by="client:shop")
    async with studio.working():
        asset = await until_failed(studio)
    assert asset.expires_at is not None and asset.expires_at > utc_now()
    assert studio.left() == []


async def _ask_long(studio: Studio, path: Path) -> Job:
    return await studio.ask(path.name, duration_sec=60.0, container=Container.webm)


def _endless(going: threading.Event) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "video/mp4")
        handler.end_headers()
        going.set()
        while True:
            handler.wfile.write(bytes(1 << 16))
            time.sleep(0.01)

    return answer
