"""Small shapes that the timeline and the similarity plot share."""

from __future__ import annotations

from typing import Any

from reportlab.lib.colors import Color
from reportlab.pdfbase.pdfmetrics import stringWidth

from reelops.core.scoring.report import style, typefaces

BADGE_HEIGHT = 10.5
_BADGE_TYPE = 7.0
_TICK_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)


def badge_width(number: int) -> float:
    """Gives the width of a fault's badge in points."""
    return max(BADGE_HEIGHT, float(stringWidth(str(number), typefaces.BOLD, _BADGE_TYPE)) + 5)


def badge(canvas: Any, x: float, y: float, number: int) -> None:
    """Draws a fault's number as a badge around (x, y)."""
    width = badge_width(number)
    canvas.setFillColor(style.FAULT)
    canvas.setStrokeColor(style.PAPER)
    canvas.setLineWidth(0.8)
    canvas.roundRect(x - width / 2, y - BADGE_HEIGHT / 2, width, BADGE_HEIGHT, BADGE_HEIGHT / 2, stroke=1, fill=1)
    label(canvas, x, y - _BADGE_TYPE * 0.36, str(number), size=_BADGE_TYPE, colour=style.PAPER, bold=True)


def label(
    canvas: Any,
    x: float,
    y: float,
    words: str,
    *,
    size: float,
    colour: Color,
    bold: bool = False,
    align: str = "centre",
) -> None:
    """Writes a short label of the report's own words."""
    canvas.setFillColor(colour)
    canvas.setFont(typefaces.BOLD if bold else typefaces.REGULAR, size)
    draw = {"centre": canvas.drawCentredString, "left": canvas.drawString, "right": canvas.drawRightString}[align]
    draw(x, y, words)


def ticks(seconds: float, *, at_most: int) -> list[float]:
    """Chooses round times from 0 up to `seconds` for an axis."""
    step = next((step for step in _TICK_STEPS if seconds / step <= at_most), _TICK_STEPS[-1])
    while seconds / step > at_most:
        step *= 2
    return [float(step * i) for i in range(int(seconds // step) + 1)]
