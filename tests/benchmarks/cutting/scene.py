"""Makes the video that is cut: 1080p as a camera sees it, every frame with its number in it."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]
FPS = 25
SIZE = (1920, 1080)
_RATE = 48_000
_BITS = 16
_CELL = 16
# This much is encoded; then its packets follow each other again and again, as often as the minutes need.
_SECONDS = 30


def write_source(path: Path, *, minutes: int) -> Path:
    """Writes half a minute once and repeats its packets: the whole takes no longer to make than that."""
    part = path.with_suffix(".part.mp4")
    _write_part(part)
    with av.open(str(part)) as one, av.open(str(path), "w", container_options={"movflags": "+faststart"}) as two:
        outs = {stream.index: two.add_stream_from_template(stream) for stream in one.streams}
        lengths = {stream.index: round(_SECONDS / (stream.time_base or 1)) for stream in one.streams}
        packets = [packet for packet in one.demux() if packet.size and (packet.pts or 0) >= 0]
        for turn in range(minutes * 60 // _SECONDS):
            for packet in packets:
                again: Any = av.Packet(bytes(packet))
                shift = turn * lengths[packet.stream.index]
                again.pts, again.dts = (packet.pts or 0) + shift, (packet.dts or 0) + shift
                again.time_base, again.is_keyframe = packet.time_base, packet.is_keyframe
                again.duration, again.stream = packet.duration, outs[packet.stream.index]
                two.mux(again)
    part.unlink()
    return path


def read_number(luma: Pixels) -> int:
    """Reads which frame of its minute a picture is."""
    cells = [luma[8 : _CELL - 4, place * _CELL + 4 : (place + 1) * _CELL - 4].mean() for place in range(_BITS)]
    return sum(int(light > 128) << place for place, light in enumerate(cells))


def _write_part(path: Path) -> None:
    random = np.random.default_rng(11)
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "bf": "3", "g": "250"})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        video.codec_context.thread_count = 0
        sound: Any = container.add_stream("aac", rate=_RATE)
        sound.layout = "stereo"
        world = _texture(2 * SIZE[0], 2 * SIZE[1], random)
        grain = [random.normal(0, 3, SIZE[::-1]).astype(np.int8) for _ in range(8)]
        for number in range(_SECONDS * FPS):
            container.mux(video.encode(_frame(number, world, grain)))
            if number % FPS == 0:
                container.mux(sound.encode(_tone(number // FPS)))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))


def _frame(number: int, world: Pixels, grain: list[npt.NDArray[np.int8]]) -> av.VideoFrame:
    width, height = SIZE
    t = number / FPS
    x = int(width / 2 * (1 + 0.9 * math.sin(t * 0.21))) // 2 * 2
    y = int(height / 2 * (1 + 0.9 * math.sin(t * 0.13))) // 2 * 2
    luma = np.clip(world[y : y + height, x : x + width].astype(np.int16) + grain[number % 8], 16, 235).astype(np.uint8)
    for place in range(_BITS):
        luma[:_CELL, place * _CELL : (place + 1) * _CELL] = 225 if number >> place & 1 else 25
    chroma = np.full((height // 2, width), 128, np.uint8)
    frame = av.VideoFrame.from_ndarray(np.concatenate([luma, chroma]), format="yuv420p")
    frame.pts, frame.time_base = number, Fraction(1, FPS)
    return frame


def _tone(second: int) -> av.AudioFrame:
    at = np.arange(second * _RATE, (second + 1) * _RATE)
    wave = (0.2 * np.sin(at * 2 * np.pi * 440 / _RATE)).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(np.stack([wave, wave]), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = _RATE, second * _RATE, Fraction(1, _RATE)
    return frame


def _texture(width: int, height: int, random: np.random.Generator) -> Pixels:
    """Mixes smooth noise of several scales, as surfaces in a room have."""
    mixed = np.full((height, width), 120, np.float32)
    for cell, strength in ((8, 8), (32, 16), (128, 32), (512, 40)):
        coarse = random.normal(0, strength, (height // cell + 2, width // cell + 2)).astype(np.float32)
        mixed += np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
    return mixed.clip(16, 235).astype(np.uint8)
