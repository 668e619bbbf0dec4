"""Tutorial: a clean card with a numbered badge, and a window that shows how."""

from __future__ import annotations

import re
from random import Random

from reelops.core.editing.thumbnails.drawing import parts, pictures, shapes
from reelops.core.editing.thumbnails.drawing.backgrounds import background, grid
from reelops.core.editing.thumbnails.drawing.canvas import Canvas, gradient
from reelops.core.editing.thumbnails.drawing.colours import WHITE, Colour, Palette, ink_on, luminance, mix, readable
from reelops.core.editing.thumbnails.drawing.faces import cast, portrait
from reelops.core.editing.thumbnails.drawing.lettering import Ink, letter
from reelops.core.editing.thumbnails.drawing.typefaces import PLAIN, STRONG
from reelops.core.editing.thumbnails.drawing.wrapping import fit
from reelops.core.editing.thumbnails.model import HEIGHT, Design

OWN = (("#2f5bff", "#13c2c2", "#ffb020"), ("#0f9d76", "#1f6feb", "#ffd23f"), ("#5b3df5", "#2dd4ff", "#ff7a59"))
_CARD: Colour = (255, 255, 255)
_TEXT: Colour = (20, 27, 45)
_MUTED: Colour = (70, 80, 104)
_NUMBER = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
_WINDOW = (700.0, 96.0, 1222.0, 600.0)
_BAR = 46


def draw(design: Design, colours: Palette, chance: Random) -> Canvas:
    """Draws the design."""
    canvas = background(design.background, colours.base, colours.second, degrees=30, pattern=grid, chance=chance)
    _decoration(canvas, colours)
    busy = design.include_face or design.picture is not None
    if busy:
        _window(canvas, design, colours, chance)
    right = 676.0 if busy else 1208.0
    card = (58.0, 78.0, right, 650.0)
    canvas.polygon(shapes.rounded(*card, 34), _CARD, shadow=30)
    _badge(canvas, design, colours, (card[0] + 70, card[1] + 16))
    _steps(canvas, colours, card)
    _progress(canvas, colours, card)
    _texts(canvas, design, colours, card)
    if busy:
        bow = shapes.arrow((606, 650), (720, 720), (822, 622), 30)
        canvas.polygon(bow, colours.accent, outline=WHITE, width=7, shadow=10)
    return canvas


def _decoration(canvas: Canvas, colours: Palette) -> None:
    light = mix(colours.second, WHITE, 0.4)
    canvas.ellipse((1190, 70), (260, 260), light, opacity=0.3)
    canvas.ellipse((60, 700), (220, 220), light, opacity=0.26)
    spots = [shapes.regular((x, y), 5, 12) for x in range(1096, 1264, 28) for y in range(632, 716, 28)]
    canvas.polygons(spots, WHITE, opacity=0.75)


