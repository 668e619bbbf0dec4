"""What a job is, and how it is done in another way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

import numpy as np

from tests.benchmarks.scoring.conditions import Colour
from tests.benchmarks.scoring.kitchen.catalogue import COLOURS, Target, Tool, Work, bulky, unlike

APART = 0.2  # of the picture's width: from here on two places are told apart at a glance

T = TypeVar("T")
Place = tuple[float, float]  # 0 to 1 across and down


class View(StrEnum):
    """From where the camera looks down, which says where arms come from."""

    OWN_EYES = "own_eyes"
    OVERHEAD = "overhead"


class Side(StrEnum):
    """Where an arm comes into the picture."""

    NEAR_LEFT = "near_left"
    NEAR_RIGHT = "near_right"
    LEFT = "left"
    RIGHT = "right"
    FAR = "far"


class Distraction(StrEnum):
    """Something that moves and has nothing to do with the work."""

    NONE = "none"
    LAMP = "lamp"
    PASSER_BY = "passer_by"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Station:
    """A place on the table and what stands there."""

    at: Place
    target: Target
    colour: Colour


@dataclass(frozen=True, slots=True)
class Job:
    """One step: what is done, with what, where, by which hand."""

    work: Work
    tool: Tool
    colour: Colour
    at: Place
    station: int | None  # whose things it changes, if any
    after: Colour  # of what is in the station's vessel afterwards
    side: Side
    helper: Side | None  # a second hand that steadies
    home: Place | None  # where the tool lies before and after; else it comes into the picture with the hand
    reach: float  # of the picture's width
    period_sec: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Kitchen:
    """A table, what stands on it, and the jobs that are done there."""

    seed: int
    view: View
    stations: tuple[Station, ...]
    pause_sec: float  # between jobs the hands are out of the picture for so long
    distraction: Distraction
    steps: tuple[Job, ...]
    other: tuple[Job, ...]

    def another_way(self, step: Job, rng: np.random.Generator) -> Job:
        """Gives the job with a tool that is used nowhere else, at another place, or with another motion.

        The last two do not change what they should have changed.
        """
        ways = ["tool", "place"] if step.work in (Work.PLACE, Work.HOLD) else ["tool", "place", "motion"]
        match ways[int(rng.integers(len(ways)))]:
            case "tool":
                used = {job.tool for job in self.steps}
                tools = [t for t in Tool if t not in used and t is not Tool.FINGER and bulky(t) != bulky(step.tool)]
                colours = [colour for colour in COLOURS if unlike(colour, step.colour)]
                return replace(step, tool=one(tools, rng), colour=one(colours, rng), home=None)
            case "place":
                return replace(step, at=_elsewhere(self, step, rng), station=None, home=None)
            case _:
                other = one(_OTHER_MOTIONS[step.work], rng)
                reach, period = within(MOTIONS[other].reach, rng), within(MOTIONS[other].period_sec, rng)
                return replace(step, work=other, station=None, reach=reach, period_sec=period)


@dataclass(frozen=True, slots=True)
class Motion:
    """What is usual of a kind of work."""

    helped: float  # the share of jobs with a second hand
    reach: tuple[float, float]  # least and most, of the picture's width
    period_sec: tuple[float, float]


MOTIONS = {
    Work.STIR: Motion(0.6, (0.045, 0.06), (0.8, 1.6)),
    Work.SAW: Motion(0.9, (0.05, 0.08), (0.7, 1.2)),
    Work.WIPE: Motion(0.3, (0.08, 0.11), (1.2, 2.4)),
    Work.POUR: Motion(0.4, (0.02, 0.03), (2.6, 4.0)),
    Work.SCREW: Motion(0.8, (0.01, 0.015), (0.8, 1.4)),
    Work.PLACE: Motion(0.3, (0.015, 0.025), (1.5, 2.5)),
    Work.PRESS: Motion(0.3, (0.05, 0.07), (1.1, 1.8)),
    Work.HOLD: Motion(0.3, (0.004, 0.008), (3.0, 4.0)),
    Work.SWING: Motion(0.5, (0.1, 0.13), (3.0, 4.0)),
}
_OTHER_MOTIONS = {  # only what nobody takes for the usual one
    Work.STIR: (Work.HOLD, Work.SWING),
    Work.SAW: (Work.HOLD, Work.SWING),
    Work.WIPE: (Work.HOLD, Work.SAW),
    Work.POUR: (Work.STIR, Work.WIPE),
    Work.SCREW: (Work.WIPE, Work.SWING),
    Work.PRESS: (Work.HOLD, Work.SWING),
    Work.SWING: (Work.HOLD, Work.STIR),
}


def distance(a: Place, b: Place) -> float:
    """Gives how far two places are from each other, in widths of the picture."""
    return float(np.hypot(a[0] - b[0], 0.75 * (a[1] - b[1])))


def _elsewhere(kitchen: Kitchen, step: Job, rng: np.random.Generator) -> Place:
    return free_place([job.at for job in kitchen.steps if job is not step], [step.at], rng)


def free_place(near: list[Place], forbidden: list[Place], rng: np.random.Generator) -> Place:
    """Gives a place far enough from those forbidden, and as far as may be from the others."""
    tried = [(float(x), float(y)) for x, y in rng.uniform((0.16, 0.24), (0.84, 0.76), (60, 2))]
    fit = [at for at in tried if all(distance(at, other) > 1.2 * APART for other in forbidden)] or tried
    return max(fit, key=lambda at: min((distance(at, other) for other in near), default=1.0))


def within(limits: tuple[float, float], rng: np.random.Generator) -> float:
    """Draws a number between two."""
    return float(rng.uniform(*limits))


def one(choices: Sequence[T], rng: np.random.Generator) -> T:
    """Draws one of several."""
    return choices[int(rng.integers(len(choices)))]
