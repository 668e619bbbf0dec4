"""What several designs are made of: stacked texts, plates, stickers, screens."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFilter

from reelops.core.editing.thumbnails.drawing import shapes
from reelops.core.editing.thumbnails.drawing.canvas import Canvas, Point, traced
from reelops.core.editing.thumbnails.drawing.colours import BLACK, WHITE, Colour
from reelops.core.editing.thumbnails.drawing.typefaces import Voice
from reelops.core.editing.thumbnails.drawing.wrapping import Setting, fit
from reelops.core.editing.thumbnails.model import Design

Area = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Stack:
    """A title and what stands below it, fitted together into one column."""

    title: Setting
    title_box: Area
    subtitle: Setting | None
    subtitle_box: Area


def stack(
    design: Design,
    box: Area,
    *,
    voice: Voice,
    second: Voice,
    largest: int,
    second_largest: int = 52,
    second_width: float | None = None,
    padding: float = 16,
    gap: float = 34,
    across: float = 0.5,
) -> Stack:
    """Fits the title and the subtitle of a design into a box; the subtitle gets at most a quarter of the height.

    `padding` is room kept around the subtitle for a plate, `across` where the whole stands between top and bottom.
    """
    left, top, right, bottom = box
    subtitle: Setting | None = None
    below = 0.0
    if design.subtitle:
        wide = (second_width or right - left) - 2 * padding
        height = (bottom - top) * 0.24
        subtitle = _caption(design.subtitle, second, wide=wide, height=height, largest=second_largest)
        below = subtitle.height + 2 * padding + gap
    title = fit(design.title, voice, width=right - left, height=bottom - top - below, largest=largest)
    start = top + (bottom - top - title.height - below) * across
    under = start + title.height + gap
    second_box = (left, under, right, under + below - gap)
    return Stack(title, (left, start, right, start + title.height), subtitle, second_box)


def _caption(text: str, voice: Voice, *, wide: float, height: float, largest: int) -> Setting:
    """Sets a subtitle, in one line where that does not make it much smaller."""
    one = fit(text, voice, width=wide, height=height, largest=largest, field="subtitle", most_lines=1)
    if not one.shortened and one.size >= 0.7 * largest:
        return one
    return fit(text, voice, width=wide, height=height, largest=largest, field="subtitle", most_lines=3)


def sticker(
    canvas: Canvas,
    picture: Image.Image,
    at: tuple[int, int],
    *,
    edge: Colour = WHITE,
    width: float = 9,
    glow: Colour | None = None,
    shadow: float = 18,
) -> None:
    """Lays a cut-out picture, RGBA, with an edge around it and a shadow below."""
    room = math.ceil(width) + 3
    alpha = Image.new("L", (picture.width + 2 * room, picture.height + 2 * room))
    alpha.paste(picture.getchannel("A"), (room, room))
    corner = at[0] - room, at[1] - room
    rim = alpha.filter(ImageFilter.GaussianBlur(width * 0.62)).point(_steep()) if width else alpha
    if glow is not None:
        canvas.glow(rim, corner, glow, radius=42, strength=1.2)
    if shadow:
        canvas.shadow(rim, corner, radius=shadow, offset=(shadow * 0.3, shadow * 0.6), opacity=0.6)
    if width:
        canvas.lay(rim, edge, corner)
    canvas.image.paste(picture.convert("RGB"), at, picture.getchannel("A"))


@cache
def _steep() -> list[int]:
    return [min(255, max(0, (value - 14) * 9)) for value in range(256)]


def window(canvas: Canvas, picture: Image.Image, points: Sequence[Point], at: tuple[int, int]) -> None:
    """Shows a picture whose corner is at `at` through a polygon."""
    mask = Image.new("L", (picture.width * 2, picture.height * 2))
    moved = [((x - at[0]) * 2, (y - at[1]) * 2) for x, y in points]
    ImageDraw.Draw(mask).polygon(moved, fill=255)
    canvas.image.paste(picture, at, mask.reduce(2))


def brackets(canvas: Canvas, colour: Colour, *, margin: float = 22, length: float = 74, width: float = 6) -> None:
    """Draws the corners of a view finder, lit."""
    right, bottom = 1280 - margin, 720 - margin
    for x, y, across, down in (
        (margin, margin, 1, 1),
        (right, margin, -1, 1),
        (margin, bottom, 1, -1),
        (right, bottom, -1, -1),
    ):
        points = [(x + across * length, y), (x, y), (x, y + down * length)]
        canvas.line(points, colour, width)


def sparkle(canvas: Canvas, centre: Point, size: float, colour: Colour, *, opacity: float = 1.0) -> None:
    """Draws a four-pointed star."""
    canvas.polygon(shapes.star(centre, size, size * 0.26, 4), colour, opacity=opacity)


def plate_box(setting: Setting, box: Area, padding: float, *, align: str = "left", side: float = 1.4) -> Area:
    """Gives the rectangle of a plate that holds a text with room around it."""
    wide = setting.width + 2 * padding * side
    flush = "right" if setting.right_to_left and align == "left" else align
    left = {"left": box[0], "centre": (box[0] + box[2] - wide) / 2, "right": box[2] - wide}[flush]
    return left, box[1], left + wide, box[1] + setting.height + 2 * padding


def circled(canvas: Canvas, centre: Point, radii: Point, colour: Colour, width: float, *, edge: Colour = BLACK) -> None:
    """Draws a ring by hand, as if with a marker: an open ellipse whose ends cross."""
    turns = [math.radians(-115 + 372 * step / 60) for step in range(61)]
    points = [
        (
            centre[0] + radii[0] * (1 + 0.05 * step / 60) * math.cos(turn),
            centre[1] + radii[1] * (1 - 0.04 * step / 60) * math.sin(turn),
        )
        for step, turn in enumerate(turns)
    ]
    canvas.line(points, edge, width + 9, opacity=0.55)
    canvas.line(points, colour, width)


Laid = tuple[Image.Image, tuple[int, int]]


def disc(centre: Point, radius: float) -> Laid:
    """Gives the mask of a disc and its place."""
    return traced([shapes.regular(centre, radius, 40)])