def _window(canvas: Canvas, design: Design, colours: Palette, chance: Random) -> None:
    left, top, right, bottom = _WINDOW
    canvas.polygon(shapes.rounded(left, top, right, bottom, 28), (24, 30, 48), shadow=32)
    for place, colour in enumerate(((255, 95, 87), (254, 188, 46), (40, 200, 64))):
        canvas.ellipse((left + 34 + 30 * place, top + 24), (9, 9), colour)
    canvas.polygon(shapes.rounded(left + 150, top + 14, right - 30, top + 34, 9), (58, 67, 94))
    inner = (left + 10, top + _BAR, right - 10, bottom - 10)
    size = round(inner[2] - inner[0]), round(inner[3] - inner[1])
    if design.picture is not None:
        view = pictures.graded(pictures.framed(design.picture, size), colour=1.15, contrast=1.06)
    else:
        sheet = Canvas(gradient(mix(colours.second, WHITE, 0.62), mix(colours.base, WHITE, 0.4), degrees=60))
        sheet.ellipse((size[0] / 2, size[1] * 0.56), (206, 206), mix(colours.accent, WHITE, 0.12))
        sheet.ellipse((size[0] / 2, size[1] * 0.56), (206, 206), WHITE, opacity=0.14)
        view = sheet.image.crop((0, 0, *size))
    corner = round(inner[0]), round(inner[1])
    parts.window(canvas, view, shapes.rounded(*inner, 20), corner)
    if not design.include_face:
        _play(canvas, colours)
        return
    person = cast(chance, colours.base if luminance(colours.base) < 0.6 else colours.second)
    if design.picture is None:
        figure = portrait(person, design.expression, 520)
        parts.sticker(canvas, figure, (round((left + right) / 2) - figure.width // 2, HEIGHT - 508), width=9)
    else:
        figure = portrait(person, design.expression, 350)
        parts.sticker(canvas, figure, (1262 - figure.width, HEIGHT - 342), width=8)


def _play(canvas: Canvas, colours: Palette) -> None:
    x, y = _WINDOW[0] + 78, _WINDOW[3] - 78
    canvas.ellipse((x, y), (44, 44), WHITE, shadow=18)
    triangle = [(x - 12, y - 20), (x + 24, y), (x - 12, y + 20)]
    canvas.polygon(triangle, readable(colours.accent, WHITE, least=2.2), round_by=3)


def _badge(canvas: Canvas, design: Design, colours: Palette, centre: tuple[float, float]) -> None:
    """A seal with the number that the title names, or a tick."""
    canvas.polygon(shapes.star(centre, 74, 64, 14), colours.accent, outline=WHITE, width=7, shadow=14)
    number = _NUMBER.search(design.title)
    ink = ink_on(colours.accent)
    if number is None:
        canvas.line(
            [(centre[0] - 28, centre[1] + 2), (centre[0] - 8, centre[1] + 24), (centre[0] + 30, centre[1] - 22)],
            ink,
            15,
        )
        return
    figure = fit(number[0], STRONG, width=92, height=70, largest=68)
    box = (centre[0] - 46, centre[1] - 40, centre[0] + 46, centre[1] + 40)
    letter(canvas, figure, Ink(fill=(ink,), behind=colours.accent, outline=0, shadow=0), box, align="centre")


def _steps(canvas: Canvas, colours: Palette, card: parts.Area) -> None:
    """Three stations on a line, the first of them reached."""
    right, y = card[2] - 48, card[1] + 36
    canvas.line([(right - 144, y), (right, y)], (214, 220, 232), 6)
    canvas.line([(right - 144, y), (right - 72, y)], colours.base, 6)
    for place in range(3):
        reached = place < 2
        canvas.ellipse(
            (right - 144 + 72 * place, y),
            (13, 13),
            colours.base if reached else WHITE,
            outline=colours.base if reached else (190, 198, 214),
            width=4,
        )


def _progress(canvas: Canvas, colours: Palette, card: parts.Area) -> None:
    """A bar at the foot of the card, a part of it in every colour."""
    left, right, y = card[0] + 44, card[2] - 44, card[3] - 30
    canvas.polygon(shapes.rounded(left, y - 6, right, y + 6, 6), (226, 231, 241))
    wide = (right - left) * 0.74 / len(colours.every)
    for place, colour in reversed(list(enumerate(colours.every))):
        canvas.polygon(shapes.rounded(left, y - 6, left + wide * (place + 1), y + 6, 6), colour)


def _texts(canvas: Canvas, design: Design, colours: Palette, card: parts.Area) -> None:
    box = (card[0] + 44, card[1] + 100, card[2] - 40, card[3] - 58)
    column = parts.stack(
        design,
        box,
        voice=STRONG,
        second=PLAIN,
        largest=112 if card[2] < 800 else 172,
        second_largest=38,
        padding=0,
        gap=62,
    )
    marker = mix(colours.accent, WHITE, 0.58)
    strong = readable(mix(colours.base, _TEXT, 0.25), _CARD, marker)
    _marked(canvas, column, marker)
    ink = Ink(fill=(_TEXT,), behind=_CARD, outline=0, shadow=0, punch=(strong,))
    letter(canvas, column.title, ink, column.title_box)
    if column.subtitle is None:
        return
    top = column.subtitle_box[1] - 24
    left = box[2] - 96 if column.subtitle.right_to_left else box[0]
    canvas.polygon(shapes.rounded(left, top - 4, left + 96, top + 4, 4), colours.accent)
    letter(canvas, column.subtitle, Ink(fill=(_MUTED,), behind=_CARD, outline=0, shadow=0), column.subtitle_box)


def _marked(canvas: Canvas, column: parts.Stack, marker: Colour) -> None:
    """Draws a highlighter's stroke below the last line of the title."""
    title = column.title
    if len(title.lines) < 2:
        return
    line = title.lines[-1]
    base = column.title_box[1] + line.base
    shift = column.title_box[2] - column.title_box[0] - line.width if title.right_to_left else 0.0
    left = column.title_box[0] + shift - 12
    canvas.polygon(
        shapes.rounded(left, base - title.size * 0.34, left + line.width + 24, base + title.size * 0.16, 10), marker
    )
