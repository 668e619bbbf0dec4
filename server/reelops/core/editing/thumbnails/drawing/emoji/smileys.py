"""Yellow faces."""

from __future__ import annotations

from reelops.core.editing.thumbnails.drawing import shapes
from reelops.core.editing.thumbnails.drawing.colours import WHITE, Colour, mix
from reelops.core.editing.thumbnails.drawing.emoji.colours import BLUE, DARK, GOLD, LINE, RED, YELLOW, Painter
from reelops.core.editing.thumbnails.drawing.faces.pen import Pen, smooth


def _face(eyes: Painter, mouth: Painter, *extras: Painter, skin: Colour = YELLOW) -> Painter:
    def paint(pen: Pen, tone: Colour) -> None:
        pen.oval((0, 0), (112, 112), mix(skin, LINE, 0.16))
        pen.oval((0, -4), (108, 106), skin)
        pen.oval((-20, -34), (74, 58), mix(skin, WHITE, 0.16))
        for part in (eyes, mouth, *extras):
            part(pen, tone)

    return paint


def _dots(pen: Pen, tone: Colour) -> None:
    for side in (-1, 1):
        pen.oval((side * 38, -24), (13, 20), LINE)


def _arcs(pen: Pen, tone: Colour) -> None:
    for side in (-1, 1):
        x = side * 42
        pen.line([(x - 26, -14), (x - 12, -34), (x + 12, -34), (x + 26, -14)], LINE, 11)


def _squeezed(pen: Pen, tone: Colour) -> None:
    for side in (-1, 1):
        pen.line([(side * 62, -44), (side * 26, -26)], LINE, 11)
        pen.line([(side * 26, -26), (side * 62, -10)], LINE, 11)


def _round_eyes(pen: Pen, tone: Colour) -> None:
    for side in (-1, 1):
        pen.oval((side * 40, -28), (29, 31), WHITE, outline=LINE, width=4)
        pen.oval((side * 40, -26), (10, 11), DARK)


def _hearts(pen: Pen, tone: Colour) -> None:
    for side in (-1, 1):
        pen.shape(shapes.heart((side * 44, -28), 34), RED)


def _stars(pen: Pen, tone: Colour) -> None:
    for side in (-1, 1):
        pen.shape(shapes.star((side * 44, -24), 38, 16, 5), (240, 96, 40))


def _glasses(pen: Pen, tone: Colour) -> None:
    pen.line([(-96, -42), (96, -42)], DARK, 12)
    for side in (-1, 1):
        pen.blob([(side * 8, -44), (side * 88, -44), (side * 82, 0), (side * 46, 12), (side * 14, -4)], DARK)
        pen.line([(side * 46 - 20, -30), (side * 46 + 2, -34)], (110, 116, 140), 8)


def _angry(pen: Pen, tone: Colour) -> None:
    for side in (-1, 1):
        pen.oval((side * 40, -10), (13, 16), LINE)
        pen.line([(side * 72, -48), (side * 18, -28)], LINE, 12)


def _worried(pen: Pen, tone: Colour) -> None:
    for side in (-1, 1):
        pen.oval((side * 40, -14), (13, 18), LINE)
        pen.line([(side * 68, -44), (side * 22, -62)], LINE, 10)


def _raised(pen: Pen, tone: Colour) -> None:
    _dots(pen, tone)
    pen.line([(-64, -58), (-40, -64), (-18, -56)], LINE, 10)
    pen.line([(14, -74), (40, -86), (66, -72)], LINE, 10)


def _wink(pen: Pen, tone: Colour) -> None:
    pen.oval((-38, -24), (13, 20), LINE)
    pen.line([(18, -22), (40, -32), (62, -20)], LINE, 11)


def _laugh(pen: Pen, tone: Colour) -> None:
    lips = smooth([(-70, 8), (0, 16), (70, 8), (50, 66), (0, 82), (-50, 66)], closed=True)
    pen.shape(lips, (104, 30, 24))
    pen.within(lips, _teeth_and_tongue)


def _teeth_and_tongue(pen: Pen) -> None:
    pen.oval((0, 84), (40, 28), (236, 92, 100))
    pen.oval((0, 8), (64, 18), WHITE)


def _smile(pen: Pen, tone: Colour) -> None:
    pen.line([(-56, 22), (-30, 50), (0, 58), (30, 50), (56, 22)], LINE, 11)


