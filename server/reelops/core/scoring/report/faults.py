"""The faults one by one, with both takes side by side."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image as Pictures
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Image, Paragraph, Spacer, Table

from reelops.core.scoring.model import Deviation
from reelops.core.scoring.report import drawing, style, words
from reelops.core.scoring.report.document import FaultPictures, ReportDocument

_NUMBER = 11 * mm
_PICTURES = 49 * mm
_PICTURE_WIDTH = 45 * mm
_PICTURE_HEIGHT = _PICTURE_WIDTH * 9 / 16
_REASON_LIMIT = 400
_STEP_LIMIT = 240


def fault_table(document: ReportDocument) -> Table:
    """Tables all faults; the heading comes back on every page and a row is never split."""
    head = ["No.", "Fault", "Gold", "Trainee"]
    rows: list[list[Any]] = [[style.text(name, style.CELL_HEAD) for name in head]]
    for position, deviation in enumerate(document.result.deviations):
        pictures = document.thumbnails.get(position, FaultPictures())
        rows.append(_row(position + 1, deviation, pictures))
    widths = [_NUMBER, style.WIDTH - _NUMBER - 2 * _PICTURES, _PICTURES, _PICTURES]
    return Table(rows, colWidths=widths, repeatRows=1, style=style.TABLE + style.HEAD_ROW)


def _row(number: int, deviation: Deviation, pictures: FaultPictures) -> list[Any]:
    gold, trainee = _picture(pictures.gold), _picture(pictures.trainee)
    pictured = gold is not None or trainee is not None
    return [
        Badge(number),
        _description(deviation),
        _place(words.span(deviation.gold_time), gold, pictured=pictured),
        _place(words.span(deviation.trainee_time), trainee, pictured=pictured),
    ]


def _description(deviation: Deviation) -> list[Flowable]:
    return [
        style.text(words.FAULTS[deviation.type], bold=True),
        style.text(words.step(deviation), limit=_STEP_LIMIT),
        style.text(_sentence(deviation.reason), style.CELL_NOTE, limit=_REASON_LIMIT),
        style.text(f"Confidence {deviation.confidence * 100:.0f} %", style.CELL_NOTE),
    ]


def _sentence(reason: str) -> str:
    return reason[:1].upper() + reason[1:]


def _place(time: str | None, picture: Image | None, *, pictured: bool) -> list[Flowable]:
    if time is None and picture is None:
        return [NoPicture("Not in this video")] if pictured else [_caption("not in this video")]
    shown: list[Flowable] = []
    if pictured:
        shown += [picture or NoPicture("No picture"), Spacer(1, 2)]
    return [*shown, _caption(time or words.ABSENT)]


def _caption(words_: str) -> Paragraph:
    return style.text(words_, style.CELL)


def _picture(jpeg: bytes | None) -> Image | None:
    """Fits a JPEG file into its cell; one that cannot be read counts as none."""
    if not jpeg:
        return None
    try:
        with Pictures.open(BytesIO(jpeg), formats=("JPEG",)) as picture:
            picture.load()
            plain = jpeg if picture.mode == "RGB" else _plain(picture)
            width, height = picture.size
    except (OSError, ValueError, SyntaxError, Pictures.DecompressionBombError):
        return None
    scale = min(_PICTURE_WIDTH / width, _PICTURE_HEIGHT / height)
    return Image(BytesIO(plain), width * scale, height * scale, hAlign="LEFT")


def _plain(picture: Pictures.Image) -> bytes:
    """Writes a picture of another colour space as one that every reader of PDF shows alike."""
    file = BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=85)
    return file.getvalue()


class Badge(Flowable):  # type: ignore[misc]  # the PDF library has no types
    """Draws the number that the fault has in the drawings as well."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Says how much room the drawing takes."""
        return drawing.badge_width(self._number), drawing.BADGE_HEIGHT + 1.5

    def draw(self) -> None:
        """Draws it."""
        half = drawing.badge_width(self._number) / 2
        drawing.badge(self.canv, half, drawing.BADGE_HEIGHT / 2, self._number)


class NoPicture(Flowable):  # type: ignore[misc]  # the PDF library has no types
    """Draws the empty frame of a picture that there is not."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self._why = why

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Says how much room the drawing takes."""
        return _PICTURE_WIDTH, _PICTURE_HEIGHT

    def draw(self) -> None:
        """Draws it."""
        canvas = self.canv
        canvas.setStrokeColor(style.RULE)
        canvas.setFillColor(style.WASH)
        canvas.setLineWidth(0.6)
        canvas.setDash([3, 2])
        canvas.rect(0.5, 0.5, _PICTURE_WIDTH - 1, _PICTURE_HEIGHT - 1, stroke=1, fill=1)
        middle = (_PICTURE_WIDTH / 2, _PICTURE_HEIGHT / 2 - 3)
        drawing.label(canvas, *middle, self._why, size=8, colour=style.MUTED)
