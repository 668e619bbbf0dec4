"""Renders takes of any family as video files, or as the clips that ingest would cut from them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from reelops.infra.media import plan_sampling

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
    script: Script, filmed: Conditions, geometry: tuple[int, int, int], *, closely: bool = False
) -> tuple[Image, list[tuple[float, float]]]:
    """Draws the take as ingest would cut it, with no video file between: clips of about 4 s, or 2 s `closely`.

    Gives (clips, frames, height, width, 3) and one (start, end) in seconds per clip.
    """
    count, height, width = geometry
    plan = plan_sampling(filmed.fps, closely=closely)
    sampled, window = plan.sampled_fps, plan.window
    small = [
        cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        for image in frames(script, filmed, fps=sampled)
    ]
    made: list[Image] = []
    times: list[tuple[float, float]] = []
    for first in range(0, len(small), window):
        part = small[first : first + window]
        if len(part) < plan.least_tail and made:
            break
        times.append((first / sampled, (first + len(part)) / sampled))
        part = part + [part[-1]] * (window - len(part))
        made.append(np.stack([part[i] for i in np.linspace(0, window - 1, count).round().astype(int)]))
    return np.stack(made), times
