"""The picture of how alike the clips of both takes are, with the alignment drawn over it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from reportlab.lib.colors import Color
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable

from reelops.core.scoring.model import StepSpan
from reelops.core.scoring.report import drawing, style, words
from reelops.core.scoring.report.document import ReportDocument

_LEFT = 15 * mm
_BOTTOM = 12 * mm
_SIDE = 96 * mm
_LEAST_SIDE = 48 * mm
_PIXELS = 480
# From unlike to alike: lightness falls all the way, so the picture reads the same in greyscale.
_RAMP = np.array([[250, 250, 247], [222, 231, 238], [160, 186, 208], [78, 118, 156], [24, 49, 83]], dtype=np.float64)

Scale = tuple[float, float]


class SimilarityPlot(Flowable):  # type: ignore[misc]  # the PDF library has no types
    """Draws gold downwards and trainee to the right, both in mm:ss."""

    def __init__(self, document: ReportDocument) -> None:
        super().__init__()
        self._document = document
        self._clips = (len(document.clip_times.gold), len(document.clip_times.trainee))
        ratio = self._clips[0] / max(1, self._clips[1])
        self._width: float = max(_LEAST_SIDE, min(_SIDE, _SIDE / max(ratio, 1e-6)))
        self._height: float = max(_LEAST_SIDE, min(_SIDE, _SIDE * ratio))

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Says how much room the drawing takes."""
        return _LEFT + self._width + 2, self._height + _BOTTOM + 2

    def draw(self) -> None:
        """Draws it."""
        canvas = self.canv
        canvas.saveState()
        canvas.translate(_LEFT, _BOTTOM)
        canvas.drawImage(picture(self._document.preview), 0, 0, self._width, self._height)
        self._steps(canvas)
        for run in connected(self._document.path):
            self._line(canvas, run, style.PAPER, 3.2)
            self._line(canvas, run, style.PATH, 1.6)
        self._frame(canvas)
        canvas.restoreState()

    def _x(self, clip: float) -> float:
        return clip / self._clips[1] * self._width

    def _y(self, clip: float) -> float:
        return self._height - clip / self._clips[0] * self._height

    def _line(self, canvas: Any, run: Sequence[tuple[int, int]], colour: Color, width: float) -> None:
        canvas.setStrokeColor(colour)
        canvas.setLineWidth(width)
        canvas.setLineJoin(1)
        canvas.setLineCap(1)
        path = canvas.beginPath()
        points = [(self._x(trainee + 0.5), self._y(gold + 0.5)) for gold, trainee in run]
        path.moveTo(*points[0])
        for point in points[1:] or [(points[0][0] + 0.1, points[0][1])]:
            path.lineTo(*point)
        canvas.drawPath(path)

    def _steps(self, canvas: Any) -> None:
        canvas.saveState()
        canvas.setStrokeColor(style.INK)
        canvas.setStrokeAlpha(0.55)
        canvas.setLineWidth(0.5)
        canvas.setDash([3, 2])
        times, steps = self._document.clip_times, self._document.result.steps
        for clip in inner_edges(steps.gold, times.gold):
            canvas.line(0, self._y(clip), self._width, self._y(clip))
        for clip in inner_edges(steps.trainee, times.trainee):
            canvas.line(self._x(clip), 0, self._x(clip), self._height)
        canvas.restoreState()

    def _frame(self, canvas: Any) -> None:
        canvas.setStrokeColor(style.MUTED)
        canvas.setLineWidth(0.6)
        canvas.rect(0, 0, self._width, self._height)
        times = self._document.clip_times
        small = {"size": 7.0, "colour": style.MUTED}
        for seconds, clip in axis(times.trainee, at_most=int(self._width // (13 * mm))):
            canvas.line(self._x(clip), 0, self._x(clip), -3)
            drawing.label(canvas, self._x(clip), -11, words.clock(seconds), **small)
        for seconds, clip in axis(times.gold, at_most=int(self._height // (9 * mm))):
            canvas.line(-3, self._y(clip), 0, self._y(clip))
            drawing.label(canvas, -5, self._y(clip) - 2.5, words.clock(seconds), align="right", **small)
        drawing.label(canvas, self._width / 2, -23, "Trainee", size=8, colour=style.INK, bold=True)
        canvas.saveState()
        canvas.translate(-_LEFT + 7, self._height / 2)
        canvas.rotate(90)
        drawing.label(canvas, 0, 0, "Gold", size=8, colour=style.INK, bold=True)
        canvas.restoreState()


class SimilarityScale(Flowable):  # type: ignore[misc]  # the PDF library has no types
    """Draws what the shades of the picture mean."""

    def __init__(self, preview: NDArray[np.floating], width: float) -> None:
        super().__init__()
        self._scale = scale(preview)
        self._width = width

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Says how much room the drawing takes."""
        return self._width, 22

    def draw(self) -> None:
        """Draws it."""
        strip = np.linspace(*self._scale, 64)[np.newaxis, :]
        self.canv.drawImage(picture(strip), 0, 12, self._width, 9)
        low, high = self._scale
        drawing.label(self.canv, 0, 2, words.signed(low), size=7, colour=style.MUTED, align="left")
        drawing.label(self.canv, self._width, 2, words.signed(high), size=7, colour=style.MUTED, align="right")


def scale(preview: NDArray[np.floating]) -> Scale:
    """Chooses the similarities that the lightest and the darkest shade stand for."""
    finite = preview[np.isfinite(preview)]
    if finite.size == 0:
        return -1.0, 1.0
    low, high = float(np.percentile(finite, 2)), float(finite.max())
    return (low, high) if high - low >= 0.02 else (high - 0.02, high)


def picture(preview: NDArray[np.floating]) -> ImageReader:
    """Turns similarities into a picture with hard edges between its cells."""
    low, high = scale(preview)
    share = np.clip(np.nan_to_num((preview - low) / (high - low), nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0)
    stops = np.linspace(0.0, 1.0, len(_RAMP))
    pixels = np.stack([np.interp(share, stops, _RAMP[:, channel]) for channel in range(3)], axis=-1)
    image = Image.fromarray(np.rint(pixels).astype(np.uint8))
    zoom = max(1, math.ceil(_PIXELS / max(image.size)))
    return ImageReader(image.resize((image.width * zoom, image.height * zoom), Image.Resampling.NEAREST))


def connected(path: NDArray[np.integer]) -> Iterator[list[tuple[int, int]]]:
    """Cuts the alignment where a clip has no partner (-1)."""
    pairs = [(int(gold), int(trainee)) for gold, trainee in path]
    for matched, run in groupby(pairs, key=lambda pair: min(pair) >= 0):
        if matched:
            yield list(run)


def inner_edges(steps: Sequence[StepSpan], clip_times: NDArray[np.floating]) -> list[float]:
    """Gives where steps begin and end, in clips, without the ends of the video."""
    edges = {edge for span in steps for edge in (span.start_sec, span.end_sec)}
    clips = sorted({round(clip_at(clip_times, edge), 3) for edge in edges})
    return [clip for clip in clips if 0 < clip < len(clip_times)]


def clip_at(clip_times: NDArray[np.floating], seconds: float) -> float:
    """Gives the position of a time in clips; 0 is the beginning of the first clip."""
    edges = np.append(clip_times[:, 0], clip_times[-1, 1])
    return float(np.interp(seconds, edges, np.arange(len(edges))))


def axis(clip_times: NDArray[np.floating], *, at_most: int) -> list[tuple[float, float]]:
    """Chooses the times of an axis and where they lie, in clips."""
    end = float(clip_times[-1, 1])
    times = drawing.ticks(end, at_most=max(2, at_most))
    return [(seconds, clip_at(clip_times, seconds)) for seconds in times if seconds >= float(clip_times[0, 0]) - 1e-6]
