"""Hearts, fires, cups and other things."""

from __future__ import annotations

from reelops.core.editing.thumbnails.drawing import shapes
from reelops.core.editing.thumbnails.drawing.colours import WHITE, Colour, mix
from reelops.core.editing.thumbnails.drawing.emoji.colours import BLUE, DARK, GOLD, LINE, RED, YELLOW, Painter
from reelops.core.editing.thumbnails.drawing.faces.pen import Pen, ring


def _heart(colour: Colour) -> Painter:
    def paint(pen: Pen, tone: Colour) -> None:
        pen.shape(shapes.heart((0, 2), 106), colour)
        pen.oval((-48, -36), (24, 18), mix(colour, WHITE, 0.4))

    return paint


def _fire(pen: Pen, tone: Colour) -> None:
    pen.blob(
        [
            (4, -116),
            (46, -66),
            (58, -28),
            (78, -50),
            (92, 20),
            (62, 92),
            (0, 114),
            (-66, 90),
            (-90, 22),
            (-64, -28),
            (-48, 2),
            (-30, -50),
        ],
        (244, 86, 28),
    )
    pen.blob(
        [(6, -46), (40, 4), (56, 46), (36, 92), (0, 106), (-40, 90), (-56, 44), (-28, 16), (-18, 30)], (255, 158, 36)
    )
    pen.blob([(4, 18), (30, 58), (22, 92), (0, 100), (-24, 92), (-30, 60)], (255, 226, 92))


def _skull(pen: Pen, tone: Colour) -> None:
    pen.blob(
        [
            (0, -108),
            (74, -88),
            (102, -20),
            (84, 40),
            (52, 54),
            (50, 104),
            (-50, 104),
            (-52, 54),
            (-84, 40),
            (-102, -20),
            (-74, -88),
        ],
        (226, 230, 238),
        outline=(120, 126, 142),
        width=6,
    )
    for side in (-1, 1):
        pen.oval((side * 42, -8), (27, 31), DARK)
    pen.shape([(0, 26), (13, 52), (-13, 52)], DARK)
    for x in (-22, 0, 22):
        pen.line([(x, 74), (x, 104)], (120, 126, 142), 6)


def _star(pen: Pen, tone: Colour) -> None:
    pen.shape(shapes.star((0, 6), 112, 50, 5), YELLOW, outline=GOLD, width=10)


def _sparkles(pen: Pen, tone: Colour) -> None:
    for centre, size in (((18, 14), 94), ((-72, -66), 46), ((-62, 78), 36)):
        pen.shape(shapes.star(centre, size, size * 0.3, 4), YELLOW, outline=GOLD, width=6)


def _bolt(pen: Pen, tone: Colour) -> None:
    pen.shape([(30, -116), (-66, 14), (-8, 14), (-30, 116), (70, -22), (10, -22)], YELLOW, outline=GOLD, width=8)


def _explosion(pen: Pen, tone: Colour) -> None:
    for reach, colour in ((114, RED), (84, (255, 150, 40)), (52, (255, 232, 110))):
        pen.shape(shapes.star((0, 0), reach, reach * 0.58, 9), colour)


def _crown(pen: Pen, tone: Colour) -> None:
    pen.shape(
        [(-98, 78), (-108, -52), (-50, 4), (0, -88), (50, 4), (108, -52), (98, 78)], YELLOW, outline=GOLD, width=8
    )
    for x, y, colour in ((0, 44, RED), (-54, 48, BLUE), (54, 48, BLUE)):
        pen.oval((x, y), (14, 14), colour)


def _trophy(pen: Pen, tone: Colour) -> None:
    for side in (-1, 1):
        pen.line([(side * 56, -70), (side * 102, -66), (side * 92, -10), (side * 48, 6)], GOLD, 15)
    pen.blob([(-64, -98), (64, -98), (58, -10), (22, 36), (-22, 36), (-58, -10)], YELLOW, outline=GOLD, width=6)
    pen.shape([(-13, 34), (13, 34), (17, 76), (-17, 76)], GOLD)
    pen.shape(shapes.rounded(-56, 72, 56, 108, 8), (120, 76, 40))


