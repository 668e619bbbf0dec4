"""Vlog: warm and round, a snapshot taped to the page, a note by hand."""

from __future__ import annotations

from random import Random

from PIL import Image

from reelops.core.editing.thumbnails.drawing import parts, pictures, shapes
from reelops.core.editing.thumbnails.drawing.backgrounds import background, dots
from reelops.core.editing.thumbnails.drawing.canvas import Canvas, gradient
from reelops.core.editing.thumbnails.drawing.colours import BLACK, WHITE, Colour, Palette, adjusted, luminance, mix
from reelops.core.editing.thumbnails.drawing.faces import cast, portrait
from reelops.core.editing.thumbnails.drawing.lettering import Ink, letter
from reelops.core.editing.thumbnails.drawing.typefaces import HAND, ROUND
from reelops.core.editing.thumbnails.model import HEIGHT, WIDTH, Design

OWN = (("#ff8a5c", "#ff4f79", "#ffe08a"), ("#ffb347", "#ff6f61", "#fff0c9"), ("#2bb8a9", "#ff8c61", "#ffe9a8"))
_PAPER: Colour = (255, 250, 240)
_NOTE: Colour = (74, 38, 44)
_CARD = (516, 588)
_VIEW = (464, 452)


def draw(design: Design, colours: Palette, chance: Random) -> Canvas:
    """Draws the design."""
    canvas = background(design.background, colours.base, colours.second, degrees=62, pattern=dots, chance=chance)
    busy = design.include_face or design.picture is not None
    _landscape(canvas, colours, chance, sun=(940.0, 330.0) if busy else (640.0, 330.0))
    if busy:
        _snapshot(canvas, design, colours, chance)
    _doodles(canvas, colours, chance, busy=busy)
    _texts(canvas, design, colours, wide=not busy)
    return canvas


def _landscape(canvas: Canvas, colours: Palette, chance: Random, *, sun: tuple[float, float]) -> None:
    light = mix(colours.accent, WHITE, 0.35)
    canvas.ellipse(sun, (430, 430), light, opacity=0.22)
    canvas.ellipse(sun, (330, 330), light, opacity=0.28)
    bands = (colours.turn(0), colours.turn(1), colours.turn(2))
    for place, colour in enumerate(bands):
        height = 566 + 52 * place
        line = shapes.wave(-10, WIDTH + 10, height, 22 - 4 * place, chance.uniform(560, 820))
        shade = adjusted(colour, lightness=0.9, saturation=1.05) if place == 0 else colour
        canvas.polygon([*line, (WIDTH + 10, HEIGHT + 10), (-10, HEIGHT + 10)], shade, opacity=0.9 if place else 0.5)