def _sad(pen: Pen, tone: Colour) -> None:
    pen.line([(-40, 62), (-18, 44), (0, 40), (18, 44), (40, 62)], LINE, 11)


def _straight(pen: Pen, tone: Colour) -> None:
    pen.line([(-42, 46), (42, 46)], LINE, 11)


def _open(pen: Pen, tone: Colour) -> None:
    pen.oval((0, 52), (26, 34), (104, 30, 24))


def _tears(pen: Pen, tone: Colour) -> None:
    for side in (-1, 1):
        x = side * 88
        pen.blob(
            [(x - side * 24, -14), (x + side * 12, 12), (x + side * 16, 46), (x - side * 6, 52), (x - side * 20, 24)],
            BLUE,
        )


def _streams(pen: Pen, tone: Colour) -> None:
    for side in (-1, 1):
        pen.shape(smooth([(side * 28, -12), (side * 60, -12), (side * 66, 70), (side * 34, 82)], closed=True), BLUE)


def _tear(pen: Pen, tone: Colour) -> None:
    pen.blob([(58, 0), (72, 34), (58, 50), (44, 34)], BLUE)


def _blush(pen: Pen, tone: Colour) -> None:
    for side in (-1, 1):
        pen.oval((side * 76, 18), (22, 14), (255, 148, 110))


def _hands(pen: Pen, tone: Colour) -> None:
    pen.oval((0, -78), (86, 30), (120, 160, 240))
    _round_eyes(pen, tone)
    for side in (-1, 1):
        pen.blob(
            [(side * 104, 112), (side * 70, 108), (side * 60, 40), (side * 76, 24), (side * 106, 44)],
            GOLD,
            outline=LINE,
            width=5,
        )


def _burst(pen: Pen, tone: Colour) -> None:
    pen.blob(
        [
            (-96, -58),
            (-66, -112),
            (-26, -96),
            (0, -120),
            (30, -96),
            (70, -110),
            (96, -58),
            (40, -70),
            (0, -58),
            (-42, -72),
        ],
        (240, 110, 40),
        outline=RED,
        width=5,
    )
    pen.blob([(-50, -70), (-30, -92), (0, -84), (30, -94), (50, -70), (0, -60)], YELLOW)


def _chin(pen: Pen, tone: Colour) -> None:
    pen.line([(-30, 44), (0, 38), (26, 44)], LINE, 10)
    pen.blob(
        [(-60, 118), (-70, 86), (-40, 70), (24, 64), (26, 80), (-14, 88), (6, 96), (-8, 118)],
        GOLD,
        outline=LINE,
        width=5,
    )


def _hat(pen: Pen, tone: Colour) -> None:
    pen.shape([(-20, -92), (72, -74), (62, -122), (24, -119)], (120, 92, 230), outline=LINE, width=4)
    for x, y, colour in ((-92, -84, RED), (98, -30, BLUE), (-106, 20, (90, 200, 110))):
        pen.oval((x, y), (9, 9), colour)


SMILEYS: dict[str, Painter] = {
    **dict.fromkeys("😀😃😄", _face(_dots, _laugh)),
    **dict.fromkeys("😁😆", _face(_squeezed, _laugh)),
    **dict.fromkeys("😂🤣", _face(_arcs, _laugh, _tears)),
    "🙂": _face(_dots, _smile),
    "😊": _face(_arcs, _smile, _blush),
    "😉": _face(_wink, _smile),
    "😍": _face(_hearts, _laugh),
    "🤩": _face(_stars, _laugh),
    "😎": _face(_glasses, _smile),
    "😐": _face(_dots, _straight),
    "🤔": _face(_raised, _chin),
    **dict.fromkeys("😮😯", _face(_dots, _open)),
    **dict.fromkeys("😲😳", _face(_round_eyes, _open)),
    "😱": _face(_round_eyes, _open, _hands),
    "🤯": _face(_round_eyes, _open, _burst),
    "😢": _face(_worried, _sad, _tear),
    "😭": _face(_worried, _open, _streams),
    **dict.fromkeys("😞🙁☹", _face(_worried, _sad)),
    **dict.fromkeys("😡😠🤬", _face(_angry, _sad, skin=(240, 98, 60))),
    "🥳": _face(_arcs, _laugh, _hat),
}
"""What is drawn for each emoji."""
