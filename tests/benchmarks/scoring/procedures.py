"""Procedures and takes of them: what is done when, and which faults are in it. Drawing them is `rendering`'s work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

ORDER = ("order_swap", "execution_deviation", "over_time", "step_missing", "step_repeated", "extra_step")
ASSEMBLIES = 1000  # from this seed on each step fetches a part, carries it to its place, and works on it there
FAULTS = ("step_missing", "order_swap", "step_repeated", "extra_step", "over_time", "execution_deviation")


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


@dataclass(frozen=True, slots=True)
class Act:
    """A step as it happens in a take; `gold_step` is its number in the procedure, or none."""

    step: Step
    start_sec: float
    end_sec: float
    gold_step: int | None


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that was put into a take, with its times there."""

    type: str
    gold_steps: tuple[int, ...]
    start_sec: float | None = None
    end_sec: float | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """What happens in a take."""

    procedure: Procedure
    acts: tuple[Act, ...]
    faults: tuple[Fault, ...]
    seed: int

    @property
    def seconds(self) -> float:
        """How long the take is."""
        return self.acts[-1].end_sec


@dataclass(slots=True)
class _Entry:
    step: Step
    gold_step: int | None
    scale: float = 1.0
    marks: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)


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
    if seed >= ASSEMBLIES:
        steps = [replace(step, tray=_tray(index), seconds=step.seconds + 3.0) for index, step in enumerate(steps)]
    return Procedure(seed, tuple(steps[:count]), tuple(steps[count:]))


def _tray(number: int) -> tuple[float, float]:
    """Trays stand along the left and the right edge."""
    return (0.08 if number % 2 == 0 else 0.92, 0.2 + 0.14 * (number // 2 % 5))


def gold(plan: Procedure, seed: int = 0) -> Script:
    """Writes the take in which everything is done as it should be."""
    return _written(plan, [_Entry(step, index) for index, step in enumerate(plan.steps)], (), seed, speed=1.0)


def take(plan: Procedure, faults: Sequence[str], *, seed: int, speed: float = 1.0) -> Script:
    """Writes a trainee's take with the named faults, each at a step of its own; `speed` above 1 is faster."""
    rng = np.random.default_rng([plan.seed, seed, 2])
    entries = [_Entry(step, i, scale=float(rng.uniform(0.93, 1.08))) for i, step in enumerate(plan.steps)]
    free = list(range(len(entries)))
    missing: list[Fault] = []
    for kind in sorted(faults, key=ORDER.index):
        _put(kind, plan, entries, free, missing, rng)
    for entry in entries:  # who is slow at one step is slow by the clock, whatever the pace of the rest
        if any(kind == "over_time" for kind, _ in entry.marks):
            entry.scale = float(rng.uniform(1.8, 2.6)) * speed
    return _written(plan, entries, missing, seed, speed=speed)


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


def _put(
    kind: str,
    plan: Procedure,
    entries: list[_Entry],
    free: list[int],
    missing: list[Fault],
    rng: np.random.Generator,
) -> None:
    at = {entry.gold_step: index for index, entry in enumerate(entries) if entry.gold_step is not None}
    if kind == "order_swap":
        first = int(rng.choice([s for s in free if s + 1 in free] or [0]))
        i, j = at[first], at[first + 1]
        entries[i], entries[j] = entries[j], entries[i]
        for index in (i, j):
            entries[index].marks.append((kind, (first, first + 1)))
        _take_away(free, first, first + 1)
        return
    step = int(rng.choice(free or list(range(len(plan.steps)))))
    _take_away(free, step)
    if kind == "step_missing":
        del entries[at[step]]
        missing.append(Fault(kind, (step,)))
    elif kind == "step_repeated":
        apart = [i for i in range(len(entries) + 1) if not at[step] <= i <= at[step] + 1]  # else it is one long step
        later = [i for i in apart if i > at[step]] or apart
        entries.insert(int(rng.choice(later)), _Entry(plan.steps[step], step, marks=[(kind, (step,))]))
    elif kind == "extra_step":
        extra = plan.other[int(rng.integers(len(plan.other)))]
        entries.insert(_place_for_extra(entries, missing, rng), _Entry(extra, None, marks=[(kind, ())]))
    elif kind == "over_time":
        entries[at[step]].marks.append((kind, (step,)))
    else:
        entries[at[step]].step = _another_way(plan.steps[step], rng)
        entries[at[step]].marks.append((kind, (step,)))


def _place_for_extra(entries: list[_Entry], missing: list[Fault], rng: np.random.Generator) -> int:
    """Anywhere but where a step is missing: there it would be that step, done in another way."""
    gone = {step for fault in missing for step in fault.gold_steps}
    after = {entry.gold_step: index + 1 for index, entry in enumerate(entries) if entry.gold_step is not None}
    before = {entry.gold_step: index for index, entry in enumerate(entries) if entry.gold_step is not None}
    taken = {after.get(step - 1) for step in gone} | {before.get(step + 1) for step in gone}
    places = [place for place in range(len(entries) + 1) if place not in taken]
    return int(rng.choice(places))


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


def _take_away(free: list[int], *steps: int) -> None:
    for step in steps:
        if step in free:
            free.remove(step)


def _written(
    plan: Procedure, entries: Sequence[_Entry], missing: Sequence[Fault], seed: int, *, speed: float
) -> Script:
    now, acts, faults = 0.0, [], list(missing)
    marked: dict[tuple[str, tuple[int, ...]], tuple[float, float]] = {}
    for entry in entries:
        end = now + entry.step.seconds * entry.scale / speed
        acts.append(Act(entry.step, now, end, entry.gold_step))
        for mark in entry.marks:
            start, _ = marked.get(mark, (now, end))
            marked[mark] = (start, end)
        now = end
    faults.extend(Fault(kind, steps, start, end) for (kind, steps), (start, end) in marked.items())
    return Script(plan, tuple(acts), tuple(faults), seed)
