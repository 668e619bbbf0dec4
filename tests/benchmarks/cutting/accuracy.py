"""Says how far a clip's ends are off, and how its pictures compare with the source's."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from tests.benchmarks.cutting.scene import FPS, read_number

Luma = npt.NDArray[np.uint8]
_LOOK_BACK_SEC = 15


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Frames that a clip begins too early (below zero) or late, and ends; frames that are the source's to the bit,
    and the worst luma PSNR of the others, dB."""

    start_off: int
    end_off: int
    frames: int
    identical: int
    psnr: float

    def __str__(self) -> str:
        quality = f"the others PSNR {self.psnr:.1f} dB or better" if self.identical < self.frames else ""
        return (
            f"starts {self.start_off:+d} and ends {self.end_off:+d} frames off, "
            f"{self.identical} of {self.frames} frames identical {quality}"
        )


def measure(source: Path, clip: Path, start: float, duration: float) -> Accuracy:
    """Compares every frame of a clip with the frame of the source that has its number."""
    first = math.floor(start * FPS + 1e-6)
    last = math.ceil((start + duration) * FPS - 1e-6) - 1
    pictures = _pictures(source, start - _LOOK_BACK_SEC)
    at, original = next(pictures)
    begin: int | None = None
    count = identical = 0
    worst = 100.0
    for _, picture in _pictures(clip, None):
        number = read_number(picture)
        while read_number(original) != number or at < first - _LOOK_BACK_SEC * FPS:
            at, original = next(pictures)
        begin = at if begin is None else begin
        count += 1
        if np.array_equal(picture, original):
            identical += 1
        else:
            worst = min(worst, _psnr(picture, original))
    assert begin is not None
    return Accuracy(begin - first, at - last, count, identical, worst)


def _pictures(path: Path, start: float | None) -> Iterator[tuple[int, Luma]]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        if start is not None:
            container.seek(int(max(0.0, start) * 1_000_000), backward=True)
        for frame in container.decode(stream):
            luma = np.frombuffer(frame.planes[0], np.uint8).reshape(frame.height, frame.planes[0].line_size)  # type: ignore[call-overload]
            yield round(float(frame.time or 0) * FPS), luma[:, : frame.width]


def _psnr(one: Luma, other: Luma) -> float:
    error = float(np.mean((one.astype(np.float32) - other) ** 2))
    return 100.0 if error == 0 else 10 * math.log10(255**2 / error)
