"""The steps of both takes on one time axis, with the faults marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
_ROWS = 6
_LEAST_SPAN = 1.2


@dataclass(frozen=True, slots=True)
class Mark:
    """A fault's number and where it lies on paper, in points."""

    number: int
    left: float
    right: float

    @property
    def middle(self) -> float:
        """Where its badge goes."""
        return (self.left + self.right) / 2

    @property
    def extent(self) -> tuple[float, float]:
        """The room that its line and its badge take."""
        half = drawing.badge_width(self.number) / 2 + 0.5
        return min(self.left, self.middle - half), max(self.right, self.middle + half)


Placed = tuple[Mark, int | None]


class Timeline(Flowable):  # type: ignore[misc]  # the PDF library has no types
    """Draws gold above trainee; a ribbon joins the same step in both."""

    def __init__(self, document: ReportDocument) -> None:
        super().__init__()
        self._steps = document.result.steps
        self._end = max(1.0, _end(document))
        faults = document.result.deviations
        self._above = pack(self._marks([fault.gold_time for fault in faults]))
        self._below = pack(self._marks([fault.trainee_time for fault in faults]))

    @property
    def unnumbered(self) -> int:
        """How many marks found no room for their number."""
        return sum(row is None for lane in (self._above, self._below) for _, row in lane)

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Says how much room the drawing takes."""
        return style.WIDTH, _depth(self._above) + _BAR + _GAP + _BAR + _depth(self._below) + _AXIS

    def draw(self) -> None:
        """Draws it."""
        canvas = self.canv
        trainee = _AXIS + _depth(self._below)
        gold = trainee + _BAR + _GAP
        self._grid(canvas, gold + _BAR + _depth(self._above))
        self._ribbons(canvas, gold, trainee + _BAR)
        for name, base, steps in (("Gold", gold, self._steps.gold), ("Trainee", trainee, self._steps.trainee)):
            drawing.label(canvas, 0, base + _BAR / 2 - 3, name, size=8.5, colour=style.INK, bold=True, align="left")
            self._bar(canvas, base, steps)
        self._faults(canvas, gold + _BAR, self._above, direction=1)
        self._faults(canvas, trainee, self._below, direction=-1)

    def _x(self, seconds: float) -> float:
        share = min(1.0, max(0.0, seconds / self._end))
        return float(_LABELS + share * (style.WIDTH - _LABELS))

    def _marks(self, times: Sequence[TimeRange]) -> Iterator[Mark]:
        for number, time in enumerate(times, start=1):
            if time.start_sec is not None:
                stop = time.start_sec if time.end_sec is None else time.end_sec
                yield Mark(number, self._x(time.start_sec), self._x(max(time.start_sec, stop)))

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

    def _faults(self, canvas: Any, edge: float, lane: Sequence[Placed], *, direction: int) -> None:
        for mark, row in lane:
            canvas.setStrokeColor(style.FAULT)
            canvas.setLineWidth(1.4)
            if row is None:
                canvas.line(mark.middle, edge, mark.middle, edge + direction * 2)
                continue
            y = edge + direction * (3 + _ROW * (row + 0.5))
            canvas.line(mark.left, y, max(mark.right, mark.left + _LEAST_SPAN), y)
            drawing.badge(canvas, mark.middle, y, mark.number)


def pack(marks: Iterable[Mark]) -> list[Placed]:
    """Gives each mark the lowest row in which it touches no other; there is none when all rows are full there."""
    ends = [float("-inf")] * _ROWS
    placed: list[Placed] = []
    for mark in sorted(marks, key=lambda mark: (mark.extent, mark.number)):
        start, end = mark.extent
        row = next((row for row, taken in enumerate(ends) if start >= taken), None)
        if row is not None:
            ends[row] = end
        placed.append((mark, row))
    return placed


def _depth(lane: Sequence[Placed]) -> float:
    return _ROW * max((row + 1 for _, row in lane if row is not None), default=0) + 4


def _end(document: ReportDocument) -> float:
    spans = (*document.result.steps.gold, *document.result.steps.trainee)
    return max(document.gold.duration_sec, document.trainee.duration_sec, *(span.end_sec for span in spans), 0.0)
