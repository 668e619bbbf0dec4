"""Custom: flat and neutral; the colours that were asked for are the whole design."""

from __future__ import annotations

from random import Random

from reelops.core.editing.thumbnails.drawing import parts, pictures, shapes
from reelops.core.editing.thumbnails.drawing.backgrounds import background, stripes, subtle
from reelops.core.editing.thumbnails.drawing.canvas import Canvas
from reelops.core.editing.thumbnails.drawing.colours import (
    READABLE,
    WHITE,
    Colour,
    Palette,
    contrast,
    ink_on,
    luminance,
    mix,
    readable,
)
from reelops.core.editing.thumbnails.drawing.faces import cast, portrait
from reelops.core.editing.thumbnails.drawing.lettering import Ink, letter
from reelops.core.editing.thumbnails.drawing.typefaces import PLAIN, STRONG
from reelops.core.editing.thumbnails.model import HEIGHT, WIDTH, Background, Design

OWN = (("#1f2933", "#3e4c59", "#f7c948"), ("#f5f1e8", "#d9cfbb", "#d64545"), ("#102a43", "#486581", "#62b0e8"))
_SPLIT = 742.0
_LEAN = 96.0


def draw(design: Design, colours: Palette, chance: Random) -> Canvas:
    """Draws the design."""
    canvas = background(design.background, colours.base, colours.second, degrees=35, pattern=stripes, chance=chance)
    busy = design.include_face or design.picture is not None
    if design.picture is not None:
        _photograph(canvas, design, colours)
    elif not busy or design.include_face:
        _geometry(canvas, colours, busy=busy)
    if design.include_face:
        _face(canvas, design, colours, chance)
    _texts(canvas, design, colours, wide=not busy)
    _keyline(canvas, colours)
    return canvas


def _photograph(canvas: Canvas, design: Design, colours: Palette) -> None:
    assert design.picture is not None  # noqa: S101 the caller asked
    left = round(_SPLIT - _LEAN)
    view = pictures.graded(pictures.framed(design.picture, (WIDTH - left, HEIGHT)), colour=1.12, contrast=1.06)
    edge = [(_SPLIT + _LEAN, 0.0), (float(WIDTH), 0.0), (float(WIDTH), float(HEIGHT)), (_SPLIT - _LEAN, float(HEIGHT))]
    parts.window(canvas, view, edge, (left, 0))
    wide = 15
    for place, colour in enumerate((colours.accent, *colours.every[3:])):
        shift = -wide * (place + 1)
        bar = [
            (_SPLIT + _LEAN + shift, 0),
            (_SPLIT + _LEAN + shift + wide, 0),
            (_SPLIT - _LEAN + shift + wide, HEIGHT),
            (_SPLIT - _LEAN + shift, HEIGHT),
        ]
        canvas.polygon(bar, colour)


def _geometry(canvas: Canvas, colours: Palette, *, busy: bool) -> None:
    if busy:
        canvas.ellipse((1000, 400), (296, 296), colours.second, shadow=26)
        canvas.ellipse((1000, 400), (256, 256), colours.accent)
        for place, colour in enumerate(colours.every[3:]):
            canvas.ellipse((1000, 400), (214 - 34 * place, 214 - 34 * place), colour)
        return
    canvas.polygon([(WIDTH, 0), (WIDTH, 330), (WIDTH - 330, 0)], colours.accent)
    canvas.ellipse((WIDTH - 40, HEIGHT - 20), (190, 190), colours.second, outline=subtle(colours.base, 0.3), width=3)
    for place, colour in enumerate(colours.every[3:]):
        canvas.ellipse((WIDTH - 40, HEIGHT - 20), (140 - 40 * place, 140 - 40 * place), colour)


def _face(canvas: Canvas, design: Design, colours: Palette, chance: Random) -> None:
    person = cast(chance, colours.second if luminance(colours.second) < 0.55 else mix(colours.second, (0, 0, 0), 0.35))
    tall = 590 if design.picture is None else 430
    figure = portrait(person, design.expression, tall)
    centre = 1000 if design.picture is None else 1070
    parts.sticker(canvas, figure, (centre - figure.width // 2, HEIGHT - tall + 12), width=8, edge=WHITE)


def _texts(canvas: Canvas, design: Design, colours: Palette, *, wide: bool) -> None:
    taken = 15.0 * max(0, len(colours.every) - 3) if design.picture is not None else 0.0
    right = 1130.0 if wide else 640.0 - taken
    box = (78.0, 96.0, right, 616.0)
    column = parts.stack(
        design, box, voice=STRONG, second=PLAIN, largest=176 if wide else 148, second_largest=40, padding=0, gap=56
    )
    behind, ink = _ground(canvas, design, colours, column, box)
    emphasis = readable(colours.accent, behind) if contrast(colours.accent, behind) >= 3 else ink
    letter(
        canvas, column.title, Ink(fill=(ink,), behind=behind, outline=0, shadow=0, punch=(emphasis,)), column.title_box
    )
    if column.subtitle is None:
        return
    y = column.subtitle_box[1] - 28
    left = box[2] - 120 if column.subtitle.right_to_left else box[0]
    canvas.polygon(shapes.rectangle(left, y - 5, left + 120, y + 5), colours.accent)
    soft = readable(mix(ink, behind, 0.12), behind)
    letter(canvas, column.subtitle, Ink(fill=(soft,), behind=behind, outline=0, shadow=0), column.subtitle_box)


def _ground(
    canvas: Canvas, design: Design, colours: Palette, column: parts.Stack, box: parts.Area
) -> tuple[Colour, Colour]:
    """Chooses the ink, and puts a panel below the text where no ink is read on all of the background."""
    behind = (
        (colours.base,)
        if design.background is Background.SOLID
        else tuple(mix(colours.base, colours.second, t / 4) for t in range(5))
    )
    ink = ink_on(*behind)
    worst = min(behind, key=lambda each: contrast(ink, each))
    if contrast(ink, worst) >= READABLE and design.background is not Background.PATTERN:
        return worst, ink
    bottom = column.subtitle_box[3] if column.subtitle is not None else column.title_box[3]
    points = shapes.rectangle(0, column.title_box[1] - 44, box[2] + 34, min(HEIGHT - 20, bottom + 44))
    canvas.polygon(points, colours.base, shadow=20)
    return colours.base, ink_on(colours.base)


def _keyline(canvas: Canvas, colours: Palette) -> None:
    """Every colour once, as a row at the foot."""
    wide = 54.0
    for place, colour in enumerate(colours.every):
        left = 78 + place * wide
        canvas.polygon(shapes.rectangle(left, HEIGHT - 46, left + wide, HEIGHT - 30), colour)