def _snapshot(canvas: Canvas, design: Design, colours: Palette, chance: Random) -> None:
    figure = None
    if design.include_face:
        person = cast(chance, colours.second if luminance(colours.second) < 0.7 else colours.base)
        figure = portrait(person, design.expression, 470 if design.picture is None else 400)
    if design.picture is not None:
        view = pictures.graded(pictures.framed(design.picture, _VIEW), colour=1.22, contrast=1.05, light=1.04)
        view = pictures.tinted(view, (70, 30, 50), (255, 244, 214), 0.1)
    else:
        inside = Canvas(gradient(mix(colours.accent, WHITE, 0.55), mix(colours.base, WHITE, 0.25)))
        inside.polygons(shapes.rays((232, 300), 14, share=0.5, reach=800), WHITE, opacity=0.28)
        view = inside.image.crop((0, 0, *_VIEW))
        if figure is not None:
            view.paste(figure.convert("RGB"), ((_VIEW[0] - figure.width) // 2, _VIEW[1] - 452), figure.getchannel("A"))
    card = _card(view)
    turned = card.rotate(-5, Image.Resampling.BICUBIC, expand=True)
    parts.sticker(canvas, turned, (990 - turned.width // 2, 348 - turned.height // 2), width=0, shadow=26)
    _tape(canvas, colours)
    if design.picture is not None and figure is not None:
        parts.sticker(canvas, figure, (WIDTH - figure.width - 6, HEIGHT - 392), width=9)


def _card(view: Image.Image) -> Image.Image:
    card = Image.new("RGBA", (_CARD[0] + 8, _CARD[1] + 8))
    card.paste((*_PAPER, 255), (4, 4, _CARD[0] + 4, _CARD[1] + 4))
    edge = (_CARD[0] - _VIEW[0]) // 2
    card.paste((226, 216, 204, 255), (3 + edge, 3 + edge, 5 + edge + _VIEW[0], 5 + edge + _VIEW[1]))
    card.paste(view, (4 + edge, 4 + edge))
    return card


def _tape(canvas: Canvas, colours: Palette) -> None:
    strip = shapes.turned(shapes.rectangle(905, 38, 1095, 88), -4, (1000, 63))
    canvas.polygon(strip, mix(colours.accent, WHITE, 0.45), opacity=0.88, shadow=6)
    for share in (0.3, 0.62):
        y = 38 + 50 * share
        canvas.polygon(shapes.turned(shapes.rectangle(905, y, 1095, y + 7), -4, (1000, 63)), WHITE, opacity=0.35)


def _doodles(canvas: Canvas, colours: Palette, chance: Random, *, busy: bool) -> None:
    bright = mix(colours.accent, WHITE, 0.3)
    if busy:
        canvas.polygon(
            shapes.turned(shapes.heart((752, 590), 40), -14, (752, 590)),
            colours.second,
            outline=WHITE,
            width=7,
            shadow=8,
        )
    else:
        canvas.polygon(
            shapes.turned(shapes.heart((1168, 118), 46), 14, (1168, 118)),
            colours.second,
            outline=WHITE,
            width=7,
            shadow=8,
        )
        canvas.polygon(
            shapes.turned(shapes.heart((96, 570), 34), -16, (96, 570)), colours.second, outline=WHITE, width=6, shadow=8
        )
    for x, y, size in ((66, 74, 34), (116, 36, 18), (690, 70, 24), (44, 500, 18), (1234, 52, 26)):
        parts.sparkle(canvas, (x, y), size, bright)
    for place in range(12):
        low = place % 2
        spot = (
            190 + 84 * (place // 2) + 30 * low + chance.uniform(-14, 14),
            (690 if low else 34) + chance.uniform(-14, 14),
        )
        canvas.ellipse(spot, (7, 7), colours.turn(place), outline=WHITE, width=3)


def _texts(canvas: Canvas, design: Design, colours: Palette, *, wide: bool) -> None:
    box = (130.0, 84.0, 1150.0, 636.0) if wide else (70.0, 88.0, 676.0, 640.0)
    column = parts.stack(
        design, box, voice=ROUND, second=HAND, largest=210 if wide else 178, second_largest=60, padding=11, gap=36
    )
    deep = mix(mix(colours.second, _NOTE, 0.6), BLACK, 0.35)
    ink = Ink(
        fill=(WHITE,),
        behind=deep,
        outline=0.075,
        punch=(mix(colours.accent, WHITE, 0.25),),
        shadow=0.07,
        shadow_colour=mix(deep, BLACK, 0.4),
    )
    align = "centre" if wide else "left"
    placed = letter(canvas, column.title, ink, column.title_box, align=align, angle=1.5)
    if column.subtitle is None:
        _underline(canvas, placed.box, colours, deep)
        return
    plate = parts.plate_box(column.subtitle, column.subtitle_box, 11, align=align, side=2)
    points = shapes.turned(shapes.rounded(*plate, 24), 1.6, (plate[0], plate[1]))
    canvas.polygon(points, _PAPER, shadow=14)
    letter(
        canvas,
        column.subtitle,
        Ink(fill=(_NOTE,), behind=_PAPER, outline=0, shadow=0),
        plate,
        align="centre",
        angle=-1.6,
    )


def _underline(canvas: Canvas, box: tuple[int, int, int, int], colours: Palette, deep: Colour) -> None:
    line = shapes.wave(box[0] + 14, min(box[2], box[0] + 420), min(HEIGHT - 30, box[3] + 18), 8, 74)
    canvas.line(line, deep, 20)
    canvas.line(line, mix(colours.accent, WHITE, 0.15), 10)
