"""Eyes, brows, nose and mouth."""

from __future__ import annotations

import math

from reelops.core.editing.thumbnails.drawing.canvas import Point
from reelops.core.editing.thumbnails.drawing.colours import WHITE, Colour, mix
from reelops.core.editing.thumbnails.drawing.faces.moods import Mood
from reelops.core.editing.thumbnails.drawing.faces.pen import Pen, ring, smooth

EYE_Y = 4.0
_EYE_X = 60.0
_MOUTH: Colour = (92, 20, 34)
_TONGUE: Colour = (240, 96, 112)


def eyes(pen: Pen, mood: Mood, iris: Colour, line: Colour, skin: Colour) -> None:
    """Draws both eyes."""
    for side in (-1, 1):
        if mood.closed:
            _laughing(pen, side, line)
        else:
            _eye(pen, mood, side, iris, line, skin)


def _laughing(pen: Pen, side: int, line: Colour) -> None:
    x = side * _EYE_X
    pen.line(
        [(x - 36, EYE_Y + 14), (x - 20, EYE_Y - 12), (x, EYE_Y - 20), (x + 20, EYE_Y - 12), (x + 36, EYE_Y + 14)],
        line,
        12,
    )


def _eye(pen: Pen, mood: Mood, side: int, iris: Colour, line: Colour, skin: Colour) -> None:
    x, wide, high = side * _EYE_X, 38 * (0.94 + 0.06 * mood.eye), 44 * mood.eye
    white = ring((x, EYE_Y), (wide, high))
    pen.shape(white, WHITE)
    centre = x + mood.look[0], EYE_Y + mood.look[1]
    lidded = [(x - 60, EYE_Y - 90), (x + 60, EYE_Y - 90), *_lid(mood, side, x, wide, high)[::-1]]

    def inside(pen: Pen) -> None:
        pen.oval((x, EYE_Y - high * 0.9), (wide * 1.1, high * 0.42), (214, 220, 236))
        pen.oval(centre, (28 * mood.iris, 30 * mood.iris), mix(iris, (0, 0, 0), 0.45))
        pen.oval((centre[0], centre[1] + 3), (23 * mood.iris, 24 * mood.iris), iris)
        pen.oval(centre, (14 * mood.iris, 15 * mood.iris), (18, 16, 26))
        pen.oval((centre[0] - 8 * mood.iris, centre[1] - 10 * mood.iris), (8 * mood.iris, 8 * mood.iris), WHITE)
        pen.oval((centre[0] + 8 * mood.iris, centre[1] + 9 * mood.iris), (4 * mood.iris, 4 * mood.iris), WHITE)
        if mood.lid:
            pen.shape(lidded, skin)

    pen.within(white, inside)
    pen.line(smooth([*white[28:57:4], white[0]]), line, 5)
    rim = white[30:55]
    pen.line(_lid(mood, side, x, wide, high) if mood.lid else rim, line, 11)
    if not mood.lid:
        pen.line([white[0], white[5], white[11], white[17], white[23], white[28]], line, 5)
    else:
        pen.line(white[0:29:4], line, 5)
    if not mood.lid:
        out = 28 if side < 0 else 0
        tip = white[out + (2 if side < 0 else -2)]
        pen.line([tip, (tip[0] + side * 9, tip[1] - 7)], line, 8)


def _lid(mood: Mood, side: int, x: float, wide: float, high: float) -> list[Point]:
    """Gives the edge of the upper lid from the left to the right."""
    inner = EYE_Y - high * 0.62 + max(0.0, mood.lid)
    outer = EYE_Y - high * 0.62 + max(0.0, -mood.lid)
    left, right = (outer, inner) if side < 0 else (inner, outer)
    return smooth([(x - wide, left + 6), (x, (left + right) / 2 - 6), (x + wide, right + 6)])


def brows(pen: Pen, mood: Mood, hair: Colour) -> None:
    """Draws both brows."""
    for side, brow in ((-1, mood.brow), (1, mood.other_brow or mood.brow)):
        inner, outer, arch = brow
        x = side * _EYE_X
        pen.line(
            [(x + side * (-37 + 76 * t), _brow_y(inner, outer, arch, t)) for t in (0, 0.25, 0.5, 0.75, 1)], hair, 15
        )


def _brow_y(inner: float, outer: float, arch: float, t: float) -> float:
    return -54 + inner + (outer - inner + 6) * t - arch * math.sin(math.pi * t)


