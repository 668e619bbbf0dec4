"""Puts clusters of both directions in the order they are seen, after Unicode's annex 9."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import arabic_reshaper
from bidi.algorithm import (
    MIRRORED,
    explicit_embed_and_overrides,
    get_base_level,
    get_embedding_levels,
    get_empty_storage,
    resolve_implicit_levels,
    resolve_neutral_types,
    resolve_weak_types,
)

from reelops.infra.fonts.clusters import clusters, visible


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring clusters of one face and one direction; `text` is in the order it is read."""

    face: str
    text: str
    right_to_left: bool


def right_to_left(text: str) -> bool:
    """Whether a paragraph begins with a script that is read from the right."""
    return bool(get_base_level(text))


def ordered(line: Sequence[tuple[str, str]], *, base_right_to_left: bool) -> list[Run]:
    """Gives the runs of a line from left to right; `line` is (face, cluster) in the order it is read."""
    levels = _levels("".join(cluster[0] for _, cluster in line), int(base_right_to_left))
    runs: list[tuple[int, Run]] = []
    placed = zip(levels, line, strict=True)
    for (level, face), group in groupby(placed, key=lambda item: (item[0], item[1][0])):
        text = "".join(cluster for _, (_, cluster) in group)
        runs.append((level, Run(face, text, bool(level % 2))))
    for level in range(max(levels, default=0), 0, -1):
        runs = _reversed_from(runs, level)
    return [run for _, run in runs]


def _levels(text: str, base: int) -> list[int]:
    storage: Any = get_empty_storage()
    storage["base_level"], storage["base_dir"] = base, ("L", "R")[base]
    get_embedding_levels(text, storage)
    explicit_embed_and_overrides(storage)
    resolve_weak_types(storage)
    _pair_brackets(storage["chars"], "R" if base else "L")
    resolve_neutral_types(storage, False)
    resolve_implicit_levels(storage, False)
    return [char["level"] for char in storage["chars"]]


def _pair_brackets(chars: list[dict[str, Any]], base: str) -> None:
    """Gives both brackets of a pair one direction (rule N0), which the library leaves out.

    That is the paragraph's direction where the pair encloses any of it, else that of what stands before the pair if the
    pair encloses only the other.
    """
    for first, last in _pairs([char["ch"] for char in chars]):
        inside = {_strong(char["type"]) for char in chars[first + 1 : last]} - {""}
        if not inside:
            continue
        before = next((found for char in reversed(chars[:first]) if (found := _strong(char["type"]))), base)
        chosen = base if base in inside or before == base else before
        chars[first]["type"] = chars[last]["type"] = chosen


def _pairs(text: Sequence[str]) -> list[tuple[int, int]]:
    """Finds brackets that belong together, in the order of their beginnings."""
    opened: list[int] = []
    found: list[tuple[int, int]] = []
    for place, char in enumerate(text):
        kind = unicodedata.category(char)
        if kind == "Ps":
            opened.append(place)
        elif kind == "Pe" and opened and MIRRORED.get(text[opened[-1]]) == char:
            found.append((opened.pop(), place))
    return sorted(found)


def _strong(kind: str) -> str:
    return "R" if kind in {"R", "AL", "EN", "AN"} else "L" if kind == "L" else ""


def _reversed_from(runs: list[tuple[int, Run]], level: int) -> list[tuple[int, Run]]:
    turned: list[tuple[int, Run]] = []
    for deep, group in groupby(runs, key=lambda run: run[0] >= level):
        stretch = list(group)
        turned += stretch[::-1] if deep else stretch
    return turned


_reshaper = arabic_reshaper.ArabicReshaper({"use_unshaped_instead_of_isolated": True, "delete_harakat": False})


def seen(run: Run) -> str:
    """Gives a run's text shaped and in the order it is seen, for a layout that does neither."""
    if not run.right_to_left:
        return visible(run.text)
    shaped = clusters(visible(_reshaper.reshape(run.text)))
    return "".join(MIRRORED.get(cluster, cluster) for cluster in reversed(shaped))
