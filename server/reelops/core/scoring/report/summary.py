"""The first page: what was compared, the score, and where its points went."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, Spacer, Table

from reelops.core.scoring.model import Penalty, ScoreResult
from reelops.core.scoring.report import drawing, style, words
from reelops.core.scoring.report.document import ReportDocument, VideoFacts

PERFECT = 100.0
_SCALE_HEIGHT = 6
_TITLE_LIMIT = 120
_REASON_LIMIT = 400


def heading(document: ReportDocument) -> list[Flowable]:
    """Says what was compared, and when."""
    lines = [
        f"Trainee's video {document.trainee.video_id}{_place(document.trainee)} compared with gold video "
        f"{document.gold.video_id}{_place(document.gold)}",
        f"Scored {words.moment(document.finished_at)}, asked for by {document.requested_by}",
    ]
    title = style.text(document.task_id, style.TITLE, limit=_TITLE_LIMIT)
    return [title, Spacer(1, 2), *(style.text(line, style.SUBTITLE, limit=300) for line in lines), Spacer(1, 10)]


def _place(video: VideoFacts) -> str:
    named = [str(part)[:60] for part in (video.site_id, video.camera_id) if part]
    return f" ({', '.join(named)})" if named else ""


class ScoreCard(Flowable):  # type: ignore[misc]  # the PDF library has no types
    """Draws the score, its verdict, and the scale with the bands."""

    _HEIGHT = 41 * mm
    _SCORE = 47 * mm

    def __init__(self, document: ReportDocument) -> None:
        super().__init__()
        self._document = document
        self._verdict = words.verdict(document.result.score)

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Says how much room the drawing takes."""
        return style.WIDTH, self._HEIGHT

    def draw(self) -> None:
        """Draws it."""
        canvas, colour = self.canv, style.verdict_colour(self._verdict)
        canvas.setFillColor(style.WASH)
        canvas.rect(0, 0, style.WIDTH, self._HEIGHT, stroke=0, fill=1)
        canvas.setFillColor(colour)
        canvas.rect(0, 0, self._SCORE, self._HEIGHT, stroke=0, fill=1)
        centre = self._SCORE / 2
        figure = f"{self._document.result.score:.1f}"
        drawing.label(canvas, centre, self._HEIGHT - 60, figure, size=40, colour=style.PAPER, bold=True)
        drawing.label(canvas, centre, self._HEIGHT - 76, "of 100 points", size=8.5, colour=style.PAPER)
        drawing.label(canvas, centre, 15, self._verdict.name, size=11.5, colour=style.PAPER, bold=True)
        canvas.saveState()
        canvas.translate(self._SCORE + 7 * mm, 0)
        self._words(canvas)
        self._scale(canvas, style.WIDTH - self._SCORE - 14 * mm)
        canvas.restoreState()

    def _words(self, canvas: Any) -> None:
        left: dict[str, Any] = {"size": 9.0, "colour": style.INK, "align": "left"}
        faults = len(self._document.result.deviations)
        found = "No faults found." if not faults else f"{words.counted(faults, 'fault')} found."
        gold, trainee = self._document.gold.duration_sec, self._document.trainee.duration_sec
        drawing.label(canvas, 0, self._HEIGHT - 22, found, bold=True, **left)
        drawing.label(canvas, 0, self._HEIGHT - 37, self._verdict.advice, **left)
        length = f"Gold {words.clock(gold, tenths=True)}, trainee {words.clock(trainee, tenths=True)}"
        length += words.longer(gold, trainee)
        drawing.label(canvas, 0, self._HEIGHT - 52, length, **left)

    def _scale(self, canvas: Any, width: float) -> None:
        base = 24.0
        ceiling = PERFECT
        for band in words.VERDICTS:
            left, right = band.floor / PERFECT * width, ceiling / PERFECT * width
            own = band is self._verdict
            canvas.setFillColor(style.verdict_colour(band) if own else style.RULE)
            canvas.rect(left + 0.6, base, right - left - 1.2, _SCALE_HEIGHT, stroke=0, fill=1)
            canvas_colour = style.INK if own else style.MUTED
            drawing.label(
                canvas, left + 0.6, base - 9, f"{band.floor:.0f}", size=6.5, colour=canvas_colour, align="left"
            )
            ceiling = band.floor
        drawing.label(canvas, width, base - 9, "100", size=6.5, colour=style.MUTED, align="right")
        x = min(PERFECT, max(0.0, self._document.result.score)) / PERFECT * width
        marker = canvas.beginPath()
        marker.moveTo(x, base + _SCALE_HEIGHT + 1)
        marker.lineTo(x - 3.5, base + _SCALE_HEIGHT + 8)
        marker.lineTo(x + 3.5, base + _SCALE_HEIGHT + 8)
        marker.close()
        canvas.setFillColor(style.INK)
        canvas.drawPath(marker, stroke=0, fill=1)


def breakdown(result: ScoreResult) -> Table:
    """Tables the points from 100 down to the score."""
    head = [
        style.text("What for", style.CELL_HEAD),
        style.text("Why", style.CELL_HEAD),
        style.text("Fault", style.CELL_HEAD_RIGHT),
        style.text("Points", style.CELL_HEAD_RIGHT),
        style.text("Left", style.CELL_HEAD_RIGHT),
    ]
    rows = [head, _row("Start", "", "", "", f"{PERFECT:.1f}"), *_losses(result), _total(result)]
    widths = [44 * mm, style.WIDTH - (44 + 14 + 19 + 19) * mm, 14 * mm, 19 * mm, 19 * mm]
    last = len(rows) - 1
    own = [("BACKGROUND", (0, last), (-1, last), style.WASH), ("LINEABOVE", (0, last), (-1, last), 0.75, style.MUTED)]
    return Table(rows, colWidths=widths, repeatRows=1, style=style.TABLE + style.HEAD_ROW + own)


def steps_down(penalties: tuple[Penalty, ...]) -> Iterator[tuple[Penalty, float, float]]:
    """Gives each penalty with its points and the rest, rounded so that the shown numbers always add up."""
    totals = [round(PERFECT - lost, 1) for lost in accumulate((p.points for p in penalties), initial=0.0)]
    for penalty, before, after in zip(penalties, totals, totals[1:], strict=False):
        yield penalty, round(before - after, 1), after


def _losses(result: ScoreResult) -> Iterator[list[Paragraph]]:
    for penalty, points, left in steps_down(result.penalties):
        fault = "" if penalty.deviation is None else str(penalty.deviation + 1)
        shown = f"{words.MINUS}{points:.1f}"
        yield _row(words.penalty_name(penalty.name), penalty.reason, fault, shown, words.signed(left, decimals=1))
    left = PERFECT - sum(penalty.points for penalty in result.penalties)
    if round(left, 1) < 0:
        yield _row("Floor", "a score is never below 0", "", f"+{-left:.1f}", "0.0")


def _total(result: ScoreResult) -> list[Paragraph]:
    lost = round(PERFECT - round(result.score, 1), 1)
    row = _row("", "", "", f"{words.MINUS}{lost:.1f}" if lost else "0.0", "")
    row[0] = style.text("Score", bold=True)
    row[-1] = style.text(f"{result.score:.1f}", style.CELL_RIGHT, bold=True)
    return row


def _row(name: str, reason: str, fault: str, points: str, left: str) -> list[Paragraph]:
    return [
        style.text(name, limit=80),
        style.text(reason, style.CELL_NOTE, limit=_REASON_LIMIT),
        *(style.text(number, style.CELL_RIGHT) for number in (fault, points, left)),
    ]
