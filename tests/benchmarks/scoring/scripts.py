"""What happens when in a take, and which faults are put into it, whatever the work is and however it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

ORDER = ("order_swap", "execution_deviation", "over_time", "step_missing", "step_repeated", "extra_step")
FAULTS = ("step_missing", "order_swap", "step_repeated", "extra_step", "over_time", "execution_deviation")


class Step(Protocol):
    """What every family's step has; the rest is the family's own."""

    @property
    def seconds(self) -> float:
        """How long it takes when it is done as it should be."""


class Plan(Protocol):
    """Some work, drawn up by one of the families."""

    @property
    def seed(self) -> int:
        """Which procedure it is."""

    @property
    def steps(self) -> Sequence[Any]:
        """Its steps in their order."""

    @property
    def other(self) -> Sequence[Any]:
        """Steps that do not belong to it."""

    def another_way(self, step: Any, rng: np.random.Generator) -> Any:
        """Gives a step done in another way."""


@dataclass(frozen=True, slots=True)
class Act:
    """A step as it happens in a take; `gold_step` is its number in the procedure, or none."""

    step: Any  # a Step of the family
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

    procedure: Plan
    acts: tuple[Act, ...]
    faults: tuple[Fault, ...]
    seed: int

    @property
    def seconds(self) -> float:
        """How long the take is."""
        return self.acts[-1].end_sec


@dataclass(slots=True)
class _Entry:
    step: Any
    gold_step: int | None
    scale: float = 1.0
    marks: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)


def gold(plan: Plan, seed: int = 0) -> Script:
    """Writes the take in which everything is done as it should be."""
    return _written(plan, [_Entry(step, index) for index, step in enumerate(plan.steps)], (), seed, speed=1.0)


def take(plan: Plan, faults: Sequence[str], *, seed: int, speed: float = 1.0) -> Script:
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


def _put(
    kind: str,
    plan: Plan,
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
        entries[at[step]].step = plan.another_way(plan.steps[step], rng)
        entries[at[step]].marks.append((kind, (step,)))


def _place_for_extra(entries: list[_Entry], missing: list[Fault], rng: np.random.Generator) -> int:
    """Anywhere but where a step is missing: there it would be that step, done in another way."""
    gone = {step for fault in missing for step in fault.gold_steps}
    after = {entry.gold_step: index + 1 for index, entry in enumerate(entries) if entry.gold_step is not None}
    before = {entry.gold_step: index for index, entry in enumerate(entries) if entry.gold_step is not None}
    taken = {after.get(step - 1) for step in gone} | {before.get(step + 1) for step in gone}
    places = [place for place in range(len(entries) + 1) if place not in taken]
    return int(rng.choice(places))


def _take_away(free: list[int], *steps: int) -> None:
    for step in steps:
        if step in free:
            free.remove(step)


def _written(plan: Plan, entries: Sequence[_Entry], missing: Sequence[Fault], seed: int, *, speed: float) -> Script:
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
