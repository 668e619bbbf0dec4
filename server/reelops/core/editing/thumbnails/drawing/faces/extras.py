"""What comics put beside a face: tears, sweat, sparkles, a hand at the chin."""

from __future__ import annotations

import math

from reelops.core.editing.thumbnails.drawing.canvas import Point
from reelops.core.editing.thumbnails.drawing.colours import WHITE, Colour, mix
from reelops.core.editing.thumbnails.drawing.faces.pen import Pen, smooth
from reelops.core.editing.thumbnails.drawing.shapes import star

_WATER: Colour = (96, 190, 255)
_GOLD: Colour = (255, 214, 64)
_RED: Colour = (238, 44, 60)


def draw(pen: Pen, name: str, *, skin: Colour, line: Colour) -> None:
    """Draws the named extra; nothing for an empty name."""
    if name == "sparkles":
        for centre, size in (((-236, -150), 40), ((236, -186), 32), ((-214, 70), 22), ((240, -40), 24)):
            pen.shape(star(centre, size, size * 0.3, 4), _GOLD, outline=line, width=5)
    elif name == "marks":
        _marks(pen, line)
    elif name == "sweat":
        _drop(pen, (196, -120), 34, line)
        _drop(pen, (-204, -60), 26, line)
        _drop(pen, (-196, -166), 20, line)
    elif name == "tear":
        _drop(pen, (-84, 78), 26, line)
        _drop(pen, (72, 66), 18, line)
    elif name == "vein":
        _vein(pen, (112, -196), line)
    elif name == "hand":
        _hand(pen, skin, line)


def _marks(pen: Pen, line: Colour) -> None:
    for angle in (-58, -32, -6):
        for side in (-1, 1):
            turn = math.radians(angle)
            x, y = math.cos(turn) * side, math.sin(turn)
            pen.line([(x * 212, y * 212), (x * 258, y * 258)], line, 20)
            pen.line([(x * 212, y * 212), (x * 258, y * 258)], _GOLD, 11)


def _drop(pen: Pen, centre: Point, size: float, line: Colour) -> None:
    x, y = centre
    points = [
        (x, y - size * 1.3),
        (x + size * 0.5, y - size * 0.3),
        (x + size * 0.66, y + size * 0.3),
        (x, y + size * 0.9),
        (x - size * 0.66, y + size * 0.3),
        (x - size * 0.5, y - size * 0.3),
    ]
    pen.blob(points, _WATER, outline=line, width=5)
    pen.oval((x - size * 0.2, y + size * 0.25), (size * 0.16, size * 0.24), WHITE)


def _vein(pen: Pen, centre: Point, line: Colour) -> None:
    x, y = centre
    for colour, width in ((line, 24), (_RED, 13)):
        for turn in range(4):
            angle = math.radians(45 + 90 * turn)
            cx, cy = x + 18 * math.cos(angle), y + 18 * math.sin(angle)
            one, other = angle + math.radians(50), angle - math.radians(50)
            pen.line(
                [
                    (cx + 30 * math.cos(one), cy + 30 * math.sin(one)),
                    (cx, cy),
                    (cx + 30 * math.cos(other), cy + 30 * math.sin(other)),
                ],
                colour,
                width,
            )


def _hand(pen: Pen, skin: Colour, line: Colour) -> None:
    """A fist below the chin, its finger along the cheek."""
    shade = mix(skin, (130, 40, 60), 0.3)
    pen.blob(
        [(20, 306), (2, 214), (28, 176), (88, 168), (128, 196), (128, 250), (112, 330)], skin, outline=line, width=8
    )
    finger = smooth([(96, 196), (116, 150), (128, 104)])
    pen.line(finger, line, 46)
    pen.line(finger, skin, 31)
    for y in (200, 224, 246):
        pen.line([(16, y), (50, y + 4)], shade, 7)
    pen.line([(60, 178), (34, 168), (6, 176)], line, 44)
    pen.line([(60, 178), (34, 168), (6, 176)], skin, 29)