def nose(pen: Pen, shade: Colour) -> None:
    """Draws a small nose."""
    pen.line([(-4, 26), (10, 44), (-6, 50)], shade, 7)


def mouth(pen: Pen, mood: Mood, line: Colour, shade: Colour) -> None:
    """Draws the mouth of the mood."""
    _MOUTHS[mood.mouth](pen, mood.open, line, shade)


def _grin(pen: Pen, size: float, line: Colour, shade: Colour) -> None:
    wide, deep = 66 * size, 62 * size
    lips = smooth(
        [
            (-wide, 68),
            (-wide * 0.5, 74),
            (0, 76),
            (wide * 0.5, 74),
            (wide, 68),
            (wide * 0.78, 68 + deep * 0.62),
            (0, 70 + deep),
            (-wide * 0.78, 68 + deep * 0.62),
        ],
        closed=True,
    )
    _opened(pen, lips, line, teeth=(0, 66, wide * 0.93, 20 * size), tongue=(0, 74 + deep, wide * 0.56, deep * 0.42))
    for side in (-1, 1):
        pen.line([(side * (wide - 2), 60), (side * (wide + 7), 67), (side * (wide + 5), 77)], line, 7)


def _round(pen: Pen, size: float, line: Colour, shade: Colour) -> None:
    lips = ring((0, 92), (30 * size, 36 * size))
    _opened(pen, lips, line, teeth=None, tongue=(0, 122, 24 * size, 18 * size))


def _scream(pen: Pen, size: float, line: Colour, shade: Colour) -> None:
    wide, high = 42 * size, 56 * size
    lips = smooth(
        [
            (0, 100 - high),
            (wide * 0.8, 100 - high * 0.72),
            (wide, 108),
            (wide * 0.72, 100 + high * 0.76),
            (0, 100 + high * 0.9),
            (-wide * 0.72, 100 + high * 0.76),
            (-wide, 108),
            (-wide * 0.8, 100 - high * 0.72),
        ],
        closed=True,
    )
    _opened(pen, lips, line, teeth=(0, 100 - high, wide * 0.9, 24), tongue=(0, 104 + high, wide * 0.74, high * 0.5))


def _frown(pen: Pen, size: float, line: Colour, shade: Colour) -> None:
    pen.line([(-40, 104), (-20, 88), (2, 84), (24, 90), (42, 106)], line, 11)
    pen.line([(-16, 116), (2, 111), (20, 117)], shade, 7)


def _teeth(pen: Pen, size: float, line: Colour, shade: Colour) -> None:
    lips = smooth(
        [(-58, 86), (-30, 74), (0, 78), (30, 74), (58, 86), (62, 106), (36, 116), (0, 112), (-36, 116), (-62, 106)],
        closed=True,
    )

    def inside(pen: Pen) -> None:
        pen.line([(-70, 96), (0, 94), (70, 96)], (170, 176, 196), 4)
        for x in (-44, -22, 0, 22, 44):
            pen.line([(x, 70), (x, 120)], (170, 176, 196), 4)

    pen.shape(lips, WHITE)
    pen.within(lips, inside)
    pen.line([*lips, lips[0]], line, 9)


def _closed(pen: Pen, size: float, line: Colour, shade: Colour) -> None:
    pen.line([(-38, 90), (-14, 98), (12, 98), (38, 89)], line, 10)


def _side(pen: Pen, size: float, line: Colour, shade: Colour) -> None:
    pen.line([(-26, 98), (-4, 94), (18, 92), (36, 82)], line, 10)
    pen.line([(34, 74), (42, 82), (41, 92)], line, 6)


_MOUTHS = {
    "grin": _grin,
    "round": _round,
    "scream": _scream,
    "frown": _frown,
    "teeth": _teeth,
    "closed": _closed,
    "side": _side,
}
_Part = tuple[float, float, float, float]


def _opened(pen: Pen, lips: list[Point], line: Colour, *, teeth: _Part | None, tongue: _Part) -> None:
    def inside(pen: Pen) -> None:
        pen.oval(tongue[:2], tongue[2:], _TONGUE)
        if teeth is not None:
            pen.oval((teeth[0], teeth[1]), (teeth[2], teeth[3] * 1.25), WHITE)

    pen.shape(lips, _MOUTH)
    pen.within(lips, inside)
    pen.line([*lips, lips[0]], line, 9)
