"""Faces for every script: which characters are set in which face, and how any text becomes safe markup."""

from __future__ import annotations

import importlib
import threading
import unicodedata
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

import arabic_reshaper
from bidi.algorithm import get_display
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

REGULAR = "NotoSans"
BOLD = "NotoSans-Bold"
ELLIPSIS = "…"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# FiraGO has what Noto Sans lacks here: Arabic, Hebrew, Thai, Devanagari, Georgian and arrows.
_EMBEDDED = {
    REGULAR: "pymupdf_fonts.NotoSans_Regular",
    BOLD: "pymupdf_fonts.NotoSans_Bold",
    "FiraGO": "pymupdf_fonts.FiraGO_Regular",
    "FiraGO-Bold": "pymupdf_fonts.FiraGO_Bold",
}
# Faces that every reader of PDF brings along, with the code page that says which characters they have.
_BUILT_IN = {
    "HYGothic-Medium": "cp949",
    "HeiseiKakuGo-W5": "cp932",
    "STSong-Light": "gbk",
    "MSung-Light": "big5",
}
_BOLD_OF = {REGULAR: BOLD, "FiraGO": "FiraGO-Bold"}
_MARKS_PER_LETTER = 3
_registering = threading.Lock()
_reshaper = arabic_reshaper.ArabicReshaper({"use_unshaped_instead_of_isolated": True, "delete_harakat": False})


@cache
def _faces() -> dict[str, Any]:
    """Registers the faces once for the process; returns those whose files are embedded."""
    with _registering:
        faces = {name: _embedded(name, module) for name, module in _EMBEDDED.items()}
        for name in _BUILT_IN:
            pdfmetrics.registerFont(UnicodeCIDFont(name))
        for regular in (REGULAR, "FiraGO"):
            bold = _BOLD_OF[regular]
            pdfmetrics.registerFontFamily(regular, normal=regular, bold=bold, italic=regular, boldItalic=bold)
        return faces


def _embedded(name: str, module: str) -> Any:
    font = TTFont(name, BytesIO(importlib.import_module(module).fontbuffer))
    pdfmetrics.registerFont(font)
    return font


def prepare() -> None:
    """Makes the faces known to the PDF library; cheap after the first time."""
    _faces()


@cache
def face_of(char: str) -> str | None:
    """Names the regular face that has the character, or none when no face has it."""
    faces = _faces()
    for name in (REGULAR, "FiraGO"):
        if ord(char) in faces[name].face.charToGlyph:
            return name
    if ord(char) < 0x1100 or ord(char) > 0xFFFF:
        return None
    return next((name for name, page in _BUILT_IN.items() if _encodes(char, page)), None)


def _encodes(char: str, page: str) -> bool:
    try:
        char.encode(page)
    except UnicodeEncodeError:
        return False
    return True


def clean(text: object, *, limit: int | None = None) -> str:
    """Makes any text fit for one line: composed, without controls, at most `limit` characters and an ellipsis."""
    composed = unicodedata.normalize("NFC", str(text).encode("utf-8", "replace").decode("utf-8"))
    kept = "".join(_settable(composed))
    line = " ".join(kept.split())
    if limit is None or len(line) <= limit:
        return line
    return line[:limit].rstrip() + ELLIPSIS


def _settable(text: str) -> Iterator[str]:
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category.startswith("M") else 0
        if char.isspace():
            yield " "
        elif category in {"Cc", "Cf", "Cs"} or "\ufe00" <= char <= "\ufe0f":
            continue
        elif marks <= _MARKS_PER_LETTER:
            yield char


def shaped(text: str) -> str:
    """Joins Arabic letters and puts right-to-left text in the order it is seen."""
    if not any(unicodedata.bidirectional(char) in {"R", "AL"} for char in text):
        return text
    return str(get_display(_reshaper.reshape(text)))


def runs(text: str, *, bold: bool = False) -> list[tuple[str, str]]:
    """Cuts text into (face, characters); a character that no face has is written as its code point."""
    placed: list[tuple[str, str]] = []
    for char in shaped(text):
        face = placed[-1][0] if char == " " and placed else face_of(char)
        placed.append((face, char) if face else (REGULAR, _spelled(char)))
    joined = [(face, "".join(char for _, char in group)) for face, group in groupby(placed, key=lambda run: run[0])]
    return [(_BOLD_OF.get(face, face) if bold else face, chars) for face, chars in joined]


def _spelled(char: str) -> str:
    return f"[U+{ord(char):04X}]"


def markup(text: object, *, limit: int | None = None, bold: bool = False) -> str:
    """Gives the text as escaped markup for a paragraph, each run in a face that has its characters."""
    default = BOLD if bold else REGULAR
    parts = []
    for face, chars in runs(clean(text, limit=limit), bold=bold):
        safe = escape(chars)
        parts.append(safe if face == default else f'<font name="{face}">{safe}</font>')
    return "".join(parts)
