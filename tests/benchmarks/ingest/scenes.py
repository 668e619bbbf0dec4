"""Makes the videos that the ingest benchmarks read: a camera's picture, with its noise and its motion."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]
FPS = 25
SIZE = (1280, 720)


def write_scene(path: Path, *, seconds: int, handheld: bool, noise: float = 4.0, seed: int = 11) -> Path:
    """Writes 720p H.264 as x264 makes it by default: B pyramid, a key frame every 250 frames, frame threads.

    A tripod shot (hands at work before a still background) or a `handheld` one (everything moves, all the time).
    """
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.thread_type = "FRAME"
        for picture in _pictures(seconds * FPS, handheld, noise, np.random.default_rng(seed)):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="yuv420p")))
        container.mux(stream.encode())
    return path


def repeat(source: Path, target: Path, times: int) -> Path:
    """Writes the same packets `times` times over, so that a long video is quickly made."""
    with av.open(str(source)) as one, av.open(str(target), "w") as container:
        stream = one.streams.video[0]
        out = container.add_stream_from_template(stream)
        length = stream.duration or 0
        packets = [(p.pts or 0, p.dts or 0, bytes(p), p.is_keyframe) for p in one.demux(stream) if p.size]
        for turn in range(times):
            for pts, dts, data, key in packets:
                packet: Any = av.Packet(data)
                packet.pts, packet.dts = pts + turn * length, dts + turn * length
                packet.time_base, packet.is_keyframe, packet.stream = stream.time_base, key, out
                container.mux(packet)
    return target


def _pictures(count: int, handheld: bool, noise: float, random: np.random.Generator) -> Iterator[Pixels]:
    width, height = SIZE
    world = _texture(2 * width, 2 * height, random)
    colours = [_texture(width, height, random) // 4 + 96 for _ in range(2)]
    grain = [random.normal(0, noise, (height, width)).astype(np.int8) for _ in range(16)]
    for at in range(count):
        t = at / FPS
        drift = 0.9 if handheld else 0.0
        x = int(width / 2 * (1 + drift * math.sin(t * 0.21))) // 2 * 2
        y = int(height / 2 * (1 + drift * math.sin(t * 0.13))) // 2 * 2
        luma = world[y : y + height, x : x + width].copy()
        for hand in range(4):
            left = int(width * (0.45 + 0.35 * math.sin(t * (0.7 + 0.3 * hand) + hand)))
            top = int(height * (0.42 + 0.3 * math.cos(t * (0.9 + 0.2 * hand) + hand)))
            luma[top : top + 120, left : left + 120] = world[
                hand * 130 : hand * 130 + 120, hand * 200 : hand * 200 + 120
            ]
        noisy = np.clip(luma.astype(np.int16) + grain[int(random.integers(16))], 16, 235).astype(np.uint8)
        chroma = [c[y // 2 : y // 2 + height // 2, x // 2 : x // 2 + width // 2] for c in colours]
        planes = [noisy, *chroma]
        yield np.concatenate([plane.reshape(-1) for plane in planes]).reshape(height * 3 // 2, width)


def _texture(width: int, height: int, random: np.random.Generator) -> Pixels:
    """Mixes smooth noise of several scales, as surfaces in a room have."""
    mixed = np.full((height, width), 120, np.float32)
    for cell, strength in ((4, 8), (16, 16), (64, 32), (256, 40)):
        coarse = random.normal(0, strength, (height // cell + 2, width // cell + 2)).astype(np.float32)
        mixed += np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
    return mixed.clip(16, 235).astype(np.uint8)
