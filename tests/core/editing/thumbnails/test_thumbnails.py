"""Thumbnails from the request to the end of their file: the right picture, the right refusal, nothing for who left."""

from __future__ import annotations

import asyncio
import io
import os
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from reelops import errors
from reelops.core.editing.thumbnails.failures import Fields
from reelops.core.editing.thumbnails.orders import ThumbnailOrder, ThumbnailResult
from reelops.infra.jobs import Job, JobState
from reelops.infra.media import Pixels

from tests.core.editing.studio import ORG, OTHER, Studio, until_failed
from tests.media import write_video
from tests.webserver import web_server

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FIELDS = Fields(source="video_url", texts="overlays.")
FRAME = ThumbnailOrder(asset_id="")
TITLED = ThumbnailOrder(asset_id="", title="A title")
COLOURS = [(220, 30, 30), (30, 200, 40), (30, 40, 220), (220, 210, 30), (200, 40, 210), (30, 210, 210)]


async def draw(studio: Studio, source: str | None, order: ThumbnailOrder = FRAME, **fields: Any) -> ThumbnailResult:
    order = replace(order, **fields)
    return await studio.thumbnails.generate(order, source=source, fields=FIELDS, org_id=ORG, by="client:shop")


async def shown(studio: Studio, result: ThumbnailResult) -> Pixels:
    asset, info = await studio.thumbnails.file(result.name, ORG)
    content = b"".join([chunk async for chunk in studio.thumbnails.read(asset, 0, info.size)])
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


async def refusal(
    studio: Studio, source: str | None, order: ThumbnailOrder = FRAME, **fields: Any
) -> errors.ReelOpsError:
    with pytest.raises(errors.ReelOpsError) as refused:
        await draw(studio, source, order, **fields)
    return refused.value


def colour_of(picture: Pixels) -> int:
    """Tells which of the colours most of a picture is nearest to, by hue alone: designs darken what they show."""
    pixels = picture.reshape(-1, 3)[::97].astype(float)
    pixels = pixels[pixels.max(axis=1) > 40]
    hues = pixels / pixels.max(axis=1, keepdims=True)
    wanted = np.array(COLOURS) / np.array(COLOURS).max(axis=1, keepdims=True)
    nearest = ((hues[:, None] - wanted[None]) ** 2).sum(axis=2).argmin(axis=1)
    return int(np.bincount(nearest, minlength=len(COLOURS)).argmax())


def plain(colour: tuple[int, int, int], size: tuple[int, int] = (320, 180)) -> Pixels:
    return np.full((size[1], size[0], 3), colour, np.uint8)


