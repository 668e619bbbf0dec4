"""Breaks a text into lines of even length, as large as its box allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reelops.core.editing.thumbnails.drawing.typefaces import REFERENCE, Voice, cut_for, extent
from reelops.core.editing.thumbnails.drawing.words import Word, broken, cut_words, measured, parted
from reelops.infra import fonts
from reelops.infra.fonts import Run

LEAST_SIZE = 28
_ELLIPSIS = "…"
# A word is broken only where that makes it this many times larger, and larger than nobody could read it: after its
# joints more readily than within its parts.
_WORTH_PARTING = 1.2
_WORTH_BREAKING = 1.7
_SMALL = 54
_MOST_EVENED = 160
_SPACE = 0.28  # of the size: no face of ours has a wider one


@dataclass(frozen=True, slots=True)
class Line:
    """One line from left to right, in pixels; `base` is how far its base line is below the top of the text,
    `ascent` how far its ink goes above that."""

    runs: tuple[tuple[Run, float], ...]
    width: float
    base: float
    ascent: float


@dataclass(frozen=True, slots=True)
class Setting:
    """A text as it will stand: `size` in pixels, the lines, the size of the whole."""

    size: int
    lines: tuple[Line, ...]
    width: float
    height: float
    right_to_left: bool
    shortened: bool


def fit(
    text: str, voice: Voice, *, width: float, height: float, largest: int, field: str = "title", most_lines: int = 99
) -> Setting:
    """Sets a text as large as fits the box, in lines of even length.

    Words are broken only when they would be tiny, after `_`, `-`, `.` and `/` before any other place; below 28 pixels
    the text is shortened and ends in an ellipsis. Raises `Invalid` GLYPH_MISSING when no face has a character, and
    TITLE_REQUIRED when there is nothing to see.
    """
    # A little less than there is: sizes are measured at one size, and letters do not grow quite evenly.
    box = (width * 0.985, height * 0.985, most_lines)
    words = cut_words(text, voice, field)
    size = _largest(words, voice, box, largest)
    for looser, worth in ((parted, _WORTH_PARTING), (broken, _WORTH_BREAKING)):
        if size < _SMALL:
            loose = looser(words)
            other = _largest(loose, voice, box, largest)
            if other >= max(LEAST_SIZE, size * worth) or size < LEAST_SIZE:
                words, size = loose, other
    shortened = size < LEAST_SIZE
    if shortened:
        words, size = _shortened(words, voice, box), LEAST_SIZE
    base = fonts.right_to_left(text)
    setting = _set(_balanced(words, voice, size, box), voice, size, base)
    while (setting.width > width or setting.height > height) and setting.size > 8:
        setting = _set(_balanced(words, voice, setting.size - 1, box), voice, setting.size - 1, base)
    return replace(setting, shortened=shortened)


Box = tuple[float, float, int]


def _largest(words: Sequence[Word], voice: Voice, box: Box, largest: int) -> int:
    """Finds the largest size that fits, LEAST_SIZE - 1 when none does."""
    low, high = LEAST_SIZE - 1, largest
    while low < high:
        middle = (low + high + 1) // 2
        if _fits(words, voice, middle, box):
            low = middle
        else:
            high = middle - 1
    return low


def _fits(words: Sequence[Word], voice: Voice, size: int, box: Box) -> bool:
    lines = _wrapped(words, box[0] / size * REFERENCE)
    return lines is not None and len(lines) <= box[2] and _height(lines, voice) * size / REFERENCE <= box[1]


def _height(lines: Sequence[Sequence[Word]], voice: Voice) -> float:
    """Measures the ink from the top of the first line to the bottom of the last; base lines lie evenly."""
    ascents = [max(word.extent.ascent for word in line) for line in lines]
    descents = [max(word.extent.descent for word in line) for line in lines]
    return ascents[0] + descents[-1] + _step(ascents, descents, voice, REFERENCE) * (len(lines) - 1) + 2


def _step(ascents: Sequence[float], descents: Sequence[float], voice: Voice, size: int) -> float:
    """Gives the distance of two base lines, such that no two lines touch."""
    pairs = zip(descents[:-1], ascents[1:], strict=True)
    ink = max((below + above for below, above in pairs), default=0.0)
    return max(ink + voice.gap * size, voice.leading * size)


def _wrapped(words: Sequence[Word], width: float) -> list[list[Word]] | None:
    """Fills lines one after the other; none when a word alone is too wide."""
    lines: list[list[Word]] = []
    used = 0.0
    for word in words:
        gap = _SPACE * REFERENCE if word.spaced else 0.0
        if lines and not word.starts_paragraph and used + gap + word.extent.advance <= width:
            lines[-1].append(word)
            used += gap + word.extent.advance
            continue
        if word.extent.advance > width:
            return None
        lines.append([word])
        used = word.extent.advance
    return lines


def _balanced(words: Sequence[Word], voice: Voice, size: int, box: Box) -> list[list[Word]]:
    """Breaks into as few lines as fit, of lengths as even as can be."""
    wide = box[0] / size * REFERENCE
    best = _wrapped(words, wide) or [[word] for word in words]
    return _evened(words, len(best), wide) if len(best) > 1 and len(words) <= _MOST_EVENED else best


def _evened(words: Sequence[Word], count: int, wide: float) -> list[list[Word]]:
    """Minimises the squares of what lines lack, over all ways to make `count` of them (Knuth and Plass, 1981)."""
    ends = len(words) + 1
    costs = [0.0] + [float("inf")] * (ends - 1)
    breaks: list[list[int]] = []
    for _ in range(count):
        after, chosen = [float("inf")] * ends, [0] * ends
        for start in range(ends - 1):
            if costs[start] == float("inf"):
                continue
            for end, length in _lengths(words, start, wide):
                cost = costs[start] + (wide - length) ** 2
                if cost < after[end]:
                    after[end], chosen[end] = cost, start
        costs = after
        breaks.append(chosen)
    lines: list[list[Word]] = []
    end = ends - 1
    for chosen in reversed(breaks):
        lines.insert(0, list(words[chosen[end] : end]))
        end = chosen[end]
    return lines


def _lengths(words: Sequence[Word], start: int, wide: float) -> Iterator[tuple[int, float]]:
    """Yields each place where a line that begins at `start` may end, and its length there."""
    length = 0.0
    for place in range(start, len(words)):
        word = words[place]
        if place > start and word.starts_paragraph:
            return
        length += word.extent.advance + (_SPACE * REFERENCE if word.spaced and place > start else 0.0)
        if length > wide:
            return
        yield place + 1, length


def _shortened(words: Sequence[Word], voice: Voice, box: Box) -> list[Word]:
    """Keeps as many words as fit at the least size, and an ellipsis."""
    low, high = 1, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        if _fits(_ending(words[:middle], voice), voice, LEAST_SIZE, box):
            low = middle
        else:
            high = middle - 1
    return _ending(words[:low], voice)


def _ending(words: Sequence[Word], voice: Voice) -> list[Word]:
    last = words[-1]
    pairs = (*last.clusters, (str(cut_for(_ELLIPSIS, voice)), _ELLIPSIS))
    return [*words[:-1], replace(last, clusters=pairs, extent=measured(pairs))]


def _set(lines: Sequence[Sequence[Word]], voice: Voice, size: int, base: bool) -> Setting:
    """Measures the lines at their true size and stacks them by their ink."""
    placed = [[(run, extent(run, size)) for run in _ordered(words, voice, base)] for words in lines]
    ascents = [max(part.ascent for _, part in line) for line in placed]
    descents = [max(part.descent for _, part in line) for line in placed]
    step = _step(ascents, descents, voice, size)
    made: list[Line] = []
    for place, line in enumerate(placed):
        lefts = [sum(part.advance for _, part in line[:before]) for before in range(len(line))]
        runs = tuple((run, left) for (run, _), left in zip(line, lefts, strict=True))
        width = sum(part.advance for _, part in line)
        made.append(Line(runs, width, ascents[0] + step * place, ascents[place]))
    height = made[-1].base + descents[-1]
    return Setting(size, tuple(made), max(line.width for line in made), height, base, False)


def _ordered(words: Sequence[Word], voice: Voice, base: bool) -> list[Run]:
    return fonts.ordered(_joined(words, voice), base_right_to_left=base)


def _joined(words: Sequence[Word], voice: Voice) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for word in words:
        if pairs and word.spaced:
            cut = pairs[-1][0]
            pairs.append((cut if _writes_space(cut) else voice.faces[0], " "))
        pairs += word.clusters
    return pairs


def _writes_space(cut: str) -> bool:
    return not cut.startswith(("NotoSansSymbols", "NotoSansMath", "NotoColor", "Drawn"))
