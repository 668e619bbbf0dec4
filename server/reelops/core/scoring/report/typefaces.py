"""Faces for every script: which characters are set in which face, and how any text becomes safe markup."""

from __future__ import annotations

import re
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
from reportlab.pdfbase.ttfonts import TTFont

from reelops.core.scoring.report import outlines
from reelops.infra.fonts import file_bytes

REGULAR = "NotoSans"
BOLD = "NotoSans-Bold"
ELLIPSIS = "…"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# FiraGO has what Noto Sans lacks here: Arabic, Hebrew, Thai, Devanagari, Georgian and arrows.
_WHOLE = (REGULAR, BOLD, "FiraGO", "FiraGO-Bold")
_BOLD_OF = {REGULAR: BOLD, "FiraGO": "FiraGO-Bold"}
_MARKS_PER_LETTER = 3
_LONG_CODE = re.compile("<(1?[0-9A-F]{5})>")
_registering = threading.RLock()
_reshaper = arabic_reshaper.ArabicReshaper({"use_unshaped_instead_of_isolated": True, "delete_harakat": False})


class Face(TTFont):  # type: ignore[misc]  # the PDF library has no types
    """Embeds a face so that the text of its emoji can be copied and searched as well."""

    def addObjects(self, doc: Any) -> None:  # the name is the PDF library's
        """Adds the face to a document; code points past U+FFFF must stand there as two surrogates."""
        super().addObjects(doc)
        for name, stream in doc.idToObject.items():
            if str(name).startswith("toUnicodeCMap:"):
                stream.content = _LONG_CODE.sub(_surrogates, stream.content)


def _surrogates(code: re.Match[str]) -> str:
    return f"<{chr(int(code[1], 16)).encode('utf-16-be').hex().upper()}>"


def prepare() -> None:
    """Makes the faces known to the PDF library; cheap after the first time."""
    with _registering:
        _characters()


@cache
def _characters() -> dict[str, frozenset[int]]:
    fonts = {name: _register(name, file_bytes(name)) for name in _WHOLE}
    for regular, bold in _BOLD_OF.items():
        pdfmetrics.registerFontFamily(regular, normal=regular, bold=bold, italic=regular, boldItalic=bold)
    return {name: frozenset(fonts[name].face.charToGlyph) for name in _BOLD_OF}


@cache
def _register_page(face: str, page: int) -> str:
    name = outlines.page_name(face, page)
    _register(name, outlines.truetype_page(face, page))
    pdfmetrics.registerFontFamily(name, normal=name, bold=name, italic=name, boldItalic=name)
    return name


def _register(name: str, file: bytes) -> Any:
    font = Face(name, BytesIO(file), asciiReadable=False)
    pdfmetrics.registerFont(font)
    return font


@cache
def face_of(char: str) -> str | None:
    """Names the regular face that has the character, or none when no face has it."""
    code = ord(char)
    with _registering:
        whole = next((name for name, characters in _characters().items() if code in characters), None)
        if whole:
            return whole
        face = outlines.face_with(code)
        return None if face is None else _register_page(face, code // outlines.PAGE)


def clean(text: object, *, limit: int | None = None) -> str:
    """Makes any text fit for one line: composed, without controls, at most `limit` characters and an ellipsis."""
    composed = unicodedata.normalize("NFC", str(text).encode("utf-8", "replace").decode("utf-8"))
    return _shortened(" ".join("".join(_settable(composed)).split()), limit)


def _shortened(line: str, limit: int | None) -> str:
    return line if limit is None or len(line) <= limit else line[:limit].rstrip() + ELLIPSIS


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


def spelled(text: str) -> str:
    """Writes out the characters that no face has: [wrench] for an emoji, [U+12345] for a letter."""
    return "".join(char if face_of(char) else _spelled(char) for char in text)


def _spelled(char: str) -> str:
    name = unicodedata.name(char, "")
    return f"[{name.lower()}]" if unicodedata.category(char) == "So" and name else f"[U+{ord(char):04X}]"


def runs(text: str, *, bold: bool = False) -> list[tuple[str, str]]:
    """Cuts text into (face, characters), in the order that they are seen."""
    placed: list[tuple[str, str]] = []
    for char in shaped(spelled(text)):
        face = face_of(char) or REGULAR
        if char == " " and placed and placed[-1][0] in _BOLD_OF:
            face = placed[-1][0]
        placed.append((face, char))
    joined = [(face, "".join(char for _, char in group)) for face, group in groupby(placed, key=lambda run: run[0])]
    return [(_BOLD_OF.get(face, face) if bold else face, chars) for face, chars in joined]


def markup(text: object, *, limit: int | None = None, bold: bool = False) -> str:
    """Gives the text as escaped markup for a paragraph, each run in a face that has its characters."""
    default = BOLD if bold else REGULAR
    # Shortened first so that no faces are made for what is not shown, and again because spelling out lengthens.
    line = _shortened(spelled(clean(text, limit=limit)), limit)
    parts = []
    for face, chars in runs(line, bold=bold):
        safe = escape(chars)
        parts.append(safe if face == default else f'<font name="{face}">{safe}</font>')
    return "".join(parts)
