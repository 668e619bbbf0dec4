"""What the media floor takes and gives: limits, descriptions of files, clips."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """How much of anything a file may ask for before it is refused.

    `max_pixels` is width times height of one frame. `open_timeout_sec` covers reading the header, `total_timeout_sec`
    the whole reading of one file by the wall clock, time that the consumer takes included.
    """

    max_pixels: int = 8192 * 8192 // 4
    max_duration_sec: float = 6 * 3600.0
    max_frames: int = 2_000_000
    open_timeout_sec: float = 20.0
    total_timeout_sec: float = 4 * 3600.0


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a file says of its video.

    `width` and `height` are as displayed: upright, with square pixels. `rotation` is counter-clockwise in
    degrees (0, 90, 180, 270). `duration_sec` is absent when the header does not say. `start_sec` is the time stamp of
    the first frame in the file's own clock; every other time of this package counts from that frame.
    """

    duration_sec: float | None
    width: int
    height: int
    rotation: int
    source_fps: float
    codec: str
    pixel_format: str
    has_audio: bool
    start_sec: float
    sample_aspect_ratio: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class ClipGeometry:
    """The tensor that an embedder takes per clip: `frames` RGB pictures of `height` by `width`."""

    frames: int
    height: int
    width: int


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One window of about four seconds, or two where the video is looked at closely.

    `frames` is uint8 (frames, height, width, 3), RGB, display orientation, stretched to the geometry so that all of
    the picture stays in view. `mean_luma` is 0 to 255 and `sharpness` the variance of the Laplacian, both at the
    analysis size (longest side at most 320) and averaged over the clip. `flags` names what is wrong with them.
    """

    index: int
    start_sec: float
    end_sec: float
    frames: Pixels
    mean_luma: float
    sharpness: float
    flags: tuple[str, ...]
