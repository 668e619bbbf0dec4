"""Bare: a frame that speaks for itself, without a word on it."""

from __future__ import annotations

from reelops.core.editing.thumbnails.drawing import pictures, shapes
from reelops.core.editing.thumbnails.drawing.canvas import Canvas
from reelops.core.editing.thumbnails.drawing.colours import Palette
from reelops.core.editing.thumbnails.model import HEIGHT, WIDTH, Pixels

_EDGE = 14.0


def draw(picture: Pixels, colours: Palette) -> Canvas:
    """Draws the picture over the whole sheet, in a frame of the accent colour."""
    canvas = Canvas(pictures.graded(pictures.framed(picture, (WIDTH, HEIGHT))))
    for left, top, right, bottom in (
        (0.0, 0.0, WIDTH, _EDGE),
        (0.0, HEIGHT - _EDGE, WIDTH, HEIGHT),
        (0.0, 0.0, _EDGE, HEIGHT),
        (WIDTH - _EDGE, 0.0, WIDTH, HEIGHT),
    ):
        canvas.polygon(shapes.rectangle(left, top, right, bottom), colours.accent)
    return canvas