def _gamepad(pen: Pen, tone: Colour) -> None:
    pen.blob(
        [(-70, -54), (70, -54), (104, -6), (112, 62), (84, 76), (46, 34), (-46, 34), (-84, 76), (-112, 62), (-104, -6)],
        (74, 78, 100),
        outline=DARK,
        width=6,
    )
    pen.line([(-80, -8), (-36, -8)], WHITE, 14)
    pen.line([(-58, -30), (-58, 14)], WHITE, 14)
    for x, y, colour in ((58, -28, (90, 210, 110)), (58, 12, BLUE), (38, -8, RED), (78, -8, YELLOW)):
        pen.oval((x, y), (11, 11), colour)


def _rocket(pen: Pen, tone: Colour) -> None:
    pen.tilt(42)
    pen.blob([(-26, 70), (0, 118), (26, 70)], (255, 150, 40))
    for side in (-1, 1):
        pen.shape([(side * 30, 20), (side * 66, 66), (side * 28, 62)], RED)
    pen.blob(
        [(0, -118), (36, -60), (40, 10), (26, 72), (-26, 72), (-40, 10), (-36, -60)],
        (236, 240, 248),
        outline=(120, 130, 150),
        width=5,
    )
    pen.blob([(0, -118), (32, -66), (-32, -66)], RED)
    pen.oval((0, -24), (17, 17), BLUE, outline=(120, 130, 150), width=6)


def _eyes(pen: Pen, tone: Colour) -> None:
    for side in (-1, 1):
        pen.oval((side * 54, 0), (46, 68), WHITE, outline=(120, 130, 150), width=6)
        pen.oval((side * 54 - 16, 8), (22, 30), DARK)


def _tick(pen: Pen, tone: Colour) -> None:
    pen.shape(shapes.rounded(-104, -104, 104, 104, 30), (52, 178, 84))
    pen.line([(-54, 4), (-16, 46)], WHITE, 24)
    pen.line([(-16, 46), (56, -46)], WHITE, 24)


def _cross(pen: Pen, tone: Colour) -> None:
    for side in (-1, 1):
        pen.line([(-78, side * 78), (78, -side * 78)], RED, 38)


def _mark(pen: Pen, x: float) -> None:
    pen.shape([(x - 26, -104), (x + 26, -104), (x + 13, 36), (x - 13, 36)], RED)
    pen.oval((x, 82), (22, 22), RED)


def _bang(pen: Pen, tone: Colour) -> None:
    _mark(pen, 0)


def _bangs(pen: Pen, tone: Colour) -> None:
    _mark(pen, -38)
    _mark(pen, 38)


def _question(pen: Pen, tone: Colour) -> None:
    pen.line([(-52, -52), (-40, -88), (2, -102), (46, -84), (52, -46), (20, -10), (2, 14), (0, 36)], RED, 32)
    pen.oval((0, 84), (22, 22), RED)


def _warning(pen: Pen, tone: Colour) -> None:
    pen.shape([(0, -92), (100, 84), (-100, 84)], YELLOW, outline=GOLD, width=22)
    pen.line([(0, -30), (0, 26)], DARK, 20)
    pen.oval((0, 60), (12, 12), DARK)


def _thumb(down: bool) -> Painter:
    def paint(pen: Pen, tone: Colour) -> None:
        pen.tilt(180 if down else 0)
        pen.blob(
            [
                (-40, 4),
                (-6, -48),
                (0, -106),
                (34, -104),
                (38, -56),
                (30, -16),
                (88, -14),
                (94, 30),
                (80, 86),
                (30, 98),
                (-40, 90),
            ],
            tone,
            outline=mix(tone, LINE, 0.6),
            width=7,
        )
        pen.shape(shapes.rounded(-98, -2, -46, 98, 12), mix(tone, LINE, 0.25))
        for y in (22, 54):
            pen.line([(52, y), (88, y + 2)], mix(tone, LINE, 0.5), 6)

    return paint