def write_colours(path: Path, *, count: int = 60, each: int = 1, **given: Any) -> Path:
    """Writes frames of which every one (or every few) has another colour than those before and after it."""
    frames = (plain(COLOURS[number // each % len(COLOURS)]) for number in range(count))
    return write_video(path, frames=frames, options={"g": "17", "crf": "12", **given.pop("options", {})}, **given)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
async def test_the_picture_is_of_exactly_that_frame(studio: Studio, name: str) -> None:
    seed = int(os.environ.get("REELOPS_TEST_SEED") or random.SystemRandom().randrange(10_000))
    print(f"REELOPS_TEST_SEED={seed}")
    chance = random.Random(seed)
    write_colours(studio.root / name)
    async with studio.working():
        for number in (0, 59, chance.randrange(1, 59)):
            for share in (0.02, 0.95):
                moment = (number + share) / 25
                result = await draw(studio, name, timestamp=moment)
                assert colour_of(await shown(studio, result)) == number % len(COLOURS), (number, moment)
                assert result.timestamp == moment


def write_without_duration(path: Path) -> Path:
    """Two seconds whose header says nothing of their length, as a live recording has it."""
    return write_colours(path, count=50, format="matroska", container_options={"live": "1"})


@pytest.mark.parametrize("name", ["a.mp4", "bare.h264", "sound.mkv", "live.mkv"])
async def test_past_the_end_there_is_no_frame(studio: Studio, name: str) -> None:
    path = studio.root / name
    if name == "live.mkv":
        write_without_duration(path)
        with av.open(str(path)) as container:
            assert container.duration is None
    else:
        write_colours(path, count=50, audio_sec=4.0 if name == "sound.mkv" else 0.0)
    async with studio.working():
        assert colour_of(await shown(studio, await draw(studio, name, timestamp=1.97))) == 49 % len(COLOURS)
        for moment in (2.05, 3.0, 1e6):
            refused = await refusal(studio, name, timestamp=moment)
            assert (type(refused), refused.code) == (errors.Invalid, "TIMESTAMP_INVALID"), moment
            assert refused.details["field"] == "timestamp" and "ends at 2.0" in refused.message


async def test_without_a_moment_the_best_frame_is_shown(studio: Studio) -> None:
    """Black, then something sharp and well lit, then white."""
    chance = np.random.default_rng(3)
    detail = np.kron(chance.integers(0, 2, (18, 32, 1)), np.ones((10, 10, 1))) * [150, 140, 60] + [40, 40, 30]
    frames = [plain((4, 4, 4))] * 50 + [detail.astype(np.uint8)] * 50 + [plain((252, 252, 252))] * 50
    write_video(studio.root / "a.mp4", frames=frames, options={"g": "10"})
    async with studio.working():
        result = await draw(studio, "a.mp4")
    assert result.timestamp is not None and 2.0 <= result.timestamp < 4.0
    assert 40 < (await shown(studio, result)).mean() < 200


@pytest.mark.parametrize("mode", ["black", "blur", "pixelate"])
async def test_what_a_privacy_mask_hides_is_in_no_thumbnail(studio: Studio, mode: str) -> None:
    """The left half is of fine stripes; hidden, they are a stain or nothing."""
    stripes = plain((90, 90, 90))
    stripes[:, :160] = np.where(np.arange(180)[:, None, None] // 6 % 2, [30, 200, 40], [200, 40, 210])
    film = write_video(studio.folder / "film.mp4", frames=[stripes] * 30, options={"crf": "8"})
    masked = (await studio.add_video(film, mask="0:0:0.5:1", mode=mode)).asset_id
    bare = (await studio.add_video(film)).asset_id
    async with studio.working():
        for moment in (0.5, None):
            hidden = await shown(studio, await draw(studio, masked, timestamp=moment))
            seen = await shown(studio, await draw(studio, bare, timestamp=moment))
            assert detail(seen) > 5, "the test shows nothing"
            assert detail(hidden) < detail(seen) / 4
        if mode == "black":
            drawn = await shown(studio, await draw(studio, masked, TITLED, colors=("#ff0000",)))
            assert greenness(drawn) < 0.002


def detail(picture: Pixels) -> float:
    """How much the lines of a picture differ from those below them."""
    return float(np.abs(np.diff(picture[::3].astype(int), axis=0)).mean())


def greenness(picture: Pixels) -> float:
    """The share of a picture that is clearly green."""
    red, green, blue = (picture[..., channel].astype(int) for channel in range(3))
    return float(np.mean((green > red + 40) & (green > blue + 40)))


async def test_a_masked_video_that_is_a_moving_image_is_masked_too(studio: Studio) -> None:
    stripes = Image.fromarray(plain((30, 200, 40)))
    stripes.save(studio.folder / "a.png")
    asset = await studio.add_video(studio.folder / "a.png", mask="0:0:1:1")
    async with studio.working():
        assert greenness(await shown(studio, await draw(studio, asset.asset_id))) < 0.005


async def test_pictures_are_shown_as_they_are_meant(studio: Studio) -> None:
    said = Image.Exif()
    said[0x0112] = 6  # the top of the picture is its left side
    photo = Image.new("RGB", (400, 300), COLOURS[0])
    photo.save(studio.root / "turned.jpg", exif=said, quality=95)
    clear = Image.new("RGBA", (400, 300), (*COLOURS[2], 255))
    clear.save(studio.root / "clear.png")
    Image.new("RGB", (400, 300), COLOURS[1]).save(studio.root / "a.webp")
    async with studio.working():
        for name, colour in (("turned.jpg", 0), ("clear.png", 2), ("a.webp", 1)):
            result = await draw(studio, name)
            assert colour_of(await shown(studio, result)) == colour, name
            assert result.timestamp is None


async def test_bad_pictures_are_refused_with_their_field(studio: Studio) -> None:
    Image.new("1", (30_000, 30_000)).save(studio.root / "bomb.png")
    Image.effect_noise((300, 300), 50).save(studio.root / "whole.jpg")
    whole = (studio.root / "whole.jpg").read_bytes()
    (studio.root / "half.jpg").write_bytes(whole[: len(whole) // 2])
    (studio.root / "text.png").write_text("no picture")
    async with studio.working():
        for name, kind, code in (
            ("bomb.png", errors.TooLarge, "IMAGE_TOO_LARGE"),
            ("half.jpg", errors.Invalid, "IMAGE_UNREADABLE"),
            ("text.png", errors.Invalid, "VIDEO_UNREADABLE"),
        ):
            refused = await refusal(studio, name, TITLED)
            assert (type(refused), refused.code, refused.details["field"]) == (kind, code, "video_url")


async def test_texts_that_cannot_be_drawn_name_their_field(studio: Studio) -> None:
    write_colours(studio.root / "a.mp4", count=5)
    async with studio.working():
        cases: list[tuple[dict[str, Any], str, str]] = [
            ({"title": "A \U00012000"}, "GLYPH_MISSING", "overlays.title"),
            ({"title": "A", "subtitle": "\U00012000"}, "GLYPH_MISSING", "overlays.subtitle"),
            ({"title": "x" * 301}, "TEXT_TOO_LONG", "overlays.title"),
            ({"title": "A", "subtitle": "x" * 301}, "TEXT_TOO_LONG", "overlays.subtitle"),
        ]
        for fields, code, field in cases:
            refused = await refusal(studio, "a.mp4", **fields)
            assert (type(refused), refused.code, refused.details["field"]) == (errors.Invalid, code, field)


async def test_a_frame_may_have_a_second_line_alone(studio: Studio) -> None:
    write_colours(studio.root / "a.mp4", count=5)
    async with studio.working():
        assert await draw(studio, "a.mp4", timestamp=0.0, subtitle="You won't believe this!")
    refused = await refusal(studio, None, subtitle="You won't believe this!")
    assert (refused.code, refused.details["field"]) == ("TITLE_REQUIRED", "overlays.title")


async def test_who_leaves_ends_the_job(studio: Studio) -> None:
    """Nobody works yet, so that the job waits while its caller does."""
    leaving = asyncio.create_task(draw(studio, None, TITLED))
    job = await _only_job(studio)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert (await studio.queue.get(job.job_id)).state is JobState.cancelled
    async with studio.working():
        await until_failed(studio)
    assert studio.left() == []


async def test_what_takes_too_long_goes_on_and_is_named(studio: Studio) -> None:
    studio.wait_sec = 0.3
    refused = await refusal(studio, None, TITLED)
    assert (type(refused), refused.code) == (errors.Unavailable, "THUMBNAIL_PENDING")
    job = await studio.queue.get(refused.details["job_id"], ORG)
    assert job.state is JobState.queued
    async with studio.working():
        async for seen in studio.queue.watch(job.job_id):
            job = seen
    assert job.state is JobState.completed and job.result is not None
    assert (await shown(studio, ThumbnailResult.of(job.result))).shape == (720, 1280, 3)


async def test_a_host_that_is_away_is_said_to_be(studio: Studio) -> None:
    studio.waits = timedelta(0)
    with web_server() as web:
        web.answers = {"/busy": lambda handler: handler.send_error(503)}
        async with studio.working():
            away = await refusal(studio, web.url("/busy"))
            missing = await refusal(studio, web.url("/missing"))
    assert (type(away), away.code, away.details["field"]) == (errors.Unavailable, "SOURCE_UNAVAILABLE", "video_url")
    assert (type(missing), missing.code, missing.details["field"]) == (errors.Invalid, "SOURCE_NOT_FOUND", "video_url")


async def test_a_thumbnail_expires(studio: Studio) -> None:
    async with studio.working():
        result = await draw(studio, None, TITLED)
    assert result.expires_at is not None
    assert (await shown(studio, result)).shape == (720, 1280, 3)
    await studio.files.expire(result.expires_at)
    for org_id, code in ((ORG, "FILE_EXPIRED"), (OTHER, "FILE_NOT_FOUND")):
        with pytest.raises(errors.NotFound) as refused:
            await studio.thumbnails.file(result.name, org_id)
        assert refused.value.code == code
    assert studio.left() == []


async def _only_job(studio: Studio) -> Job:
    async with asyncio.timeout(20):
        while not (jobs := await studio.queue.list()):  # noqa: ASYNC110 - a row sets no event
            await asyncio.sleep(0.01)
    (job,) = jobs
    return job
