"""The grid, the colours and the type sizes of the report."""

from __future__ import annotations

from typing import Any

from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph

from reelops.core.scoring.report import typefaces
from reelops.core.scoring.report.words import VERDICTS, Verdict

PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN = 18 * mm
TOP = 24 * mm
BOTTOM = 20 * mm
WIDTH = PAGE_WIDTH - 2 * MARGIN

INK = HexColor("#1B2430")
MUTED = HexColor("#5B6675")
RULE = HexColor("#D5DAE1")
WASH = HexColor("#F4F6F8")
STEP_EVEN = HexColor("#C9D6E6")
STEP_ODD = HexColor("#E3EAF3")
RIBBON = HexColor("#EEF2F7")
FAULT = HexColor("#A8322A")
PATH = HexColor("#E8590C")
PAPER = white

# Each band is darker than the one above it, so that the order survives a greyscale printer; the name is always beside.
_VERDICT_COLOURS = dict(
    zip((band.name for band in VERDICTS), map(HexColor, ("#2F8466", "#3A75A8", "#9C5F14", "#84231D")), strict=True)
)


def verdict_colour(verdict: Verdict) -> Color:
    """Gives the colour of a band; white text is readable on it."""
    return _VERDICT_COLOURS[verdict.name]


def _style(name: str, size: float, leading: float, **more: Any) -> ParagraphStyle:
    settings: dict[str, Any] = {"fontName": typefaces.REGULAR, "textColor": INK} | more
    return ParagraphStyle(name, fontSize=size, leading=leading, **settings)


TITLE = _style("title", 19, 24, fontName=typefaces.BOLD)
SUBTITLE = _style("subtitle", 9.5, 14, textColor=MUTED)
HEADING = _style("heading", 12.5, 16, fontName=typefaces.BOLD, spaceBefore=16, spaceAfter=6)
BODY = _style("body", 9, 13)
NOTE = _style("note", 8, 11, textColor=MUTED)
CELL = _style("cell", 8.5, 11.5)
CELL_NOTE = _style("cell-note", 8, 11.5, textColor=MUTED)
CELL_RIGHT = _style("cell-right", 8.5, 11.5, alignment=TA_RIGHT)
CELL_HEAD = _style("cell-head", 7.5, 10, textColor=MUTED, fontName=typefaces.BOLD)
CELL_HEAD_RIGHT = _style("cell-head-right", 7.5, 10, textColor=MUTED, fontName=typefaces.BOLD, alignment=TA_RIGHT)
CAPTION = _style("caption", 8, 11, alignment=TA_CENTER)


def text(value: object, style: ParagraphStyle = CELL, *, limit: int | None = None, bold: bool = False) -> Paragraph:
    """Sets any text, however foreign or long, as a paragraph."""
    heavy = bold or style.fontName == typefaces.BOLD
    shown = typefaces.markup(value, limit=limit, bold=heavy)
    if heavy and style.fontName != typefaces.BOLD:
        shown = f'<font name="{typefaces.BOLD}">{shown}</font>'
    return Paragraph(shown or "&nbsp;", style)


TABLE = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 4),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 3.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE),
]
"""What every table of the report has in common."""

HEAD_ROW = [("BACKGROUND", (0, 0), (-1, 0), WASH), ("LINEABOVE", (0, 0), (-1, 0), 0.75, MUTED)]
"""What a table with a heading row adds."""
