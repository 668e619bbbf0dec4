"""From decoded frames to small upright RGB pictures, and how good they are."""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from PIL import Image

from reelops.infra.media.model import ClipGeometry, Pixels

ANALYSIS_SIDE = 320
LOW_LIGHT_LUMA = 40.0
OVER_EXPOSED_LUMA = 215.0
BLURRY_SHARPNESS = 40.0


@dataclass(frozen=True, slots=True)
class Quality:
    """The mean luma (0 to 255) and the variance of the Laplacian of one picture at the analysis size."""

    mean_luma: float
    sharpness: float


class Scaler:
    """Scales and converts frames in one step, without a full-size RGB picture between.

    Averaging over the source area costs no more than bilinear here and does not alias when much is taken away. One
    scaler belongs to one thread: it keeps the scaling tables of the last shape.
    """

    def __init__(self) -> None:
        self._colour = VideoReformatter()
        self._grey = VideoReformatter()

    def rgb(self, frame: VideoFrame, *, width: int, height: int) -> Pixels:
        """Gives uint8 (height, width, 3) in display orientation; transparency is ignored."""
        turns, mirrored = orientation(frame)
        if turns % 2:
            width, height = height, width
        small = self._colour.reformat(frame, width, height, "rgb24", interpolation=Interpolation.AREA, threads=1)
        return _upright(np.asarray(small.to_ndarray(), dtype=np.uint8), turns, mirrored)

    def quality(self, frame: VideoFrame) -> Quality:
        width, height = fit(frame.width, frame.height, max_side=ANALYSIS_SIDE)
        grey = self._grey.reformat(frame, width, height, "gray", interpolation=Interpolation.AREA, threads=1)
        return measure(np.asarray(grey.to_ndarray(), dtype=np.uint8))


def orientation(frame: VideoFrame) -> tuple[int, bool]:
    """Reads the quarter turns counter-clockwise, and whether to mirror first, from the frame's display matrix."""
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if not isinstance(matrix, SideData) or matrix.buffer_size < 36:
        return 0, False
    a, b, _, c, d = (float(v) for v in np.frombuffer(bytes(matrix), dtype=np.int32, count=5))
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    return round(np.degrees(np.arctan2(-b, a)) / 90) % 4, mirrored


def _upright(picture: Pixels, turns: int, mirrored: bool) -> Pixels:
    if mirrored:
        picture = picture[:, ::-1]
    return np.ascontiguousarray(np.rot90(picture, turns))


def fit(width: int, height: int, *, max_side: int) -> tuple[int, int]:
    """Scales a size down, never up, so that its longest side is at most `max_side`."""
    scale = min(1.0, max_side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def measure(grey: Pixels) -> Quality:
    """Measures one grey picture (height, width); the Laplacian is that of the four neighbours."""
    g = grey.astype(np.int16)
    if min(g.shape) < 3:
        return Quality(float(g.mean()), 0.0)
    laplacian = g[:-2, 1:-1] + g[2:, 1:-1] + g[1:-1, :-2] + g[1:-1, 2:] - 4 * g[1:-1, 1:-1]
    return Quality(float(g.mean()), float(laplacian.var(dtype=np.float64)))


def flags(quality: Quality) -> tuple[str, ...]:
    """Names what makes a clip hard to judge."""
    found = (
        ("low_light", quality.mean_luma < LOW_LIGHT_LUMA),
        ("over_exposed", quality.mean_luma > OVER_EXPOSED_LUMA),
        ("blurry", quality.sharpness < BLURRY_SHARPNESS),
    )
    return tuple(name for name, true in found if true)


def evenly(samples: list[Pixels], window: int, geometry: ClipGeometry) -> Pixels:
    """Takes the geometry's number of pictures evenly out of a window; a short one is padded with its last picture."""
    places = np.linspace(0, window - 1, geometry.frames).round().astype(int)
    return np.stack([samples[min(place, len(samples) - 1)] for place in places])


def encode_jpeg(frame: Pixels, quality: int = 85) -> bytes:
    """Encodes a uint8 (height, width, 3) RGB picture as JPEG; `quality` is 1 to 95."""
    out = io.BytesIO()
    Image.fromarray(frame).save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def shape(width: int, height: int, pixel_aspect: Fraction | None) -> tuple[int, int]:
    """Gives the size with square pixels; an aspect that no camera has is taken as square."""
    aspect = float(pixel_aspect or 1)
    if not 0.2 <= aspect <= 5:
        return width, height
    return (max(1, round(width * aspect)), height) if aspect >= 1 else (width, max(1, round(height / aspect)))
