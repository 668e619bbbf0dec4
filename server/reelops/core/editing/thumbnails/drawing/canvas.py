"""The sheet that designs are drawn on: anti-aliased shapes, shadows, glows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from reelops.core.editing.thumbnails.drawing.colours import BLACK, Colour
from reelops.core.editing.thumbnails.model import HEIGHT, WIDTH

Point: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[int, int, int, int]
Move: TypeAlias = Callable[[Point], Point]
Fill: TypeAlias = "Colour | Image.Image"
"""One colour, or a picture of the whole sheet that shows through."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A text that was drawn: where, its letters as a mask, their colours and what they stand on."""

    box: Box
    letters: Image.Image
    at: tuple[int, int]
    colours: tuple[Colour, ...]
    behind: Colour
    size: int


_FINE = 3
_LARGE = 300_000  # pixels of a mask from which twice as fine is fine enough
_COARSE = 4


class Canvas:
    """A picture of 1280 by 720 that shapes are laid on, one over the other."""

    def __init__(self, background: Fill) -> None:
        self.image = Image.new("RGB", (WIDTH, HEIGHT))
        self.image.paste(background, (0, 0, WIDTH, HEIGHT))
        self.texts: list[Placed] = []

    def lay(self, mask: Image.Image, fill: Fill, at: tuple[int, int] = (0, 0), *, opacity: float = 1.0) -> None:
        """Lays a fill through a mask, mode L, whose upper left corner comes to `at`."""
        if opacity < 1:
            mask = mask.point(lambda value: value * opacity)
        box = (at[0], at[1], at[0] + mask.width, at[1] + mask.height)
        self.image.paste(fill.crop(box) if isinstance(fill, Image.Image) else fill, box, mask)

    def shadow(
        self,
        mask: Image.Image,
        at: tuple[int, int],
        *,
        radius: float,
        offset: Point = (0, 0),
        colour: Colour = BLACK,
        opacity: float = 0.55,
    ) -> None:
        """Lays a soft copy of the mask; with a light colour it is a halo."""
        soft, margin = _softened(mask, radius)
        place = round(at[0] + offset[0]) - margin, round(at[1] + offset[1]) - margin
        self.lay(soft, colour, place, opacity=opacity)

    def glow(
        self, mask: Image.Image, at: tuple[int, int], colour: Colour, *, radius: float, strength: float = 1.0
    ) -> None:
        """Adds light around a mask, as a lamp would."""
        soft, margin = _softened(mask, radius)
        left, top = at[0] - margin, at[1] - margin
        box = (max(0, left), max(0, top), min(WIDTH, left + soft.width), min(HEIGHT, top + soft.height))
        if box[0] >= box[2] or box[1] >= box[3]:
            return
        part = soft.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))
        light = Image.merge(
            "RGB", [part.point([min(255, round(v * c / 255 * strength)) for v in range(256)]) for c in colour]
        )
        self.image.paste(ImageChops.screen(self.image.crop(box), light), box)

    def polygon(
        self,
        points: Sequence[Point],
        fill: Fill,
        *,
        opacity: float = 1.0,
        outline: Colour | None = None,
        width: float = 0,
        shadow: float = 0,
        round_by: float = 0,
    ) -> None:
        """Draws a filled polygon; `shadow` is the radius of the one it throws, `round_by` rounds its corners."""
        mask, at = traced([points], grow=round_by)
        if shadow:
            self.shadow(mask, at, radius=shadow, offset=(0, shadow * 0.5))
        if outline is not None and width:
            edge, edge_at = traced([points], grow=round_by + width)
            self.lay(edge, outline, edge_at, opacity=opacity)
        self.lay(mask, fill, at, opacity=opacity)

    def polygons(self, shapes: Iterable[Sequence[Point]], fill: Fill, *, opacity: float = 1.0) -> None:
        """Draws many polygons of one fill at once."""
        mask, at = traced(list(shapes))
        self.lay(mask, fill, at, opacity=opacity)

    def ellipse(
        self,
        centre: Point,
        radii: Point,
        fill: Fill,
        *,
        opacity: float = 1.0,
        outline: Colour | None = None,
        width: float = 0,
        shadow: float = 0,
    ) -> None:
        """Draws a filled ellipse."""
        self.polygon(oval(centre, radii), fill, opacity=opacity, outline=outline, width=width, shadow=shadow)

    def line(
        self, points: Sequence[Point], fill: Fill, width: float, *, opacity: float = 1.0, shadow: float = 0
    ) -> None:
        """Draws a line with round joints and ends."""
        mask, at = stroked(points, width)
        if shadow:
            self.shadow(mask, at, radius=shadow, offset=(0, shadow * 0.5))
        self.lay(mask, fill, at, opacity=opacity)


