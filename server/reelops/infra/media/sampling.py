"""Which moments of a video are looked at."""

from __future__ import annotations

import math
from dataclasses import dataclass

TARGET_FPS = 4.0
CLIP_SEC = 4.0
TAIL_SHARE = 0.6
_FALLBACK_FPS = 30.0
_MAX_FPS = 1000.0


@dataclass(frozen=True, slots=True)
class Sampling:
    """Every `stride`-th source frame is looked at, `window` of those make a clip.

    `sampled_fps` is `source_fps / stride`; a stride may end between two frames. Sampling follows presentation times,
    one moment every `interval_sec`, so that it stays true where the frame rate varies.
    """

    source_fps: float
    stride: float
    sampled_fps: float
    window: int

    @property
    def interval_sec(self) -> float:
        return self.stride / self.source_fps

    @property
    def least_tail(self) -> int:
        """The fewest samples that make a last clip of their own."""
        return max(1, math.ceil(TAIL_SHARE * self.window - 1e-9))


def plan_sampling(source_fps: float, *, closely: bool = False) -> Sampling:
    """Plans about four frames a second in clips of about four seconds; an unusable frame rate counts as 30.

    `closely` looks twice as often, in clips half as long: every other moment is one of the usual ones.
    """
    fps = usable_fps(source_fps)
    stride = max(1, round(fps / TARGET_FPS))
    sampled = fps / stride
    window = max(1, round(sampled * CLIP_SEC))
    return Sampling(fps, stride / 2, 2 * sampled, window) if closely else Sampling(fps, stride, sampled, window)


def usable_fps(fps: float) -> float:
    """Gives `fps` where it can be the frame rate of a video, 30 where it cannot (0, negative, not a number, absurd)."""
    usable = math.isfinite(fps) and 1e-3 <= fps <= _MAX_FPS
    return fps if usable else _FALLBACK_FPS
