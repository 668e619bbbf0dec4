"""The work on a workbench: its steps, in place, tool, colour and motion. Drawing them is `drawing`'s work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

ASSEMBLIES = 1000  # from this seed on each step fetches a part, carries it to its place, and works on it there
BRISK, BRISK_ASSEMBLIES = 3000, 4000  # from these on the same, each step in a little more than half the time
BRISKNESS = 0.6


class Motion(StrEnum):
    """How the hand moves during a step."""

    CIRCLE = "circle"
    ACROSS = "across"
    UP_DOWN = "up_down"
    SLANTED = "slanted"
    TAP = "tap"
    TWIST = "twist"
    HOLD = "hold"
    ZIGZAG = "zigzag"


class Tool(StrEnum):
    """What the hand holds."""

    WRENCH = "wrench"
    DRIVER = "driver"
    CLOTH = "cloth"
    BOX = "box"
    RING = "ring"
    BOTTLE = "bottle"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the work: where (0 to 1 across and down), with what, moving how."""

    x: float
    y: float
    tool: Tool
    colour: tuple[int, int, int]
    motion: Motion
    reach: float
    hertz: float
    seconds: float
    leaves: bool = False
    tray: tuple[float, float] | None = None  # where its part is fetched before the work on it begins


@dataclass(frozen=True, slots=True)
class Procedure:
    """A workbench and the steps of the work that is done on it."""

    seed: int
    steps: tuple[Step, ...]
    other: tuple[Step, ...]  # steps that do not belong to it

    def another_way(self, step: Step, rng: np.random.Generator) -> Step:
        """Gives the step with another tool, with another motion as well, or elsewhere with another motion."""
        return _another_way(step, rng)


def procedure(seed: int) -> Procedure:
    """Makes up a procedure of four to eight steps that differ in tool, place or motion."""
    rng = np.random.default_rng([seed, 1])
    count = int(rng.integers(4, 9))
    steps: list[Step] = []
    while len(steps) < count + 3:
        new = _step(rng)
        if all(_differ(new, old) for old in steps):
            steps.append(new)
    if rng.random() < 0.5:  # a part that stays where a step put it
        position = int(rng.integers(count))
        steps[position] = replace(steps[position], leaves=True)
    if ASSEMBLIES <= seed < BRISK or seed >= BRISK_ASSEMBLIES:
        steps = [replace(step, tray=_tray(index), seconds=step.seconds + 3.0) for index, step in enumerate(steps)]
    if seed >= BRISK:
        steps = [replace(step, seconds=BRISKNESS * step.seconds) for step in steps]
    return Procedure(seed, tuple(steps[:count]), tuple(steps[count:]))


def _tray(number: int) -> tuple[float, float]:
    """Trays stand along the left and the right edge."""
    return (0.08 if number % 2 == 0 else 0.92, 0.2 + 0.14 * (number // 2 % 5))


def _step(rng: np.random.Generator) -> Step:
    hue = int(rng.integers(len(_COLOURS)))
    return Step(
        x=float(rng.uniform(0.22, 0.78)),
        y=float(rng.uniform(0.25, 0.7)),
        tool=list(Tool)[int(rng.integers(len(Tool)))],
        colour=_COLOURS[hue],
        motion=list(Motion)[int(rng.integers(len(Motion)))],
        reach=float(rng.uniform(0.06, 0.13)),
        hertz=float(rng.uniform(0.4, 1.1)),
        seconds=float(rng.uniform(5.0, 9.0)),
    )


_COLOURS = ((200, 40, 40), (40, 90, 200), (230, 190, 40), (50, 150, 60), (40, 40, 45), (220, 220, 225), (230, 120, 30))


def _differ(a: Step, b: Step) -> bool:
    apart = float(np.hypot(a.x - b.x, a.y - b.y)) > 0.16
    return apart or (a.tool != b.tool and a.colour != b.colour and a.motion != b.motion)


def _another_way(step: Step, rng: np.random.Generator) -> Step:
    """The same place, but another tool and another motion, or only one of the two."""
    tools = [tool for tool in Tool if tool != step.tool]
    colours = [colour for colour in _COLOURS if colour != step.colour]
    motions = [m for m in Motion if m not in (step.motion, Motion.TWIST, Motion.HOLD)]
    new_tool, new_colour = tools[int(rng.integers(len(tools)))], colours[int(rng.integers(len(colours)))]
    new_motion = motions[int(rng.integers(len(motions)))]
    which = rng.integers(3)
    if which == 0:
        return replace(step, tool=new_tool, colour=new_colour)
    if which == 1:
        return replace(step, tool=new_tool, colour=new_colour, motion=new_motion)
    side = -1 if step.x > 0.5 else 1
    return replace(step, x=step.x + side * float(rng.uniform(0.2, 0.3)), motion=new_motion)