def traced(shapes: Sequence[Sequence[Point]], *, grow: float = 0) -> tuple[Image.Image, tuple[int, int]]:
    """Gives the mask of polygons and its place; `grow` widens them on all sides with round corners."""

    def paint(draw: ImageDraw.ImageDraw, move: Move, fine: int) -> None:
        for shape in shapes:
            moved = [move(point) for point in shape]
            draw.polygon(moved, fill=255)
            if grow:
                _thick(draw, [*moved, moved[0], moved[1]], grow * 2 * fine)

    return _painted([point for shape in shapes for point in shape], grow, paint)


def stroked(points: Sequence[Point], width: float) -> tuple[Image.Image, tuple[int, int]]:
    """Gives the mask of a line and its place."""

    def paint(draw: ImageDraw.ImageDraw, move: Move, fine: int) -> None:
        _thick(draw, [move(point) for point in points], width * fine)

    return _painted(points, width / 2, paint)


def _painted(
    points: Sequence[Point],
    margin: float,
    paint: Callable[[ImageDraw.ImageDraw, Move, int], None],
) -> tuple[Image.Image, tuple[int, int]]:
    """Paints three times as large and averages: only the part that lies on the sheet or near it."""
    room = math.ceil(margin) + 2
    left = max(-60, math.floor(min(x for x, _ in points)) - room)
    top = max(-60, math.floor(min(y for _, y in points)) - room)
    right = min(WIDTH + 60, math.ceil(max(x for x, _ in points)) + room)
    bottom = min(HEIGHT + 60, math.ceil(max(y for _, y in points)) + room)
    size = max(1, right - left), max(1, bottom - top)
    fine = _FINE if size[0] * size[1] < _LARGE else 2
    large = Image.new("L", (size[0] * fine, size[1] * fine))
    paint(ImageDraw.Draw(large), lambda point: ((point[0] - left) * fine, (point[1] - top) * fine), fine)
    return large.reduce(fine), (left, top)


def _thick(draw: ImageDraw.ImageDraw, points: Sequence[Point], width: float) -> None:
    draw.line(points, fill=255, width=max(1, round(width)))
    radius = round(width) / 2 - 1
    for x, y in points:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)


def _softened(mask: Image.Image, radius: float) -> tuple[Image.Image, int]:
    """Blurs at a quarter of the size: what is soft has no detail to lose."""
    margin = math.ceil(radius * 2 / _COARSE) * _COARSE
    size = (
        math.ceil((mask.width + 2 * margin) / _COARSE) * _COARSE,
        math.ceil((mask.height + 2 * margin) / _COARSE) * _COARSE,
    )
    wide = Image.new("L", size)
    wide.paste(mask, (margin, margin))
    small = wide.reduce(_COARSE).filter(ImageFilter.GaussianBlur(radius / _COARSE))
    return small.resize(size, Image.Resampling.BICUBIC), margin


def oval(centre: Point, radii: Point, *, steps: int = 72) -> list[Point]:
    """Gives the points of an ellipse."""
    turns = (2 * math.pi * step / steps for step in range(steps))
    return [(centre[0] + radii[0] * math.cos(turn), centre[1] + radii[1] * math.sin(turn)) for turn in turns]


def gradient(start: Colour, end: Colour, *, degrees: float = 90.0, middle: Colour | None = None) -> Image.Image:
    """Gives a sheet that goes from one colour to another; 0 degrees is left to right, 90 top to bottom."""
    turn = math.radians(degrees)
    across = np.arange(WIDTH, dtype=np.float32)[None] / WIDTH - 0.5
    down = np.arange(HEIGHT, dtype=np.float32)[:, None] / HEIGHT - 0.5
    reach = abs(math.cos(turn)) + abs(math.sin(turn))
    share = np.clip((across * math.cos(turn) + down * math.sin(turn)) / reach + 0.5, 0, 1)
    return ramp(share, [start, end] if middle is None else [start, middle, end])


def radial(centre: Point, inner: Colour, outer: Colour, *, radius: float) -> Image.Image:
    """Gives a sheet that goes from one colour at a point to another at `radius` pixels from it."""
    across = np.arange(WIDTH, dtype=np.float32)[None] - centre[0]
    down = np.arange(HEIGHT, dtype=np.float32)[:, None] - centre[1]
    return ramp(np.clip(np.sqrt(across**2 + down**2) / radius, 0, 1), [inner, outer])


def ramp(share: np.ndarray, stops: Sequence[Colour]) -> Image.Image:
    """Turns shares of 0 to 1, (height, width), into colours between evenly spaced stops."""
    table = np.array(
        [
            np.interp(np.linspace(0, 1, 1024), np.linspace(0, 1, len(stops)), channel)
            for channel in zip(*stops, strict=True)
        ]
    )
    return Image.fromarray(table.T.round().astype(np.uint8)[(share * 1023).astype(np.int32)])
