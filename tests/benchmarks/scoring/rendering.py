"""Renders takes of any family as video files, or as the clips that ingest would cut from them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from tests.benchmarks.scoring.conditions import HEIGHT, WIDTH, Conditions, Image
from tests.benchmarks.scoring.families import family_of
from tests.benchmarks.scoring.scripts import Script

__all__ = ["Conditions", "clips", "frames", "write_video"]


def frames(script: Script, filmed: Conditions, *, fps: float) -> Iterator[Image]:
    """Draws the take at `fps`, RGB."""
    return family_of(script.procedure.seed).frames(script, filmed, fps=fps)


def write_video(script: Script, filmed: Conditions, path: Path, *, codec: str = "libx264") -> None:
    """Writes the take as a video file at the frame rate of its conditions."""
    height, width = (int(side * filmed.scale) // 2 * 2 for side in (HEIGHT, WIDTH))
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=round(filmed.fps))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for image in frames(script, filmed, fps=filmed.fps):
            resized = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
            frame = av.VideoFrame.from_ndarray(np.asarray(resized, dtype=np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def clips(
    script: Script, filmed: Conditions, geometry: tuple[int, int, int]
) -> tuple[Image, list[tuple[float, float]]]:
    """Draws the take as ingest would cut it: clips of about 4 s and their times, with no video file between.

    Gives (clips, frames, height, width, 3) and one (start, end) in seconds per clip.
    """
    count, height, width = geometry
    stride = max(1, round(filmed.fps / 4))
    sampled = filmed.fps / stride
    window = max(1, round(sampled * 4.0))
    small = [
        cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        for image in frames(script, filmed, fps=sampled)
    ]
    made: list[Image] = []
    times: list[tuple[float, float]] = []
    for first in range(0, len(small), window):
        part = small[first : first + window]
        if len(part) < 0.6 * window and made:
            break
        times.append((first / sampled, (first + len(part)) / sampled))
        part = part + [part[-1]] * (window - len(part))
        made.append(np.stack([part[i] for i in np.linspace(0, window - 1, count).round().astype(int)]))
    return np.stack(made), times
