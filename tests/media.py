"""Makes the videos that tests look at. Nothing here needs a file of anybody.

`write_video` writes numbered frames: each shows its own number as a grid of light and dark cells that survives scaling,
stretching and compression, and `read_number` reads it back. So a test can say which frame it was given.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from reelops.infra.media.priorities import priorities_kept

Pixels = npt.NDArray[np.uint8]

_GRID = 4  # 16 cells, so numbers below 65536
_TICK = Fraction(1, 90_000)


def numbered(number: int, size: tuple[int, int] = (320, 180)) -> Pixels:
    """Draws frame `number`, uint8 (height, width, 3): light cells are the ones of the number, from the lowest bit."""
    width, height = size
    rows = np.minimum(np.arange(height) * _GRID // height, _GRID - 1)
    columns = np.minimum(np.arange(width) * _GRID // width, _GRID - 1)
    bits = number >> (rows[:, None] * _GRID + columns[None, :]) & 1
    return np.where(bits[:, :, None] == 1, [225, 215, 205], [25, 45, 65]).astype(np.uint8)


def read_number(picture: Pixels) -> int:
    """Reads the number back from a picture of any size, upright."""
    height, width = picture.shape[:2]
    number = 0
    for cell in range(_GRID * _GRID):
        row, column = divmod(cell, _GRID)
        y, x = int((row + 0.5) * height / _GRID), int((column + 0.5) * width / _GRID)
        around = picture[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2]
        number |= int(around.mean() > 128) << cell
    return number


def write_video(
    path: Path,
    *,
    count: int = 100,
    fps: int = 25,
    size: tuple[int, int] = (320, 180),
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    options: Mapping[str, str] | None = None,
    container_options: Mapping[str, str] | None = None,
    format: str | None = None,
    times: Sequence[float] | None = None,
    frames: Iterable[Pixels] | None = None,
    audio_sec: float = 0.0,
) -> Path:
    """Writes `count` numbered frames, or the given `frames`; `times` are their seconds where the rate is not even."""
    with (
        priorities_kept(),
        av.open(str(path), "w", format=format, container_options=dict(container_options or {})) as container,
    ):
        stream: Any = container.add_stream(codec, rate=fps, options=dict(options or {}))
        stream.width, stream.height = size
        stream.pix_fmt = pixel_format
        stream.thread_type = "FRAME"
        stream.codec_context.time_base = _TICK if times is not None else Fraction(1, fps)
        sound: Any = container.add_stream("aac", rate=16_000) if audio_sec else None
        for place, picture in enumerate(frames or (numbered(n, size) for n in range(count))):
            frame = av.VideoFrame.from_ndarray(picture, format="rgba" if picture.shape[2] == 4 else "rgb24")
            frame = frame.reformat(format=pixel_format)
            frame.pts = round(times[place] / _TICK) if times is not None else place
            frame.time_base = stream.codec_context.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if sound is not None:
            _write_tone(container, sound, audio_sec)
    return path


def write_sound(path: Path, seconds: float = 2.0) -> Path:
    """Writes a tone and no picture."""
    with av.open(str(path), "w") as container:
        _write_tone(container, container.add_stream("aac", rate=16_000), seconds)
    return path


def write_song_with_cover(path: Path, seconds: float = 2.0) -> Path:
    """Writes a tone with an attached picture, as players show it for a song."""
    with av.open(str(path), "w") as container:
        sound = container.add_stream("aac", rate=16_000)
        cover: Any = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 64, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        container.mux(cover.encode(av.VideoFrame.from_ndarray(numbered(9, (64, 64))).reformat(format="yuvj420p")))
        container.mux(cover.encode())
        _write_tone(container, sound, seconds)
    return path


def write_lying_header(path: Path, *, claimed: tuple[int, int], real: tuple[int, int]) -> Path:
    """Writes an AVI whose header names another picture size than its pictures have."""
    maker: Any = av.CodecContext.create("mjpeg", "w")
    maker.width, maker.height = real
    maker.pix_fmt, maker.time_base = "yuvj420p", Fraction(1, 25)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = *claimed, "yuvj420p"
        for number in range(30):
            frame = av.VideoFrame.from_ndarray(numbered(number, real)).reformat(format="yuvj420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            for packet in maker.encode(frame):
                packet.stream = stream
                container.mux(packet)
    return path


def write_giant_gif(path: Path, *, side: int = 20_000) -> Path:
    """Writes a few bytes that unfold to a picture of `side` by `side` pixels."""
    palette = bytes((0, 0, 0, 255, 255, 255))
    header = b"GIF89a" + struct.pack("<HHBBB", side, side, 0x80, 0, 0) + palette
    picture = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + bytes((2, 2, 0x44, 1, 0))
    path.write_bytes(header + picture * 2 + b";")
    return path


def rotate(path: Path, degrees: int, *, mirrored: bool = False) -> Path:
    """Says in an mp4's header that its picture is to be turned clockwise, as phones do; the pictures stay."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 44
    cosine, sine = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    flip = -1 if mirrored else 1
    one = 1 << 16
    matrix = (flip * cosine * one, flip * sine * one, 0, -sine * one, cosine * one, 0, 0, 0, 1 << 30)
    data[at : at + 36] = struct.pack(">9i", *matrix)
    path.write_bytes(bytes(data))
    return path


def truncate(source: Path, target: Path, share: float) -> Path:
    """Keeps only the first part of a file, as an upload that broke off would."""
    data = source.read_bytes()
    target.write_bytes(data[: int(len(data) * share)])
    return target


def _write_tone(container: Any, stream: Any, seconds: float) -> None:
    rate, step = 16_000, 1024
    for start in range(0, int(seconds * rate), step):
        wave = np.sin(np.arange(start, start + step) * 2 * np.pi * 440 / rate).astype(np.float32)[None]
        frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        container.mux(stream.encode(frame))
    container.mux(stream.encode())
