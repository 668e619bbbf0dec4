"""The steps of both takes on one time axis, with the faults marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable

from reelops.core.scoring.model import StepSpan, TimeRange
from reelops.core.scoring.report import drawing, style, typefaces, words
from reelops.core.scoring.report.document import ReportDocument

_LABELS = 17 * mm
_BAR = 8 * mm
_GAP = 11 * mm
_AXIS = 7 * mm
_ROW = drawing.BADGE_HEIGHT + 1.5
_ROWS = 4
_LEAST_SPAN = 1.2

Mark = tuple[int, TimeRange]
Placed = tuple[int, float, int]


class Timeline(Flowable):  # type: ignore[misc]  # the PDF library has no types
    """Draws gold above trainee; a ribbon joins the same step in both."""

    def __init__(self, document: ReportDocument) -> None:
        super().__init__()
        self._steps = document.result.steps
        faults = list(enumerate(document.result.deviations, start=1))
        self._marks = (
            [(number, fault.gold_time) for number, fault in faults if fault.gold_time.start_sec is not None],
            [(number, fault.trainee_time) for number, fault in faults if fault.trainee_time.start_sec is not None],
        )
        self._end = max(1.0, _end(document))
        self._lanes = [pack(self._spots(marks)) for marks in self._marks]
        self._unnumbered = sum(len(marks) for marks in self._marks) - sum(len(lane) for lane in self._lanes)

    @property
    def unnumbered(self) -> int:
        """How many marks found no room for their number."""
        return self._unnumbered

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Says how much room the drawing takes."""
        above, below = (_ROW * max(1, _rows(lane)) + 3 for lane in self._lanes)
        self._above, self._below = above, below
        return style.WIDTH, above + _BAR + _GAP + _BAR + below + _AXIS

    def draw(self) -> None:
        """Draws it."""
        canvas = self.canv
        trainee = _AXIS + self._below
        gold = trainee + _BAR + _GAP
        self._grid(canvas, gold + _BAR + self._above)
        self._ribbons(canvas, gold, trainee + _BAR)
        for name, base, steps in (("Gold", gold, self._steps.gold), ("Trainee", trainee, self._steps.trainee)):
            drawing.label(canvas, 0, base + _BAR / 2 - 3, name, size=8.5, colour=style.INK, bold=True, align="left")
            self._bar(canvas, base, steps)
        self._faults(canvas, gold + _BAR, self._marks[0], self._lanes[0], up=True)
        self._faults(canvas, trainee, self._marks[1], self._lanes[1], up=False)

    def _x(self, seconds: float) -> float:
        share = min(1.0, max(0.0, seconds / self._end))
        return float(_LABELS + share * (style.WIDTH - _LABELS))

    def _spots(self, marks: Sequence[Mark]) -> list[tuple[int, float]]:
        return [(number, self._x(((time.start_sec or 0) + _stop(time)) / 2)) for number, time in marks]

    def _grid(self, canvas: Any, top: float) -> None:
        canvas.setLineWidth(0.4)
        for seconds in drawing.ticks(self._end, at_most=10):
            x = self._x(seconds)
            canvas.setStrokeColor(style.RULE)
            canvas.line(x, _AXIS - 2, x, top)
            drawing.label(canvas, x, 1, words.clock(seconds), size=7, colour=style.MUTED)

    def _ribbons(self, canvas: Any, top: float, bottom: float) -> None:
        canvas.setFillColor(style.RIBBON)
        canvas.setStrokeColor(style.RULE)
        canvas.setLineWidth(0.4)
        for own in self._steps.trainee:
            if own.gold_step is None or not 0 <= own.gold_step < len(self._steps.gold):
                continue
            other = self._steps.gold[own.gold_step]
            path = canvas.beginPath()
            path.moveTo(self._x(other.start_sec), top)
            path.lineTo(self._x(other.end_sec), top)
            path.lineTo(self._x(own.end_sec), bottom)
            path.lineTo(self._x(own.start_sec), bottom)
            path.close()
            canvas.drawPath(path, stroke=1, fill=1)

    def _bar(self, canvas: Any, base: float, steps: Sequence[StepSpan]) -> None:
        for span in steps:
            left, right = self._x(span.start_sec), self._x(span.end_sec)
            extra = span.gold_step is None
            shade = style.STEP_EVEN if (span.gold_step or 0) % 2 == 0 else style.STEP_ODD
            canvas.setFillColor(style.PAPER if extra else shade)
            canvas.setStrokeColor(style.MUTED if extra else style.PAPER)
            canvas.setLineWidth(0.6)
            canvas.setDash([2, 1.5] if extra else [])
            canvas.rect(left, base, max(0.3, right - left), _BAR, stroke=1, fill=1)
            canvas.setDash([])
            name = "+" if span.gold_step is None else str(span.gold_step + 1)
            if stringWidth(name, typefaces.REGULAR, 8) + 2 <= right - left:
                drawing.label(canvas, (left + right) / 2, base + _BAR / 2 - 3, name, size=8, colour=style.INK)

    def _faults(self, canvas: Any, edge: float, marks: Sequence[Mark], lane: Sequence[Placed], *, up: bool) -> None:
        canvas.setStrokeColor(style.FAULT)
        canvas.setLineWidth(1.8)
        for _, time in marks:
            left, right = self._x(time.start_sec or 0), self._x(_stop(time))
            canvas.line(left, edge, max(right, left + _LEAST_SPAN), edge)
        direction = 1 if up else -1
        for number, x, row in reversed(lane):
            y = edge + direction * (3 + _ROW * row + drawing.BADGE_HEIGHT / 2)
            canvas.setStrokeColor(style.FAULT)
            canvas.setLineWidth(0.6)
            canvas.line(x, edge, x, y)
            drawing.badge(canvas, x, y, number)


def pack(spots: Sequence[tuple[int, float]]) -> list[Placed]:
    """Gives each numbered spot the lowest row in which it touches no other; spots without room are left out."""
    ends = [float("-inf")] * _ROWS
    placed = []
    for number, x in sorted(spots, key=lambda spot: (spot[1], spot[0])):
        half = drawing.badge_width(number) / 2 + 0.5
        row = next((row for row, end in enumerate(ends) if x - half >= end), None)
        if row is not None:
            ends[row] = x + half
            placed.append((number, x, row))
    return placed


def _rows(lane: Sequence[Placed]) -> int:
    return max((row + 1 for _, _, row in lane), default=0)


def _stop(time: TimeRange) -> float:
    return time.start_sec or 0.0 if time.end_sec is None else time.end_sec


def _end(document: ReportDocument) -> float:
    spans = (*document.result.steps.gold, *document.result.steps.trainee)
    return max(document.gold.duration_sec, document.trainee.duration_sec, *(span.end_sec for span in spans), 0.0)
