"""Faces of thumbnails, and the lengths and pictures of runs of text in them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

from reelops.core.editing.thumbnails.drawing import emoji
from reelops.infra import fonts
from reelops.infra.fonts import COLOURED, Run

REFERENCE = 100
"""The size in pixels at which text is measured; every other size follows from it."""

# The file, the axes of a variable font, and how much bolder it is drawn, as a share of its size.
_CUTS: dict[str, tuple[str, tuple[float, ...], float]] = {
    "Anton": ("Anton", (), 0),
    "Montserrat-Black": ("Montserrat", (900,), 0),
    "Montserrat-Bold": ("Montserrat", (700,), 0),
    "Fredoka-Bold": ("Fredoka", (700, 100), 0),
    "Caveat-Bold": ("Caveat", (700,), 0.006),
    "FiraGO-Bold": ("FiraGO-Bold", (), 0),
    "FiraGO-Heavy": ("FiraGO-Bold", (), 0.012),
    "NotoSans-Bold": ("NotoSans-Bold", (), 0),
    "NotoSansCJK-Bold": ("NotoSansCJK", (), 0.028),
    "NotoSansSymbols2": ("NotoSansSymbols2", (), 0.01),
    "NotoSansSymbols": ("NotoSansSymbols", (), 0.01),
    "NotoSansMath": ("NotoSansMath", (), 0.02),
    COLOURED: (COLOURED, (), 0),
}
DRAWN = "Drawn"
"""Stands in a run's face for emoji of our own."""

PICTURES = frozenset((COLOURED, DRAWN))
"""Runs of these are pictures with colours of their own, not letters."""

_DRAWN_WIDTH = 1.14  # shares of the size
_COLOURED_SIZE = 109  # the one size that its bitmaps have
PICTURE_ASCENT = 0.93
_PICTURE_DESCENT = 0.25
_SHAPED = features.check("raqm")
_ENGINE = ImageFont.Layout.RAQM if _SHAPED else ImageFont.Layout.BASIC
# A face belongs to one thread at a time.
_drawing = threading.RLock()


@dataclass(frozen=True, slots=True)
class Voice:
    """How a text speaks: its face, those that stand in where it lacks a character, capitals, and the line gap.

    `gap` is the least space between the ink of two lines, `leading` the least distance of two base lines, as shares of
    the size.
    """

    faces: tuple[str, ...]
    capitals: bool = False
    gap: float = 0.17
    leading: float = 0.0


_OTHERS = (
    "Montserrat-Black",
    "FiraGO-Heavy",
    "NotoSans-Bold",
    COLOURED,
    "NotoSansCJK-Bold",
    "NotoSansSymbols2",
    "NotoSansSymbols",
    "NotoSansMath",
)
_LIGHTER_OTHERS = ("Montserrat-Bold", "FiraGO-Bold", *_OTHERS[2:])
LOUD = Voice(("Anton", *_OTHERS), capitals=True, gap=0.16)
STRONG = Voice(("Montserrat-Black", *_OTHERS), gap=0.1, leading=1.0)
STRONG_CAPITALS = Voice(("Montserrat-Black", *_OTHERS), capitals=True, gap=0.2)
PLAIN = Voice(("Montserrat-Bold", *_LIGHTER_OTHERS), gap=0.2, leading=1.16)
ROUND = Voice(("Fredoka-Bold", *_OTHERS), gap=0.1, leading=0.95)
HAND = Voice(("Caveat-Bold", *_LIGHTER_OTHERS), gap=0.06, leading=0.82)


@dataclass(frozen=True, slots=True)
class Extent:
    """The advance of a run, and how far its ink goes above and below the base line."""

    advance: float
    ascent: float
    descent: float


@cache
def _files(voice: Voice) -> tuple[tuple[str, str], ...]:
    return tuple((cut, _CUTS[cut][0]) for cut in voice.faces)


def cut_for(cluster: str, voice: Voice) -> str | None:
    """Names the cut that writes a cluster, none when no face has it; emoji are coloured where they can be."""
    if pictorial(cluster) and fonts.face_with(cluster, (COLOURED,)):
        return COLOURED
    if pictorial(cluster) and emoji.known(cluster):
        return DRAWN
    return next((cut for cut, file in _files(voice) if fonts.face_with(cluster, (file,))), None)


