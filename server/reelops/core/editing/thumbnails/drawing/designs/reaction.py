"""Reaction: a burst of rays, a huge face, an arrow at what it is about."""

from __future__ import annotations

from random import Random

from reelops.core.editing.thumbnails.drawing import parts, pictures, shapes
from reelops.core.editing.thumbnails.drawing.backgrounds import background, halftone, subtle
from reelops.core.editing.thumbnails.drawing.canvas import Canvas, radial
from reelops.core.editing.thumbnails.drawing.colours import BLACK, INK, WHITE, Colour, Palette, luminance, mix
from reelops.core.editing.thumbnails.drawing.faces import cast, portrait
from reelops.core.editing.thumbnails.drawing.lettering import Ink, letter
from reelops.core.editing.thumbnails.drawing.typefaces import LOUD, STRONG
from reelops.core.editing.thumbnails.model import HEIGHT, WIDTH, Background, Design, Pixels

OWN = (("#ffd400", "#ff5a00", "#ff1f3d"), ("#19c2ff", "#0a4bd6", "#ffe600"), ("#ff3d6e", "#8a00c2", "#fff04a"))
_YELLOW: Colour = (255, 226, 20)
_RED: Colour = (240, 22, 38)
_MIDDLE = (930.0, 390.0)


def draw(design: Design, colours: Palette, chance: Random) -> Canvas:
    """Draws the design."""
    struck: tuple[float, float] | None = None
    if design.picture is not None:
        canvas, struck = _shot(design.picture, design, colours)
    else:
        canvas = _burst(design, colours, chance, _MIDDLE if design.include_face else (640.0, 360.0))
    if design.include_face:
        _face(canvas, design, colours, chance)
    elif design.picture is None:
        _blast(canvas, colours, chance)
    _pointers(canvas, design, colours, struck)
    _texts(canvas, design, colours, wide=not design.include_face and design.picture is None)
    _border(canvas, colours)
    return canvas


def _burst(design: Design, colours: Palette, chance: Random, middle: tuple[float, float]) -> Canvas:
    if design.background is Background.GRADIENT:
        canvas = Canvas(radial(middle, mix(colours.base, WHITE, 0.2), colours.second, radius=900))
        canvas.polygons(shapes.rays(middle, 18, turn=4), colours.base, opacity=0.8)
    else:
        canvas = background(design.background, colours.base, colours.second, degrees=0, pattern=halftone, chance=chance)
        canvas.polygons(shapes.rays(middle, 18, turn=4), subtle(colours.base, 0.2), opacity=0.55)
    if design.background is Background.GRADIENT:
        halftone(canvas, mix(colours.second, BLACK, 0.18), chance, strength=0.5)
    canvas.glow(*_disc(middle), mix(colours.base, WHITE, 0.6), radius=150, strength=0.8)
    pictures.vignette(canvas, strength=0.45, colour=mix(colours.second, BLACK, 0.6))
    return canvas


def _blast(canvas: Canvas, colours: Palette, chance: Random) -> None:
    """A comic's explosion over the whole sheet, for a title that stands alone."""
    points = shapes.jagged((0, 0), 1, 0.76, 17, chance)
    for reach, colour, soft in (
        (1.0, INK, 26),
        (0.97, WHITE, 0),
        (0.9, colours.accent, 0),
        (0.74, mix(colours.accent, WHITE, 0.3), 0),
    ):
        canvas.polygon([(640 + x * 690 * reach, 360 + y * 372 * reach) for x, y in points], colour, shadow=soft)


def _disc(middle: tuple[float, float]) -> parts.Laid:
    return parts.disc(middle, 150)


