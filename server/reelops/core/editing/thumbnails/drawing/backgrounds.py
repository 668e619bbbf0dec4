"""What lies behind everything: a gradient, one colour, or a pattern in the manner of the style."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from reelops.core.editing.thumbnails.drawing import shapes
from reelops.core.editing.thumbnails.drawing.canvas import Canvas, gradient, traced
from reelops.core.editing.thumbnails.drawing.colours import BLACK, WHITE, Colour, luminance, mix
from reelops.core.editing.thumbnails.model import HEIGHT, WIDTH, Background


def background(
    kind: Background,
    base: Colour,
    second: Colour,
    *,
    degrees: float,
    pattern: Callable[[Canvas, Colour, Random], None],
    chance: Random,
) -> Canvas:
    """Gives a sheet with its background."""
    if kind is Background.GRADIENT:
        return Canvas(gradient(base, second, degrees=degrees))
    canvas = Canvas(base)
    if kind is Background.PATTERN:
        pattern(canvas, second, chance)
    return canvas


def subtle(colour: Colour, share: float = 0.1) -> Colour:
    """Gives a colour a little away from one: lighter for dark ones, darker for light ones."""
    return mix(colour, BLACK if luminance(colour) > 0.45 else WHITE, share)


def honeycomb(canvas: Canvas, colour: Colour, chance: Random) -> None:
    """Hexagons, some of them lit."""
    cells = shapes.hexagons(46)
    mask, at = traced(cells)
    canvas.lay(mask, colour, at, opacity=0.3)
    lit = chance.sample(cells, 26)
    canvas.polygons(lit, colour, opacity=0.75)
    canvas.polygons(chance.sample(cells, 9), mix(colour, WHITE, 0.35), opacity=0.55)


def dots(canvas: Canvas, colour: Colour, chance: Random) -> None:
    """Large soft dots in a lattice."""
    spots = [
        shapes.regular((x + (row % 2) * 42, y), 17, 20)
        for row, y in enumerate(range(0, HEIGHT + 84, 73))
        for x in range(0, WIDTH + 84, 84)
    ]
    canvas.polygons(spots, colour, opacity=0.55)


def grid(canvas: Canvas, colour: Colour, chance: Random) -> None:
    """Squared paper."""
    for step, width, opacity in ((40, 2, 0.55), (200, 5, 0.9)):
        lines = [shapes.rectangle(x, 0, x + width, HEIGHT) for x in range(0, WIDTH, step)]
        lines += [shapes.rectangle(0, y, WIDTH, y + width) for y in range(0, HEIGHT, step)]
        canvas.polygons(lines, colour, opacity=opacity)


def halftone(canvas: Canvas, colour: Colour, chance: Random, *, strength: float = 0.9) -> None:
    """Printed dots that grow towards the lower left and the upper right."""
    spots = []
    for row, y in enumerate(range(0, HEIGHT + 26, 24)):
        for x in range((row % 2) * 14, WIDTH + 28, 28):
            across, down = x / WIDTH, y / HEIGHT
            radius = 14 * max(0.0, abs(across * 0.9 - down * 0.2 - 0.42) * 2 - 0.28)
            if radius > 1.5:
                spots.append(shapes.regular((x, y), radius, 12))
    canvas.polygons(spots, colour, opacity=strength)


def stripes(canvas: Canvas, colour: Colour, chance: Random) -> None:
    """Broad slanted stripes."""
    bars = [[(x, 0), (x + 56, 0), (x - 364, HEIGHT), (x - 420, HEIGHT)] for x in range(0, WIDTH + 560, 112)]
    canvas.polygons(bars, colour, opacity=0.6)