def pictorial(cluster: str) -> bool:
    """Whether a cluster is rather a picture than a letter."""
    return (
        "\U0001f000" <= cluster[0] <= "\U0001faff"
        or "\ufe0f" in cluster
        or "\u2600" <= cluster[0] <= "\u27bf"
        or cluster[0] == "⭐"
    )


@lru_cache(maxsize=96)
def _font(cut: str, size: int) -> ImageFont.FreeTypeFont:
    file, axes, _ = _CUTS[cut]
    found = fonts.source(file)
    opened = BytesIO(found) if isinstance(found, bytes) else str(Path(str(found)))
    font = ImageFont.truetype(opened, size, layout_engine=_ENGINE)
    if axes:
        font.set_variation_by_axes(list(axes))
    return font


def extent(run: Run, size: int) -> Extent:
    """Measures a run in pixels."""
    if run.face == DRAWN:
        wide = _DRAWN_WIDTH * len(fonts.clusters(run.text))
        return Extent(wide * size, PICTURE_ASCENT * size, _PICTURE_DESCENT * size)
    if run.face == COLOURED:
        with _drawing:
            wide = _font(COLOURED, _COLOURED_SIZE).getlength(run.text, direction=_direction(run)) / _COLOURED_SIZE
        return Extent(wide * size, PICTURE_ASCENT * size, _PICTURE_DESCENT * size)
    with _drawing:
        font = _font(run.face, size)
        advance = font.getlength(_shown(run), direction=_direction(run))
        _, top, _, bottom = font.getbbox(_shown(run), anchor="ls", direction=_direction(run))
    bold = _CUTS[run.face][2] * size
    return Extent(advance + bold, max(0.0, -top + bold), max(0.0, bottom + bold))


def write(draw: ImageDraw.ImageDraw, at: tuple[float, float], run: Run, size: int, *, grow: float = 0.0) -> None:
    """Writes a run into a mask, its base line beginning at `at`, wider by `grow` pixels on all sides."""
    if run.face in PICTURES:
        return
    bold = _CUTS[run.face][2] * size
    with _drawing:
        font = _font(run.face, size)
        draw.text(
            (at[0] + bold / 2, at[1]),
            _shown(run),
            font=font,
            fill=255,
            anchor="ls",
            stroke_width=bold / 2 + grow,
            direction=_direction(run),
        )


def coloured(run: Run, size: int) -> Image.Image:
    """Gives emoji as a picture with transparency; its base line is at 0.93 of the size below the top."""
    if run.face == DRAWN:
        return _drawn(run, size)
    wide = extent(run, _COLOURED_SIZE)
    box = max(1, round(wide.advance)), round(_COLOURED_SIZE * (PICTURE_ASCENT + _PICTURE_DESCENT))
    picture = Image.new("RGBA", box)
    with _drawing:
        font = _font(COLOURED, _COLOURED_SIZE)
        at = (0, _COLOURED_SIZE * PICTURE_ASCENT)
        ImageDraw.Draw(picture).text(
            at, run.text, font=font, anchor="ls", embedded_color=True, direction=_direction(run)
        )
    share = size / _COLOURED_SIZE
    return picture.resize((max(1, round(box[0] * share)), max(1, round(box[1] * share))), Image.Resampling.LANCZOS)


def _drawn(run: Run, size: int) -> Image.Image:
    """Sets drawings side by side, in the order they are seen."""
    each, side = size * _DRAWN_WIDTH, round(size * 1.04)
    clusters = fonts.clusters(run.text)
    sheet = Image.new("RGBA", (round(each * len(clusters)), round(size * (PICTURE_ASCENT + _PICTURE_DESCENT))))
    for place, cluster in enumerate(reversed(clusters) if run.right_to_left else clusters):
        sheet.paste(emoji.drawing(cluster, side), (round(each * place + (each - side) / 2), round(size * 0.05)))
    return sheet


def _direction(run: Run) -> str | None:
    return ("rtl" if run.right_to_left else "ltr") if _SHAPED else None


def _shown(run: Run) -> str:
    """Gives the text as the layout wants it: as it is read, or shaped and as it is seen where nothing shapes it."""
    return run.text if _SHAPED else fonts.seen(run)
