"""How hands move: into the picture, to a tool, to the work, the work itself, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.benchmarks.scoring.conditions import HEIGHT, WIDTH
from tests.benchmarks.scoring.kitchen.catalogue import Work
from tests.benchmarks.scoring.kitchen.jobs import Job, Place, Side

ELBOWS: dict[Side, Place] = {  # far outside, so that an arm points the same way wherever its hand is
    Side.NEAR_LEFT: (0.12, 1.9),
    Side.NEAR_RIGHT: (0.88, 1.9),
    Side.LEFT: (-0.75, 0.68),
    Side.RIGHT: (1.75, 0.62),
    Side.FAR: (0.45, -0.9),
}
_ENTRANCES: dict[Side, Place] = {
    Side.NEAR_LEFT: (0.27, 1.0),
    Side.NEAR_RIGHT: (0.73, 1.0),
    Side.LEFT: (0.0, 0.6),
    Side.RIGHT: (1.0, 0.57),
    Side.FAR: (0.48, 0.0),
}
_APPROACH_SEC = (0.5, 1.1)
_GRIPS = {Work.POUR: 0.0, Work.PLACE: 22.0, Work.HOLD: 32.0}
_PLACED = 0.4  # of the time at the place: from here on a thing that was brought stays


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody does a job this time: nobody does it twice in just the same way."""

    offset: Place  # of the place, 0 to 1 across and down
    reach: float  # times the usual
    period: float
    phase: float


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a hand is in pixels, and what its tool does."""

    x: float
    y: float
    turn: float = 0.0  # of the tool against the arm, in radians
    near: float = 1.0  # size: a hand that presses down is farther from the camera
    holds: bool = True
    pours: bool = False
    progress: float = 0.0  # of what the job changes, 0 to 1


def spot(place: Place) -> tuple[float, float]:
    """Gives a place in pixels."""
    return place[0] * WIDTH, place[1] * HEIGHT


def outside(side: Side) -> tuple[float, float]:
    """Where a hand is that cannot be seen, nor what it holds, in pixels."""
    return _away(spot(_ENTRANCES[side]), side, 80.0)


def resting(side: Side) -> tuple[float, float]:
    """Where a hand waits at the edge of the picture, in pixels."""
    return _away(spot(_ENTRANCES[side]), side, -6.0)


def grip(job: Job, manner: Manner) -> tuple[float, float]:
    """Where the hand is, in pixels, so that its tool is in the middle of the place."""
    at = spot((job.at[0] + manner.offset[0], job.at[1] + manner.offset[1]))
    return _away(at, job.side, _GRIPS.get(job.work, 26.0))


def _away(at: tuple[float, float], side: Side, far: float) -> tuple[float, float]:
    """Moves a point towards the elbow."""
    elbow = spot(ELBOWS[side])
    length = float(np.hypot(elbow[0] - at[0], elbow[1] - at[1]))
    return at[0] + far * (elbow[0] - at[0]) / length, at[1] + far * (elbow[1] - at[1]) / length


def pose(job: Job, manner: Manner, into: float, length: float, pause: float) -> Pose:
    """Gives the working hand `into` seconds after the job began that takes `length`, half a `pause` at either end."""
    at = grip(job, manner)
    rest = outside(job.side) if pause else resting(job.side)
    into, length = into - pause / 2, length - pause
    approach = float(np.clip(0.14 * length, *_APPROACH_SEC))
    legs = [(rest, at, True)] if job.home is None else [(rest, spot(job.home), False), (spot(job.home), at, True)]
    for begin, end, holds in legs:
        if into < approach:
            x, y = _between(begin, end, into / approach)
            return Pose(x, y, holds=holds)
        into, length = into - approach, length - approach
    back = [(end, begin, holds) for begin, end, holds in reversed(legs)]
    work = length - approach * len(legs)
    placed = job.work is Work.PLACE
    if into < work:
        return _working(job, manner, at, into, work)
    into -= work
    for begin, end, holds in [(at, rest, False)] if placed else back:
        if into < approach:
            x, y = _between(begin, end, into / approach)
            return Pose(x, y, holds=holds and not placed, progress=1.0)
        into -= approach
    return Pose(*rest, holds=not placed and job.home is None, progress=1.0)


def steadying(job: Job, manner: Manner, into: float, length: float, pause: float) -> tuple[float, float]:
    """Gives where the second hand is, in pixels."""
    side = job.helper or job.side
    rest = outside(side) if pause else resting(side)
    x, y = _away(spot((job.at[0] + manner.offset[0], job.at[1] + manner.offset[1])), side, 34.0)
    x += 20.0 if side is Side.NEAR_RIGHT else -20.0 if side is Side.NEAR_LEFT else 0.0
    drift = 1.5 * np.array([np.sin(0.7 * into + manner.phase), np.cos(0.5 * into)])
    near = min(1.0, max(0.0, into - pause / 2) / 0.9, max(0.0, length - pause / 2 - into) / 0.9)
    return _between(rest, (x + float(drift[0]), y + float(drift[1])), near)


def _working(job: Job, manner: Manner, at: tuple[float, float], into: float, length: float) -> Pose:
    """Directions are along the arm and across it."""
    reach, cycle = job.reach * manner.reach * WIDTH, into / (job.period_sec * manner.period)
    turn, progress = 2 * np.pi * cycle + manner.phase, min(1.0, into / (0.9 * length))
    swing = float(np.sin(turn))
    along, across, twist, near, holds, pours = 0.0, 0.0, 0.0, 1.0, True, False
    match job.work:
        case Work.STIR:
            along, across, twist = reach * swing, reach * float(np.cos(turn)), 0.15 * swing
        case Work.SAW:
            along, across = reach * swing, 12 * (into / length - 0.5)
        case Work.WIPE:  # strokes there and back, each a little farther
            across, along = reach * _strokes(cycle), 0.45 * reach * float(np.sin(0.23 * turn))
        case Work.POUR:
            tilt = float(np.clip(1.6 * np.sin(turn / 2) ** 2 * 1.3, 0, 1.6))
            twist, pours, across = tilt, tilt > 1.0, -44 + reach * swing * 0.2
        case Work.SCREW:
            twist, along = 1.1 * _strokes(cycle), 1.5 * swing
        case Work.PLACE:
            into_place = min(1.0, into / (_PLACED * length))
            holds, progress = into_place < 1.0, into_place
            near, along = 1.08 - 0.08 * into_place, 0.0 if holds else -10 + reach * swing
        case Work.PRESS:  # a push at one of three spots after the other
            down = max(0.0, swing)
            along, across = 8 - 12 * down, reach * (int(cycle) % 3 - 1)
            near = 1.06 - 0.14 * down
        case Work.HOLD:
            along, across = reach * swing, 0.7 * reach * float(np.cos(0.7 * turn))
        case Work.SWING:
            across, along = reach * swing, 0.1 * reach * float(np.cos(turn))
    forward = np.array(at) - spot(ELBOWS[job.side])
    forward /= float(np.hypot(*forward))
    x = at[0] + forward[0] * along - forward[1] * across
    y = at[1] + forward[1] * along + forward[0] * across
    return Pose(float(x), float(y), twist, near, holds, pours, progress)


def _strokes(cycle: float) -> float:
    """A triangle wave, -1 to 1."""
    return 4 * abs((cycle + 0.25) % 1.0 - 0.5) - 1


def _between(begin: tuple[float, float], end: tuple[float, float], share: float) -> tuple[float, float]:
    ease = share * share * (3 - 2 * share)
    return begin[0] + (end[0] - begin[0]) * ease, begin[1] + (end[1] - begin[1]) * ease
