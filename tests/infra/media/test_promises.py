"""A header of some bytes that promises a billion samples is refused before anybody makes room for them."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from reelops.errors import Invalid
from reelops.infra.media import MediaLimits, probe
from reelops.infra.media.tables import check_tables

from tests.infra.media.boxes import box, replaced, table
from tests.media import write_video

MANY = 80_000_000
Make = Callable[[bytes, bytes], bytes]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_video(tmp_path_factory.mktemp("v") / "v.mp4", count=20, size=(64, 64)).read_bytes()


@pytest.fixture(scope="module")
def fragmented(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("v") / "v.mp4"
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    return write_video(path, count=20, size=(64, 64), container_options=options).read_bytes()


def same_size(count: int) -> dict[bytes, bytes]:
    """Promises samples of one byte each, which takes no table."""
    return {
        b"stsz": table(b"stsz", 1, count),
        b"stts": table(b"stts", 1, count, 512),
        b"stsc": table(b"stsc", 1, 1, count, 1),
    }


def sound(chunks: int) -> dict[bytes, bytes]:
    """Promises uncompressed sound in chunks without end."""
    return {
        b"hdlr": box(b"hdlr", bytes(8), b"soun", bytes(13)),
        b"stts": table(b"stts", 1, 2**31 - 1, 1),
        b"stsc": table(b"stsc", 1, 1, 2**31 - 1, 1),
        b"stco": table(b"stco", chunks, *[48] * chunks),
    }


def edited(plain: bytes) -> bytes:
    """Shows everything a thousand times."""
    edits = table(b"elst", 1000, *[3_600_000, 0, 1 << 16] * 1000)
    return replaced(plain, {**same_size(100_000), b"edts": box(b"edts", edits)})


def pictures(kind: bytes) -> bytes:
    counted = {b"iloc": struct.pack(">IHI", 2 << 24, 0x4400, MANY), b"iinf": struct.pack(">II", 1 << 24, MANY)}[kind]
    inner = box(b"hdlr", bytes(8), b"pict", bytes(13)) + table(b"pitm", 0) + box(kind, counted)
    return box(b"ftyp", b"avif", bytes(4)) + box(b"meta", bytes(4), inner)


@pytest.mark.parametrize(
    "make",
    [
        lambda plain, _: replaced(plain, same_size(MANY)),
        lambda plain, _: replaced(plain, same_size(10**9)),
        lambda plain, _: replaced(plain, {b"stsz": table(b"stz2", 4, MANY)}),
        lambda plain, _: replaced(plain, sound(80)),
        lambda plain, _: edited(plain),
        lambda _, parts: replaced(parts, {b"trun": table(b"trun", MANY)}),
        lambda _, parts: replaced(parts, {b"trun": table(b"trun", 1_000_000) * 20}),
        lambda *_: pictures(b"iloc"),
        lambda *_: pictures(b"iinf"),
        lambda plain, _: replaced(plain, {b"stsd": box(b"stsd", plain[-50:], *same_size(MANY).values())}),
        lambda plain, _: replaced(plain, {b"stsz": struct.pack(">I4sQIII", 1, b"stsz", 28, 0, 1, MANY)}),
        lambda plain, _: replaced(plain, same_size(MANY)).replace(b"moov", b"free"),
        lambda plain, _: replaced(plain, {b"mvhd": box(b"cmov", b"zlib")}),
        lambda plain, _: box(b"free") * 400_000 + plain,
    ],
)
def test_promises_that_nobody_can_keep_are_refused(make: Make, plain: bytes, fragmented: bytes, tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(make(plain, fragmented))
    with pytest.raises(Invalid) as caught:
        check_tables(path, MediaLimits(max_frames=500_000))
    assert caught.value.code in ("VIDEO_TOO_LONG", "VIDEO_UNREADABLE")
    assert caught.value.message.endswith(".")
    with pytest.raises(Invalid):
        probe(path, limits=MediaLimits(max_frames=500_000))


def test_honest_files_pass(plain: bytes, fragmented: bytes, tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    for content in (plain, fragmented, replaced(plain, {})):
        path.write_bytes(content)
        assert probe(path, limits=MediaLimits(max_frames=20)).codec == "h264"


def test_sound_of_many_samples_counts_by_its_chunks(tmp_path: Path) -> None:
    path = tmp_path / "v.mov"
    with av.open(str(path), "w") as container:
        picture: Any = container.add_stream("mpeg4", rate=25)
        picture.width = picture.height = 64
        picture.pix_fmt = "yuv420p"
        sound: Any = container.add_stream("pcm_u8", rate=48_000, layout="mono")
        container.mux(picture.encode(av.VideoFrame(64, 64, "yuv420p")))
        for start in range(0, 2_000_000, 100_000):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 100_000), np.uint8), format="u8", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
            container.mux(sound.encode(frame))
        container.mux(picture.encode())
    assert probe(path, limits=MediaLimits(max_frames=10_000)).has_audio


def test_files_of_other_kinds_pass_whatever_they_hold(tmp_path: Path) -> None:
    path = tmp_path / "v"
    seed = random.randrange(1 << 30)
    print("seed", seed)
    chance = random.Random(seed)
    for size in (0, 1, 7, 8, 23, 24, 25, 300, 5000):
        for content in (chance.randbytes(size), bytes(size), b"\0\0\0\1" * (size // 4)):
            path.write_bytes(content)
            check_tables(path, MediaLimits())


def test_headers_that_end_anywhere_are_judged(plain: bytes, fragmented: bytes, tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    for content in (replaced(plain, {}), replaced(fragmented, {})):
        for end in range(0, len(content), 37):
            path.write_bytes(content[:end])
            check_tables(path, MediaLimits())
