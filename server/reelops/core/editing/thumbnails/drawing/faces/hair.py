"""Five heads of hair, each a part behind the head and a part before it."""

from __future__ import annotations

from reelops.core.editing.thumbnails.drawing.canvas import Point
from reelops.core.editing.thumbnails.drawing.colours import WHITE, Colour, mix
from reelops.core.editing.thumbnails.drawing.faces.pen import Pen

STYLES = ("quiff", "bob", "curls", "bun", "long")
_WIDTH = 8


def behind(pen: Pen, style: str, hair: Colour, line: Colour) -> None:
    """Draws what hangs behind the head."""
    dark = mix(hair, (0, 0, 0), 0.22)
    if style == "bob":
        pen.blob(
            [
                (0, -190),
                (120, -170),
                (182, -70),
                (188, 60),
                (150, 150),
                (60, 165),
                (-60, 165),
                (-150, 150),
                (-188, 60),
                (-182, -70),
                (-120, -170),
            ],
            dark,
            outline=line,
            width=_WIDTH,
        )
    elif style == "long":
        pen.blob(
            [
                (0, -192),
                (124, -168),
                (178, -70),
                (186, 80),
                (196, 230),
                (110, 268),
                (-110, 268),
                (-196, 230),
                (-186, 80),
                (-178, -70),
                (-124, -168),
            ],
            dark,
            outline=line,
            width=_WIDTH,
        )
    elif style == "curls":
        for x, y, r in _CURLS_BEHIND:
            pen.oval((x, y), (r, r), dark, outline=line, width=_WIDTH)
        for x, y, r in _CURLS_BEHIND:
            pen.oval((x, y), (r - 3, r - 3), dark)
    elif style == "bun":
        pen.oval((0, -206), (66, 56), hair, outline=line, width=_WIDTH)
        pen.line([(-30, -222), (0, -234), (26, -226)], _shine(hair), 9)


def before(pen: Pen, style: str, hair: Colour, line: Colour) -> None:
    """Draws what frames the face."""
    if style == "curls":
        for x, y, r in _CURLS:
            pen.oval((x, y), (r, r), hair, outline=line, width=_WIDTH)
        for x, y, r in _CURLS:
            pen.oval((x, y), (r - 3, r - 3), hair)
        for x, y, r in _CURLS[1::2]:
            pen.line([(x - r * 0.4, y - r * 0.3), (x, y - r * 0.55), (x + r * 0.4, y - r * 0.3)], _shine(hair), 6)
        return
    pen.blob(_FRINGES[style], hair, outline=line, width=_WIDTH)
    pen.line(_SHINES[style], _shine(hair), 13)


def _shine(hair: Colour) -> Colour:
    return mix(hair, WHITE, 0.28)


_CURLS_BEHIND = ((-148, -70, 50), (148, -70, 50), (-160, -4, 40), (160, -4, 40), (-120, -130, 56), (120, -130, 56))
_CURLS = (
    (-134, -98, 40),
    (134, -98, 40),
    (-100, -148, 48),
    (100, -148, 48),
    (-36, -178, 52),
    (36, -178, 52),
    (-72, -134, 38),
    (72, -134, 38),
    (0, -144, 40),
)
_FRINGES: dict[str, list[Point]] = {
    "quiff": [
        (-152, -34),
        (-164, -100),
        (-134, -160),
        (-80, -186),
        (-48, -226),
        (20, -232),
        (104, -204),
        (148, -150),
        (162, -92),
        (152, -34),
        (136, -84),
        (104, -118),
        (40, -116),
        (-30, -126),
        (-92, -112),
        (-130, -82),
    ],
    "bob": [
        (-156, 30),
        (-166, -60),
        (-140, -142),
        (-70, -186),
        (0, -192),
        (70, -186),
        (140, -142),
        (166, -60),
        (156, 30),
        (136, -40),
        (118, -104),
        (60, -116),
        (0, -112),
        (-60, -116),
        (-118, -104),
        (-136, -40),
    ],
    "bun": [
        (-154, -8),
        (-162, -84),
        (-128, -152),
        (-62, -182),
        (0, -186),
        (62, -182),
        (128, -152),
        (162, -84),
        (154, -8),
        (140, -70),
        (92, -124),
        (30, -140),
        (-8, -142),
        (-60, -134),
        (-112, -104),
        (-140, -60),
    ],
    "long": [
        (-156, 60),
        (-168, -60),
        (-136, -146),
        (-66, -186),
        (10, -194),
        (84, -182),
        (146, -136),
        (168, -60),
        (156, 60),
        (144, -20),
        (116, -78),
        (54, -112),
        (-16, -140),
        (-58, -96),
        (-112, -62),
        (-140, -10),
    ],
}
_SHINES: dict[str, list[Point]] = {
    "quiff": [(-62, -182), (-6, -202), (56, -198)],
    "bob": [(-98, -146), (-40, -164), (20, -166)],
    "bun": [(-92, -142), (-44, -160), (6, -164)],
    "long": [(34, -168), (84, -154), (122, -116)],
}
