"""A pen for figures of curves, in units of the figure, drawn large and averaged down."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from reelops.core.editing.thumbnails.drawing.canvas import Point
from reelops.core.editing.thumbnails.drawing.colours import Colour

_FINE = 3


class Pen:
    """Draws on a transparent sheet whose middle is the point (0, 0); one unit is `scale` pixels of the result."""

    def __init__(self, size: tuple[int, int], scale: float, middle: Point) -> None:
        self._scale = scale * _FINE
        self._middle = middle[0] * _FINE, middle[1] * _FINE
        self._size = size[0] * _FINE, size[1] * _FINE
        self._turn = 0.0
        self.sheet = Image.new("RGBA", self._size)

    def tilt(self, degrees: float) -> None:
        """Turns what is drawn from now on clockwise around the middle."""
        self._turn = math.radians(degrees)

    def finished(self) -> Image.Image:
        """Gives the picture at its true size."""
        return self.sheet.convert("RGBa").reduce(_FINE).convert("RGBA")

    def shape(self, points: Sequence[Point], fill: Colour, *, outline: Colour | None = None, width: float = 0) -> None:
        """Draws a filled polygon and its outline, half of which lies outside."""
        moved = self._moved(points)
        draw = ImageDraw.Draw(self.sheet)
        draw.polygon(moved, fill=fill)
        if outline is not None and width:
            self._stroke(draw, [*moved, moved[0], moved[1]], outline, width)

    def blob(self, points: Sequence[Point], fill: Colour, *, outline: Colour | None = None, width: float = 0) -> None:
        """Draws a closed smooth curve through the points."""
        self.shape(smooth(points, closed=True), fill, outline=outline, width=width)

    def oval(
        self, centre: Point, radii: Point, fill: Colour, *, outline: Colour | None = None, width: float = 0
    ) -> None:
        """Draws an ellipse."""
        self.shape(ring(centre, radii), fill, outline=outline, width=width)

    def line(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        """Draws a smooth line through the points, with round ends."""
        self._stroke(ImageDraw.Draw(self.sheet), self._moved(smooth(points)), colour, width)

    def within(self, points: Sequence[Point], paint: Callable[[Pen], None]) -> None:
        """Draws only what falls inside a polygon."""
        moved = self._moved(points)
        box = (
            max(0, math.floor(min(x for x, _ in moved))),
            max(0, math.floor(min(y for _, y in moved))),
            min(self.sheet.width, math.ceil(max(x for x, _ in moved)) + 1),
            min(self.sheet.height, math.ceil(max(y for _, y in moved)) + 1),
        )
        before, middle = self.sheet, self._middle
        self.sheet = before.crop(box)
        self._middle = middle[0] - box[0], middle[1] - box[1]
        stencil = Image.new("L", self.sheet.size)
        ImageDraw.Draw(stencil).polygon(self._moved(points), fill=255)
        paint(self)
        painted, self.sheet, self._middle = self.sheet, before, middle
        before.paste(painted, box, ImageChops.multiply(stencil, painted.getchannel("A")))

    def _moved(self, points: Sequence[Point]) -> list[Point]:
        cosine, sine = math.cos(self._turn) * self._scale, math.sin(self._turn) * self._scale
        across, down = self._middle
        return [(across + x * cosine - y * sine, down + x * sine + y * cosine) for x, y in points]

    def _stroke(self, draw: ImageDraw.ImageDraw, points: Sequence[Point], colour: Colour, width: float) -> None:
        thick = width * self._scale
        draw.line(points, fill=colour, width=max(1, round(thick)))
        # A disc at every joint: the joints that the library draws leave notches in bends.
        radius = round(thick) / 2 - 1
        for x, y in points:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def smooth(points: Sequence[Point], *, closed: bool = False, steps: int = 10) -> list[Point]:
    """Gives the curve of Catmull and Rom through the points."""
    if len(points) < 3:
        return list(points)
    data = np.array(points, dtype=np.float64)
    around = np.concatenate([data[-1:], data, data[:2]] if closed else [data[:1], data, data[-1:]])
    count = len(data) if closed else len(data) - 1
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = [_span(around[i], around[i + 1], around[i + 2], around[i + 3], t) for i in range(count)]
    curve = np.concatenate(parts if closed else [*parts, data[-1:]])
    return [(float(x), float(y)) for x, y in curve]


def _span(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray, t: np.ndarray) -> np.ndarray:
    curve: np.ndarray = 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
    return curve


def ring(centre: Point, radii: Point, *, steps: int = 56) -> list[Point]:
    """Gives the points of an ellipse."""
    turns = (2 * math.pi * step / steps for step in range(steps))
    return [(centre[0] + radii[0] * math.cos(turn), centre[1] + radii[1] * math.sin(turn)) for turn in turns]
