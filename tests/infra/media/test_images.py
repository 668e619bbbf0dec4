"""Images that callers bring: shown as they are meant to be seen, and refused before they unfold."""

from __future__ import annotations

import os
import random
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from reelops import errors
from reelops.infra.media import MediaLimits, Pixels
from reelops.infra.media.images import read_image

from tests.media import write_video

RED, BLUE = (250, 10, 10), (10, 10, 250)


def halves(width: int = 96, height: int = 64) -> Image.Image:
    """Red on the left, blue on the right."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (width // 2, 0, width, height))
    return picture


def read(path: Path, **fields: Any) -> Pixels:
    picture = read_image(path, **{"max_side": 640, **fields})
    assert picture is not None
    return picture


def is_like(pixel: Any, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(np.asarray(pixel).astype(int) - colour).max() < 30)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_every_kind_is_read(name: str, tmp_path: Path) -> None:
    halves().save(tmp_path / name, quality=95)
    picture = read(tmp_path / name)
    assert picture.shape == (64, 96, 3)
    assert is_like(picture[32, 10], RED) and is_like(picture[32, 85], BLUE)


@pytest.mark.parametrize("name", ["a.png", "a.webp"])
def test_what_is_transparent_is_white(name: str, tmp_path: Path) -> None:
    clear = halves().convert("RGBA")
    clear.paste((0, 0, 0, 0), (0, 0, 48, 64))
    clear.save(tmp_path / name, lossless=True)
    picture = read(tmp_path / name)
    assert is_like(picture[32, 10], (255, 255, 255)) and is_like(picture[32, 85], BLUE)


@pytest.mark.parametrize(("turn", "corner"), [(1, RED), (3, BLUE), (6, RED), (8, BLUE), (2, BLUE)])
def test_photos_are_shown_upright(turn: int, corner: tuple[int, int, int], tmp_path: Path) -> None:
    said = Image.Exif()
    said[0x0112] = turn
    halves().save(tmp_path / "a.jpg", exif=said, quality=95)
    picture = read(tmp_path / "a.jpg")
    assert picture.shape[:2] == ((96, 64) if turn > 4 else (64, 96))
    assert is_like(picture[5, 5], corner)


def test_palettes_greys_and_inks_look_right(tmp_path: Path) -> None:
    makers: dict[str, Callable[[], Image.Image]] = {
        "palette.png": lambda: halves().quantize(8),
        "ink.jpg": lambda: halves().convert("CMYK"),
        "grey.png": lambda: Image.new("L", (96, 64), 156),
        "deep.png": lambda: Image.fromarray(np.full((64, 96), 40_000, np.uint16)),
    }
    for name, make in makers.items():
        make().save(tmp_path / name)
        wanted = (156, 156, 156) if name in ("grey.png", "deep.png") else RED
        assert is_like(read(tmp_path / name)[32, 10], wanted), name


def test_a_large_picture_is_made_small(tmp_path: Path) -> None:
    halves(3000, 1000).save(tmp_path / "a.png")
    assert read(tmp_path / "a.png").shape == (213, 640, 3)


def test_bombs_are_refused_before_they_unfold(tmp_path: Path) -> None:
    header = b"\x00\x00\x9c\x40\x00\x00\x9c\x40\x08\x06\x00\x00\x00"  # 40,000 by 40,000 in four channels
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(100_000))), (b"IEND", b""))
    (tmp_path / "bomb.png").write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")
            for name, body in chunks
        )
    )
    with pytest.raises(errors.TooLarge) as refused:
        read_image(tmp_path / "bomb.png", max_side=640)
    assert refused.value.code == "IMAGE_TOO_LARGE" and "40000×40000" in refused.value.message
    halves().save(tmp_path / "small.jpg")
    with pytest.raises(errors.TooLarge):
        read_image(tmp_path / "small.jpg", max_side=640, limits=MediaLimits(max_pixels=96 * 64 - 1))
    with (tmp_path / "heavy.webp").open("wb") as file:
        file.write(b"RIFF\xff\xff\xff\x7fWEBP")
        file.truncate(200 << 20)
    with pytest.raises(errors.TooLarge):
        read_image(tmp_path / "heavy.webp", max_side=640)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_a_damaged_image_is_unreadable(name: str, tmp_path: Path) -> None:
    halves().save(tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    for share in (0.05, 0.5, 0.8):
        (tmp_path / name).write_bytes(whole[: max(12, int(len(whole) * share))])
        with pytest.raises(errors.Invalid) as refused:
            read_image(tmp_path / name, max_side=640)
        assert refused.value.code == "IMAGE_UNREADABLE"


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_whatever_is_wrong_with_an_image_it_is_read_or_refused(tmp_path: Path) -> None:
    seed = int(os.environ.get("REELOPS_TEST_SEED") or random.SystemRandom().randrange(10_000))
    print(f"REELOPS_TEST_SEED={seed}")
    chance, said = random.Random(seed), Image.Exif()
    said[0x0112] = 6
    for name in ("a.png", "a.jpg", "a.webp"):
        halves().save(tmp_path / name, exif=said)
        whole = (tmp_path / name).read_bytes()
        for _ in range(150):
            broken = bytearray(whole)
            for _ in range(chance.randint(1, 5)):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            (tmp_path / "broken").write_bytes(broken)
            try:
                picture = read_image(tmp_path / "broken", max_side=640)
            except (errors.Invalid, errors.TooLarge):
                continue
            assert picture is None or picture.shape[2] == 3


def test_what_is_no_image_is_left_to_others(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert read_image(tmp_path / "empty", max_side=640) is None
    assert read_image(write_video(tmp_path / "a.mp4", count=3), max_side=640) is None
    halves().save(tmp_path / "moves.png", save_all=True, append_images=[halves().rotate(180)])
    assert read_image(tmp_path / "moves.png", max_side=640) is None
