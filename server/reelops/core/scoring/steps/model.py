"""Steps as operators name them, the rules they keep, and how they divide a video."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from reelops import errors
from reelops.core.library.model import Video

MAX_STEPS = 100
NAME_LIMIT = 200
MAX_EXPECTED_SEC = 86400.0
PAUSE_SEC = 2.0
"""A shorter stretch between two steps belongs to the first of them: it is hardly longer than a window is."""

_TOLERANCE_SEC = 0.05


class Source(StrEnum):
    """Where the steps of a video come from."""

    FOUND = "found"
    SET = "set"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a gold video. `expected_sec` is how long it should take where that is not as long as in the video."""

    name: str
    start_sec: float
    end_sec: float
    expected_sec: float | None = None
    critical: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Gives the plain form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Step:
        """Reads the plain form."""
        return cls(
            plain["name"], plain["start_sec"], plain["end_sec"], plain.get("expected_sec"), plain.get("critical", False)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldSteps:
    """The steps of a gold video. `version` grows with every change; who and when are absent for found steps."""

    video: Video
    source: Source
    version: int
    steps: tuple[Step, ...]
    changed_by: str | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a gold video: a step by its number, or a pause, which is none."""

    start_sec: float
    end_sec: float
    step: int | None


def checked(steps: Sequence[Step], *, duration_sec: float) -> tuple[Step, ...]:
    """Returns the steps with their names trimmed, or raises `Invalid("STEPS_INVALID")` naming the first that is wrong.

    They have to be in order, not overlap, lie inside the video and have names of their own.
    """
    if not 1 <= len(steps) <= MAX_STEPS:
        raise _invalid(f"a video has 1 to {MAX_STEPS} steps, not {len(steps)}")
    found = tuple(_checked_one(number, step, duration_sec) for number, step in enumerate(steps, start=1))
    for number, (before, after) in enumerate(pairwise(found), start=2):
        if after.start_sec < before.end_sec:
            raise _invalid(
                f"step {number} begins at {after.start_sec:g} s, before step {number - 1} ends at {before.end_sec:g} s"
            )
    names: dict[str, int] = {}
    for number, step in enumerate(found, start=1):
        if (first := names.setdefault(step.name, number)) != number:
            raise _invalid(f"steps {first} and {number} are both called {step.name}")
    return found


def _checked_one(number: int, step: Step, duration_sec: float) -> Step:
    name = step.name.strip()
    if not 1 <= len(name) <= NAME_LIMIT:
        raise _invalid(f"step {number} needs a name of 1 to {NAME_LIMIT} characters")
    if any(ord(character) < 32 or 0xD800 <= ord(character) <= 0xDFFF for character in name):
        raise _invalid(f"the name of step {number} has control characters")
    numbers = [step.start_sec, step.end_sec, *([] if step.expected_sec is None else [step.expected_sec])]
    if not all(math.isfinite(value) for value in numbers):
        raise _invalid(f"the times of step {number} have to be numbers")
    if not 0 <= step.start_sec < step.end_sec:
        raise _invalid(f"step {number} has to begin at 0 s or later, and end after that")
    if step.end_sec > duration_sec + _TOLERANCE_SEC:
        raise _invalid(f"step {number} ends at {step.end_sec:g} s, the video at {duration_sec:g} s")
    if step.start_sec >= duration_sec:
        raise _invalid(f"step {number} begins where the video ends")
    if step.expected_sec is not None and not 0 < step.expected_sec <= MAX_EXPECTED_SEC:
        raise _invalid(f"step {number} has to be expected to take more than 0 s and no longer than a day")
    return replace(step, name=name, end_sec=min(step.end_sec, duration_sec))


def _invalid(sentence: str) -> errors.Invalid:
    return errors.Invalid("STEPS_INVALID", sentence)


def stretches(steps: Sequence[Step], *, duration_sec: float) -> tuple[Stretch, ...]:
    """Divides a whole video into its steps and the pauses before, between and after them.

    A pause of less than 2 s is no stretch of its own: it belongs to the step before, or at the start to the first.
    """
    begins: list[tuple[float, int | None]] = []
    at = 0.0
    for number, step in enumerate(steps):
        if step.start_sec - at >= PAUSE_SEC:
            begins.append((at, None))
        begins.append((step.start_sec if begins else 0.0, number))
        at = step.end_sec
    if duration_sec - at >= PAUSE_SEC:
        begins.append((at, None))
    ends = [start for start, _ in begins[1:]] + [max(duration_sec, at)]
    return tuple(Stretch(start, end, step) for (start, step), end in zip(begins, ends, strict=True))