def _muscle(pen: Pen, tone: Colour) -> None:
    pen.blob(
        [
            (-74, -96),
            (-26, -100),
            (-18, -58),
            (-52, -44),
            (-48, 8),
            (-6, -24),
            (52, -22),
            (100, 22),
            (104, 84),
            (30, 98),
            (-60, 96),
            (-98, 60),
            (-100, -20),
        ],
        tone,
        outline=mix(tone, LINE, 0.6),
        width=7,
    )
    pen.line([(-2, 14), (28, 34), (40, 60)], mix(tone, LINE, 0.5), 7)


def _diamond(pen: Pen, tone: Colour) -> None:
    pen.shape(
        [(-60, -76), (60, -76), (108, -20), (0, 104), (-108, -20)], (92, 200, 250), outline=(40, 130, 210), width=7
    )
    pen.shape([(-40, -20), (40, -20), (0, 98)], (180, 232, 255))
    pen.line([(-104, -20), (104, -20)], (40, 130, 210), 6)


def _money(pen: Pen, tone: Colour) -> None:
    pen.blob(
        [(-26, -64), (-40, -102), (0, -92), (40, -102), (26, -64), (84, 10), (84, 84), (0, 108), (-84, 84), (-84, 10)],
        GOLD,
        outline=(150, 96, 20),
        width=6,
    )
    pen.line([(-30, -62), (30, -62)], (150, 96, 20), 12)
    pen.line([(28, -6), (-8, -18), (-28, 4), (0, 24), (28, 44), (6, 68), (-30, 58)], (120, 76, 16), 13)
    pen.line([(0, -30), (0, 80)], (120, 76, 16), 10)


def _party(pen: Pen, tone: Colour) -> None:
    pen.shape([(-104, 104), (-44, -30), (34, 46)], GOLD, outline=LINE, width=5)
    for x, y, colour in (
        (-10, -84, RED),
        (44, -44, BLUE),
        (84, -84, YELLOW),
        (92, 10, (90, 200, 110)),
        (54, 78, RED),
        (-62, -72, (150, 90, 230)),
    ):
        pen.shape(shapes.regular((x, y), 17, 4, turn=x), colour)
    pen.line([(20, 0), (48, -20), (40, -90)], (150, 90, 230), 8)
    pen.line([(30, 24), (66, 30), (104, 52)], BLUE, 8)


def _hundred(pen: Pen, tone: Colour) -> None:
    pen.line([(-88, -66), (-74, -78), (-78, 34)], RED, 18)
    for x in (-22, 58):
        points = ring((x, -22), (30, 50))
        pen.line([*points, points[0]], RED, 17)
    pen.line([(-96, 70), (0, 56), (100, 52)], RED, 12)
    pen.line([(-76, 98), (10, 84), (84, 80)], RED, 12)


THINGS: dict[str, Painter] = {
    "❤": _heart(RED),
    "🧡": _heart((246, 130, 40)),
    "💛": _heart(YELLOW),
    "💚": _heart((70, 180, 84)),
    "💙": _heart((52, 130, 230)),
    "💜": _heart((150, 86, 220)),
    "🖤": _heart(DARK),
    "🤍": _heart((240, 240, 246)),
    "🔥": _fire,
    "💀": _skull,
    "⭐": _star,
    "🌟": _star,
    "✨": _sparkles,
    "⚡": _bolt,
    "💥": _explosion,
    "👑": _crown,
    "🏆": _trophy,
    "🎮": _gamepad,
    "🚀": _rocket,
    "👀": _eyes,
    "✅": _tick,
    "❌": _cross,
    "❗": _bang,
    "‼": _bangs,
    "❓": _question,
    "⚠": _warning,
    "👍": _thumb(False),
    "👎": _thumb(True),
    "💪": _muscle,
    "💎": _diamond,
    "💰": _money,
    "🎉": _party,
    "💯": _hundred,
}
"""What is drawn for each emoji."""
