"""Gaming: slanted, dark and lit by neon, with speed lines towards the player."""

from __future__ import annotations

from random import Random

from reelops.core.editing.thumbnails.drawing import parts, pictures, shapes
from reelops.core.editing.thumbnails.drawing.backgrounds import background, honeycomb
from reelops.core.editing.thumbnails.drawing.canvas import Canvas
from reelops.core.editing.thumbnails.drawing.colours import BLACK, INK, WHITE, Palette, adjusted, ink_on, luminance, mix
from reelops.core.editing.thumbnails.drawing.faces import cast, portrait
from reelops.core.editing.thumbnails.drawing.lettering import Ink, letter
from reelops.core.editing.thumbnails.drawing.typefaces import LOUD, STRONG_CAPITALS
from reelops.core.editing.thumbnails.model import HEIGHT, WIDTH, Design

OWN = (("#4a0fc7", "#f0147f", "#35f2ff"), ("#0d1b6b", "#6a11ff", "#16ffbd"), ("#7a0b2e", "#ff5a1f", "#ffe34a"))
_FOCUS = (970.0, 380.0)
_NIGHT = (9, 6, 24)


def draw(design: Design, colours: Palette, chance: Random) -> Canvas:
    """Draws the design."""
    canvas = _ground(design, colours, chance)
    _energy(canvas, colours, chance, lit=0.5 if design.picture is not None else 1.0)
    busy = design.include_face or design.picture is not None
    if design.include_face:
        _player(canvas, design, colours, chance)
    _frame(canvas, colours, chance)
    _texts(canvas, design, colours, wide=not busy)
    return canvas


def _ground(design: Design, colours: Palette, chance: Random) -> Canvas:
    canvas = background(design.background, colours.base, colours.second, degrees=24, pattern=honeycomb, chance=chance)
    if design.picture is None:
        pictures.vignette(canvas, strength=0.8, colour=_NIGHT)
        return canvas
    left = 470
    size = WIDTH - left, HEIGHT
    shot = pictures.framed(design.picture, size, focus=(0.42 if design.include_face else 0.56, 0.42))
    shot = pictures.graded(shot, colour=1.45, contrast=1.18)
    sheet = Canvas(_NIGHT)
    night, light = mix(colours.base, BLACK, 0.75), mix(colours.accent, WHITE, 0.5)
    sheet.image.paste(pictures.tinted(shot, night, light, 0.14), (left, 0))
    pictures.vignette(sheet, strength=0.7, colour=_NIGHT)
    slope = [(0, 0), (690, 0), (470, HEIGHT), (0, HEIGHT)]
    sheet.polygon(slope, canvas.image, opacity=1.0)
    sheet.polygon(slope, _NIGHT, opacity=0.4)
    for shift, width, colour in ((0, 12, colours.accent), (26, 5, colours.second)):
        edge = [(690 + shift, -20), (470 + shift, HEIGHT + 20)]
        sheet.polygon([edge[0], (edge[0][0] + width, -20), (edge[1][0] + width, HEIGHT + 20), edge[1]], colour)
    return sheet


def _energy(canvas: Canvas, colours: Palette, chance: Random, *, lit: float) -> None:
    canvas.polygons(shapes.streaks(_FOCUS, 34, chance, nearest=330), colours.accent, opacity=0.3 * lit)
    canvas.polygons(shapes.streaks(_FOCUS, 18, chance, nearest=420, widest=0.9), WHITE, opacity=0.42 * lit)
    for place in range(12):
        x, y = chance.choice(
            (
                (chance.uniform(640, 1260), chance.uniform(20, 160)),
                (chance.uniform(640, 1260), chance.uniform(560, 700)),
            )
        )
        size = chance.uniform(10, 34)
        shard = shapes.regular((x, y), size, 3, turn=chance.uniform(0, 360))
        canvas.polygon(shard, colours.turn(place), opacity=0.95 if lit == 1 else 0.8)


def _player(canvas: Canvas, design: Design, colours: Palette, chance: Random) -> None:
    alone = design.picture is None
    if alone:
        canvas.polygon(shapes.jagged((985, 400), 380, 250, 15, chance), colours.second, opacity=0.92, shadow=20)
        canvas.polygon(shapes.jagged((985, 400), 300, 210, 15, chance), mix(colours.accent, WHITE, 0.15), opacity=0.95)
    clothes = adjusted(colours.base, lightness=1.15) if luminance(colours.base) < 0.5 else colours.second
    person = cast(chance, clothes, headset=colours.accent)
    figure = portrait(person, design.expression, 640 if alone else 500)
    middle = 985 if alone else 1050
    place = middle - figure.width // 2, HEIGHT - figure.height + 12
    parts.sticker(canvas, figure, place, width=10, glow=colours.accent)


def _frame(canvas: Canvas, colours: Palette, chance: Random) -> None:
    corners = ([(0, 0), (210, 0), (0, 92)], [(WIDTH, HEIGHT), (WIDTH - 240, HEIGHT), (WIDTH, HEIGHT - 104)])
    for corner in corners:
        canvas.polygon(corner, colours.second)
    canvas.polygon([(0, 0), (150, 0), (0, 66)], colours.base)
    canvas.polygon([(WIDTH, HEIGHT), (WIDTH - 176, HEIGHT), (WIDTH, HEIGHT - 76)], colours.accent)
    parts.brackets(canvas, colours.accent)


def _texts(canvas: Canvas, design: Design, colours: Palette, *, wide: bool) -> None:
    box = (92.0, 84.0, 1188.0, 646.0) if wide else (64.0, 80.0, 672.0, 650.0)
    column = parts.stack(
        design,
        box,
        voice=LOUD,
        second=STRONG_CAPITALS,
        largest=250 if wide else 216,
        second_largest=46,
        padding=15,
        gap=40,
        second_width=None if wide else 590,
    )
    tinge = mix(colours.accent, WHITE, 0.72)
    ink = Ink(
        fill=(WHITE, tinge),
        behind=mix(_NIGHT, colours.base, 0.06),
        outline=0.055,
        punch=(mix(colours.accent, WHITE, 0.35), colours.accent),
        halo=0.03,
        halo_colour=colours.second,
        glow=colours.second,
        shadow=0.07,
    )
    align = "centre" if wide else "left"
    letter(canvas, column.title, ink, column.title_box, align=align, angle=2.5, slant=0.13)
    if column.subtitle is not None:
        plate = parts.plate_box(column.subtitle, column.subtitle_box, 15, align=align)
        canvas.polygon(shapes.rectangle(plate[0] + 8, plate[1] + 9, plate[2] + 8, plate[3] + 9, lean=14), INK)
        canvas.polygon(shapes.rectangle(*plate, lean=14), colours.accent, shadow=14)
        letter(
            canvas,
            column.subtitle,
            Ink(fill=(ink_on(colours.accent),), behind=colours.accent, outline=0, shadow=0),
            plate,
            align="centre",
            slant=0.1,
        )
