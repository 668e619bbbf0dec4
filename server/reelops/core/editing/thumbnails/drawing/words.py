"""Cuts a text into what must stay together on a line, each piece in a face that has its characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from reelops.core.editing.thumbnails.drawing.typefaces import REFERENCE, Extent, Voice, cut_for, extent, pictorial
from reelops.errors import Invalid
from reelops.infra import fonts

_NOT_FIRST = frozenset("/、。，．・：；？！）」』】〉》ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ%,.!?:;)]}»”’…")
# Where names of files and addresses are broken before any other place; after hyphens and slashes every line may end.
_JOINTS = frozenset("_.")
_LONG = 8  # clusters; shorter words are never broken
_NOT_LAST = frozenset("（「『【〈《([{«“‘#$€£")


@dataclass(frozen=True, slots=True)
class Word:
    """What stays together on a line: (cut, cluster) in the order it is read, and its size at the reference size."""

    clusters: tuple[tuple[str, str], ...]
    extent: Extent
    spaced: bool
    starts_paragraph: bool = False


def cut_words(text: str, voice: Voice, field: str) -> list[Word]:
    """Cuts a text where lines may end: at spaces, and between the signs of scripts without spaces.

    Raises `Invalid` GLYPH_MISSING when no face has a character, and TITLE_REQUIRED when there is nothing to see.
    """
    missing: list[str] = []
    words: list[Word] = []
    for paragraph in _cleaned(text).split("\n"):
        starts = True
        for chunk in paragraph.split():
            spaced = True
            for piece in _pieces([_cased(c, voice) for c in fonts.clusters(chunk)]):
                pairs = [(cut_for(cluster, voice), cluster) for cluster in piece if fonts.visible(cluster)]
                missing += [cluster for cut, cluster in pairs if cut is None]
                known = tuple((cut, cluster) for cut, cluster in pairs if cut is not None)
                if known:
                    words.append(Word(known, measured(known), spaced, starts))
                    spaced = starts = False
    if missing:
        raise _no_glyph(missing, field)
    if not words:
        raise Invalid("TITLE_REQUIRED", f"There is nothing to be seen in the {field}.", field=field)
    return words


def _cleaned(text: str) -> str:
    composed = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))
    lines = composed.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return "".join(char for char in lines if char in "\n\t\u200c\u200d" or not _silent(char))


def _silent(char: str) -> bool:
    kind = unicodedata.category(char)
    return (kind in {"Cc", "Cs"} or kind == "Cf") and not "\U000e0020" <= char <= "\U000e007f"


def _cased(cluster: str, voice: Voice) -> str:
    """Makes capitals of the scripts that have them in every face."""
    return (
        cluster.upper() if voice.capitals and (cluster[0] < "\u0590" or "\u1e00" <= cluster[0] < "\u2000") else cluster
    )


def _pieces(clusters: list[str]) -> list[list[str]]:
    pieces: list[list[str]] = []
    for cluster in clusters:
        joined = pieces and not _may_break(pieces[-1][-1], cluster)
        if joined:
            pieces[-1].append(cluster)
        else:
            pieces.append([cluster])
    return pieces


def _may_break(before: str, after: str) -> bool:
    if after[0] in _NOT_FIRST or before[-1] in _NOT_LAST:
        return False
    return _ideographic(before) or _ideographic(after) or before[-1] in "-–—/"


def _ideographic(cluster: str) -> bool:
    char = cluster[0]
    return (
        "\u2e80" <= char <= "\u9fff"
        or "\uf900" <= char <= "\ufaff"
        or char >= "\U0001f300"
        or "\uff00" <= char <= "\uffef"
    )


def measured(pairs: Sequence[tuple[str, str]]) -> Extent:
    runs = fonts.ordered(pairs, base_right_to_left=False)
    parts = [extent(run, REFERENCE) for run in runs]
    ascent, descent = max(part.ascent for part in parts), max(part.descent for part in parts)
    return Extent(sum(part.advance for part in parts), ascent, descent)


def parted(words: Sequence[Word]) -> list[Word]:
    """Lets lines end after the joints of long words, as names of files and addresses have them."""
    pieces: list[Word] = []
    for word in words:
        ends = _joints([cluster for _, cluster in word.clusters]) if len(word.clusters) >= _LONG else []
        pieces += _cut(word, ends)
    return pieces


def _joints(clusters: Sequence[str]) -> list[int]:
    """Finds the places after joints; `3.14` stays whole, and what is no letter or digit does not begin a line."""
    return [
        place
        for place in range(1, len(clusters))
        if clusters[place - 1] in _JOINTS
        and clusters[place].isalnum()
        and not (place > 1 and clusters[place - 1] == "." and (clusters[place - 2] + clusters[place]).isdigit())
    ]


def _cut(word: Word, ends: Sequence[int]) -> list[Word]:
    pieces: list[Word] = []
    for begin, end in pairwise((0, *ends, len(word.clusters))):
        pairs, first = word.clusters[begin:end], begin == 0
        pieces.append(Word(pairs, measured(pairs), word.spaced and first, word.starts_paragraph and first))
    return pieces


def broken(words: Sequence[Word]) -> list[Word]:
    """Lets lines end between any two clusters of words that are long."""
    pieces: list[Word] = []
    for word in words:
        pieces += _cut(word, range(1, len(word.clusters))) if len(word.clusters) >= _LONG else [word]
    return pieces


def _no_glyph(missing: Sequence[str], field: str) -> Invalid:
    shown = list(dict.fromkeys(missing))
    names = ", ".join(f"{cluster} ({_named(cluster)})" for cluster in shown[:3])
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    sentence = f"The {field} has characters that no typeface here can draw: {names}{more}."
    if any(pictorial(cluster) for cluster in shown):
        sentence += " A system with the typeface Noto Color Emoji has more emoji."
    return Invalid("GLYPH_MISSING", sentence, field=field)


def _named(cluster: str) -> str:
    char = cluster[0]
    return unicodedata.name(char, f"U+{ord(char):04X}").lower()