def _shot(picture: Pixels, design: Design, colours: Palette) -> tuple[Canvas, tuple[float, float]]:
    focus = (0.4, 0.36) if design.include_face else (0.62, 0.36)
    shot, struck = pictures.aimed(picture, (WIDTH, HEIGHT), focus=focus)
    canvas = Canvas(pictures.graded(shot, colour=1.42, contrast=1.16))
    pictures.vignette(canvas, strength=0.5)
    pictures.scrim(canvas, (0, HEIGHT // 2, WIDTH, HEIGHT), mix(colours.second, BLACK, 0.72), side="bottom")
    right = 640.0 if design.include_face else 1060.0
    return canvas, (min(right, max(420.0, struck[0])), min(270.0, max(210.0, struck[1])))


def _face(canvas: Canvas, design: Design, colours: Palette, chance: Random) -> None:
    clothes = colours.second if luminance(colours.second) < 0.6 else mix(colours.base, BLACK, 0.25)
    person = cast(chance, clothes)
    tall = 716 if design.picture is None else 560
    figure = portrait(person, design.expression, tall)
    right = 1296 if design.picture is None else 1290
    parts.sticker(canvas, figure, (right - figure.width, HEIGHT - tall + 14), width=12, glow=None, shadow=26)


def _pointers(canvas: Canvas, design: Design, colours: Palette, struck: tuple[float, float] | None) -> None:
    red = _RED if _far(_RED, colours.base) else colours.accent
    if struck is not None:
        x, y = struck
        parts.circled(canvas, struck, (170, 152), red, 15)
        bow = shapes.arrow((x - 350, y + 70), (x - 310, y - 100), (x - 182, y - 34), 50)
        canvas.polygon(bow, red, outline=WHITE, width=8, shadow=14)
        return
    if design.include_face:
        canvas.polygon(shapes.arrow((430, 618), (570, 700), (690, 560), 54), red, outline=WHITE, width=9, shadow=14)
        for x, turn in ((640, -14), (706, 4)):
            _exclaim(canvas, x, 34, turn, colours.accent if _far(colours.accent, colours.base) else WHITE)


def _far(one: Colour, other: Colour) -> bool:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) > 200


def _exclaim(canvas: Canvas, x: float, y: float, turn: float, colour: Colour) -> None:
    centre = x, y + 60
    bar = shapes.turned([(x - 21, y), (x + 21, y), (x + 9, y + 78), (x - 9, y + 78)], turn, centre)
    dot = shapes.turned(shapes.regular((x, y + 106), 14, 20), turn, centre)
    for points in (bar, dot):
        canvas.polygon(points, colour, outline=INK, width=7, round_by=3)


def _border(canvas: Canvas, colours: Palette) -> None:
    """A frame, and every colour as a ribbon at its foot."""
    edge = 9
    sides = [
        shapes.rectangle(0, 0, WIDTH, edge),
        shapes.rectangle(0, HEIGHT - edge, WIDTH, HEIGHT),
        shapes.rectangle(0, 0, edge, HEIGHT),
        shapes.rectangle(WIDTH - edge, 0, WIDTH, HEIGHT),
    ]
    canvas.polygons(sides, colours.accent)
    for place, colour in enumerate(colours.every):
        left = 24 + 40 * place
        canvas.polygon(shapes.rectangle(left, HEIGHT - 15, left + 40, HEIGHT + 2, lean=5), colour)


def _texts(canvas: Canvas, design: Design, colours: Palette, *, wide: bool) -> None:
    if wide:
        box = (170.0, 130.0, 1110.0, 590.0)
    elif design.picture is not None:
        box = (48.0, 420.0, 800.0 if design.include_face else 1230.0, 684.0)
    else:
        box = (52.0, 56.0, 634.0, 590.0)
    column = parts.stack(
        design,
        box,
        voice=LOUD,
        second=STRONG,
        largest=250,
        second_largest=44,
        padding=12,
        gap=26,
        across=1.0 if design.picture is not None else 0.5,
    )
    ink = Ink(
        fill=(WHITE,),
        behind=INK,
        outline=0.075,
        punch=(_YELLOW, (255, 190, 0)),
        halo=0.022,
        halo_colour=WHITE,
        shadow=0.09,
    )
    align = "centre" if wide else "left"
    letter(canvas, column.title, ink, column.title_box, align=align, angle=3 if design.picture is None else 0)
    if column.subtitle is not None:
        plate = parts.plate_box(column.subtitle, column.subtitle_box, 12, align=align)
        canvas.polygon(shapes.rectangle(*plate, lean=7), INK, outline=WHITE, width=4, shadow=12)
        letter(canvas, column.subtitle, Ink(fill=(_YELLOW,), behind=INK, outline=0, shadow=0), plate, align="centre")
