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
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph

from reelops.core.scoring.report import style, typefaces, words
from reelops.core.scoring.report.document import ReportDocument

# Pictures go in as they are: coding them as text makes the file a quarter larger and takes most of the time.
rl_config.useA85 = 0

AUTHOR = "ReelOps"
_RUNNING_LIMIT = 50
_JOB_LIMIT = 45


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
        made = f"Made {words.moment(self._document.generated_at)}"
        page = f"Page {canvas.getPageNumber()} of {self._total or canvas.getPageNumber()}"
        _line(canvas, top + 3, style.text("ReelOps score report", style.RUNNING, bold=True), left=True)
        _line(
            canvas, top + 3, style.text(self._document.task_id, style.RUNNING_RIGHT, limit=_RUNNING_LIMIT), left=False
        )
        job = typefaces.clean(self._document.score_job_id, limit=_JOB_LIMIT)
        _line(canvas, bottom - 13, style.text(f"{job}  ·  {made}", style.RUNNING), left=True)
        _line(canvas, bottom - 13, style.text(page, style.RUNNING_RIGHT), left=False)


def _line(canvas: Any, y: float, words_: Paragraph, *, left: bool) -> None:
    share = 0.72 if left == (y < style.PAGE_HEIGHT / 2) else 0.28
    width = style.WIDTH * share
    lines = words_.breakLines(width)
    words_.width, words_.blPara, words_.height = width, lines, style.RUNNING.leading
    _, height = words_.wrap(width, 100)
    x = style.MARGIN if left else style.MARGIN + style.WIDTH - width
    words_.drawOn(canvas, x, y + style.RUNNING.leading - min(height, style.RUNNING.leading))


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
