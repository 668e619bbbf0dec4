"""Renders small procedure videos: a workbench, a hand with a tool, parts that come and stay.

The demonstration scores a trainee against a gold take without any footage of anybody. A take is a list of step names,
so that a missing step is one name less and an exchanged pair two names turned round.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import av
import numpy as np
import numpy.typing as npt
from av.video.stream import VideoStream
from PIL import Image

from reelops.infra.media.model import Pixels
from reelops.infra.media.workbench import STEPS, bench, draw_moment

FloatArray = npt.NDArray[np.float32]

GOLD_STEPS = ("plate", "gear", "shaft", "screws", "cover")
TRAINEE_STEPS = ("plate", "screws", "gear", "cover")


@dataclass(frozen=True, slots=True)
class Light:
    """What camera and room do to a take: a gain per channel and the strength of sensor noise, both in 8-bit steps."""

    red: float = 1.0
    green: float = 1.0
    blue: float = 1.0
    noise: float = 1.5


DAYLIGHT = Light()
LAMPLIGHT = Light(red=0.86, green=0.80, blue=0.68, noise=2.5)


def make_procedure(
    path: Path | str,
    *,
    steps: Sequence[str] = GOLD_STEPS,
    seconds_per_step: float = 8.0,
    fps: int = 25,
    size: tuple[int, int] = (640, 360),
    light: Light = DAYLIGHT,
    seed: int = 0,
    codec: str = "libx264",
) -> Path:
    """Writes one take; step i of `steps` lasts from i to i + 1 times `seconds_per_step`.

    The names are those of `workbench.STEPS`. `seed` varies the pace and the way of the hand, as takes of one person
    differ. Raises `KeyError` for an unknown step.
    """
    path = Path(path)
    options = {"preset": "veryfast", "crf": "24"} if codec == "libx264" else {}
    with av.open(str(path), "w") as container:
        stream = cast("VideoStream", container.add_stream(codec, rate=fps, options=options))
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.thread_type = "AUTO"
        for picture in _pictures(steps, seconds_per_step, fps, size, light, seed):
            container.mux(stream.encode(_frame(picture, stream)))
        container.mux(stream.encode())
    return path


def make_demo_pair(folder: Path | str, *, seconds_per_step: float = 8.0) -> tuple[Path, Path]:
    """Writes `gold.mp4` and `trainee.mp4`: the trainee leaves out the shaft and drives the screws before the gear."""
    folder = Path(folder)
    gold = make_procedure(folder / "gold.mp4", seconds_per_step=seconds_per_step, seed=1)
    trainee = make_procedure(
        folder / "trainee.mp4", steps=TRAINEE_STEPS, seconds_per_step=seconds_per_step, light=LAMPLIGHT, seed=2
    )
    return gold, trainee


def _pictures(
    steps: Sequence[str], seconds_per_step: float, fps: int, size: tuple[int, int], light: Light, seed: int
) -> Iterator[Pixels]:
    random = np.random.default_rng(seed)
    grain = [random.normal(0, light.noise, (size[1], size[0], 1)).astype(np.float32) for _ in range(7)]
    gain = np.array([light.red, light.green, light.blue], dtype=np.float32)
    scene = bench(size)
    count = max(1, round(seconds_per_step * fps))
    for name in steps:
        step = STEPS[name]
        pace, sway = random.uniform(0.85, 1.15), random.uniform(-0.03, 0.03)
        for at in range(count):
            picture = draw_moment(scene, step, (at / count) ** pace, sway=sway)
            yield _exposed(picture, gain, grain[int(random.integers(len(grain)))])
        scene = draw_moment(scene, step, 1.0, sway=sway)


def _exposed(picture: Image.Image, gain: FloatArray, grain: FloatArray) -> Pixels:
    lit: FloatArray = np.asarray(picture, dtype=np.float32) * gain + grain
    return lit.clip(0, 255).astype(np.uint8)


def _frame(picture: Pixels, stream: VideoStream) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=stream.pix_fmt)
