"""Cuts text into what people take for one character, after Unicode's annex 29, as far as faces care."""

from __future__ import annotations

import unicodedata

_JOINER = "\u200d"
_NON_JOINER = "\u200c"
_VIRAMAS = frozenset("\u094d\u09cd\u0a4d\u0acd\u0b4d\u0c4d\u0ccd\u0d4d\u1039\u17d2")
_SPACING_VOWELS = frozenset("\u0e33\u0eb3")
_MOST_MARKS = 6


def clusters(text: str) -> list[str]:
    """Gives the characters of the text together with their marks, joiners, skin tones and flag letters.

    More than six marks on one letter are dropped: they are no language, and would be drawn over other lines.
    """
    found: list[str] = []
    marks = 0
    for char in text:
        if (not found or found[-1].isspace()) and _ignorable(char):
            continue
        if not found or not _belongs(found[-1], char):
            found.append(char)
            marks = 0
            continue
        marks += unicodedata.category(char) in {"Mn", "Me"}
        if marks <= _MOST_MARKS:
            found[-1] += char
    return found


def visible(cluster: str) -> str:
    """Leaves out what has no glyph of its own: joiners, variation selectors, tags."""
    return "".join(char for char in cluster if not _ignorable(char))


def _ignorable(char: str) -> bool:
    return char in {_JOINER, _NON_JOINER} or "\ufe00" <= char <= "\ufe0f" or "\U000e0020" <= char <= "\U000e01ef"


def _belongs(before: str, char: str) -> bool:
    last = before[-1]
    if last.isspace() or char.isspace():
        return False
    if unicodedata.category(char).startswith("M") or _ignorable(char) or char in _SPACING_VOWELS:
        return True
    if "\U0001f3fb" <= char <= "\U0001f3ff" or last == _JOINER:
        return True
    if _regional(char):
        return len(before) == 1 and _regional(before)
    return (last in _VIRAMAS and char.isalpha()) or _hangul(last, char)


def _regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _hangul(last: str, char: str) -> bool:
    """Whether two conjoining letters of Korean make one syllable."""
    leads, vowels, tails = ("\u1100", "\u115f"), ("\u1160", "\u11a7"), ("\u11a8", "\u11ff")
    if vowels[0] <= char <= vowels[1]:
        return leads[0] <= last <= vowels[1]
    if tails[0] <= char <= tails[1]:
        return vowels[0] <= last <= tails[1] or "\uac00" <= last <= "\ud7a3"
    return leads[0] <= char <= leads[1] and leads[0] <= last <= leads[1]
