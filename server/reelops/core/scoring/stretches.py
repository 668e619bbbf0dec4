"""Stretches of a trainee's take, each read as a step of the gold or as none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reelops.core.scoring.viterbi import UNKNOWN

MIN_EXTRA_WINDOWS = 5  # a shorter stretch that is no step is part of what is around it


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some windows of the trainee's take; `state` is a gold step or -1."""

    state: int
    start: int
    end: int

    @property
    def length(self) -> int:
        """The number of windows."""
        return self.end - self.start


def longest_of(stretches: Sequence[Stretch]) -> dict[int, Stretch]:
    """Finds the longest stretch of each step, the first of equal ones."""
    longest: dict[int, Stretch] = {}
    for one in stretches:
        if one.state != UNKNOWN and (one.state not in longest or one.length > longest[one.state].length):
            longest[one.state] = one
    return longest


def joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Joins a step that a short unknown stretch, or nothing, had cut in two."""
    together: list[Stretch] = []
    for stretch in stretches:
        start = stretch.start
        short = len(together) > 1 and together[-1].state == UNKNOWN and together[-1].length < MIN_EXTRA_WINDOWS
        if short and together[-2].state == stretch.state:
            start = together[-2].start
            del together[-2:]
        elif together and together[-1].state == stretch.state:
            start = together.pop().start
        together.append(replace(stretch, start=start))
    return together
