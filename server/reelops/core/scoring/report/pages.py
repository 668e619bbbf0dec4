"""The pages themselves: frame, header and footer, outline, and what the file says of itself."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph

from reelops.core.scoring.report import style, typefaces, words
from reelops.core.scoring.report.document import ReportDocument

# Pictures go in as they are: coding them as text makes the file a quarter larger and takes most of the time.
rl_config.useA85 = 0

AUTHOR = "ReelOps"
_LINE_LIMIT = 120
_SHARE = 0.5
_SIZE = 7.5

Runs = list[tuple[str, str]]


class Heading(Paragraph):  # type: ignore[misc]  # the PDF library has no types
    """Draws a section's heading and enters it into the outline."""

    def __init__(self, words_: str) -> None:
        super().__init__(typefaces.markup(words_, bold=True), style.HEADING)
        self._entry = words_

    def draw(self) -> None:
        """Draws it."""
        key = f"section-{self._entry}"
        self.canv.bookmarkHorizontal(key, 0, self.height + 12)
        self.canv.addOutlineEntry(self._entry, key, level=0)
        super().draw()


class Pages(BaseDocTemplate):  # type: ignore[misc]  # the PDF library has no types
    """Lays a story out on A4. `total` is the number of pages, once it is known."""

    def __init__(self, file: BytesIO, document: ReportDocument, *, total: int | None) -> None:
        super().__init__(
            file,
            pagesize=A4,
            invariant=1,
            lang="en",
            title=typefaces.clean(f"Score report: {document.task_id}", limit=200),
            author=AUTHOR,
            subject=typefaces.clean(
                f"Score {document.result.score:.1f} of 100, trainee's video {document.trainee.video_id} against gold "
                f"video {document.gold.video_id}, score job {document.score_job_id}",
                limit=400,
            ),
            creator=f"ReelOps {document.reelops_version}",
        )
        height = style.PAGE_HEIGHT - style.TOP - style.BOTTOM
        frame = Frame(style.MARGIN, style.BOTTOM, style.WIDTH, height, 0, 0, 0, 0)
        self.addPageTemplates(PageTemplate(frames=[frame], onPage=self._furnish))
        self._document = document
        self._total = total

    def beforeDocument(self) -> None:  # the name is the PDF library's
        """Sets the time of the file to the document's, so that the same document gives the same bytes."""
        self.canv._doc._timeStamp = Made(self._document.generated_at)
        self.canv.setViewerPreference("DisplayDocTitle", "true")
        self.canv.showOutline()

    def _furnish(self, canvas: Any, _template: Any) -> None:
        canvas.setStrokeColor(style.RULE)
        canvas.setLineWidth(0.6)
        top, bottom = style.PAGE_HEIGHT - 15.5 * mm, 14.5 * mm
        for y in (top, bottom):
            canvas.line(style.MARGIN, y, style.MARGIN + style.WIDTH, y)
        head, foot = top + 5, bottom - 11
        right = style.MARGIN + style.WIDTH
        made = f"\N{MIDDLE DOT}  Made {words.moment(self._document.generated_at)}"
        page = f"Page {canvas.getPageNumber()} of {self._total or canvas.getPageNumber()}"
        canvas.setFillColor(style.MUTED)
        _write(canvas, style.MARGIN, head, _fitted("ReelOps score report", bold=True))
        task = _fitted(self._document.task_id)
        _write(canvas, right - _width(task), head, task)
        job = _fitted(self._document.score_job_id)
        _write(canvas, style.MARGIN, foot, job)
        _write(canvas, style.MARGIN + _width(job) + _SIZE / 2, foot, _fitted(made))
        number = _fitted(page)
        _write(canvas, right - _width(number), foot, number)


def _fitted(text: str, *, bold: bool = False) -> Runs:
    """Shortens text to what has room beside the other words of the header or the footer."""
    line = typefaces.spelled(typefaces.clean(text, limit=_LINE_LIMIT))
    limit = len(line)
    while True:
        shown = line if limit >= len(line) else line[:limit].rstrip() + typefaces.ELLIPSIS
        runs = typefaces.runs(shown, bold=bold)
        if limit <= 0 or _width(runs) <= style.WIDTH * _SHARE:
            return runs
        limit -= 4


def _width(runs: Runs) -> float:
    return sum(float(stringWidth(chars, face, _SIZE)) for face, chars in runs)


def _write(canvas: Any, x: float, y: float, runs: Runs) -> None:
    for face, chars in runs:
        canvas.setFont(face, _SIZE)
        canvas.drawString(x, y, chars)
        x += float(stringWidth(chars, face, _SIZE))


class Made:
    """The time of the file, in the form that the PDF library reads."""

    tzname = "UTC"
    dhh = 0
    dmm = 0

    def __init__(self, time: datetime) -> None:
        self.datetime = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        self.lt = self.datetime.timetuple()
        self.t = calendar.timegm(self.lt)
        self.YMDhms = tuple(self.lt)[:6]


def lay_out(document: ReportDocument, story: Sequence[Flowable], *, total: int | None) -> tuple[bytes, int]:
    """Gives the file and its number of pages."""
    file = BytesIO()
    pages = Pages(file, document, total=total)
    pages.build(list(story))
    return file.getvalue(), int(pages.page)
