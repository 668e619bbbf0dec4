"""Sets right what was read window by window, by looking at whole stretches: what they are, and where they end.

A stretch says more than its windows: the phase of a motion and the noise of a window average out. A stretch that
belongs to no step may be one after all, and one that was read as a step may have swallowed something else at one end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reelops.core.scoring.departures import Measure, oddness
from reelops.core.scoring.nearest import inner
from reelops.core.scoring.viterbi import UNKNOWN

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

MIN_EXTRA_WINDOWS = 4
LEAST_PART = 3  # windows
CURTAILED = 0.8  # of a step's usual length: a phase of it may have been read as unknown
COMPLETED = 1.35  # of it, at most, with that phase
FAMILIAR = 2.8  # times as far as usual: below it a stretch is that step
STRANGE = 4.0  # and above it it is not
CONTRAST = 2.0  # between the two parts of a stretch, for it to be two things
LENGTHENED_STRANGE = 2.6  # the same for a step that takes too long
LENGTHENED_CONTRAST = 1.6
SLOW_RATIO = 1.6  # beyond the slowest pace (0.8) that still passes, and the usual differences between people
NOISE = 0.02  # distance that even two equal takes have


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


@dataclass(frozen=True, slots=True)
class Refinement:
    """What is needed to set a reading right. `costs` is (windows, steps), `cuts` where the take changes."""

    gold_steps: Ints
    costs: Floats
    measure: Measure
    cuts: Ints

    def refined(self, states: Ints, starts: Ints, ends: Ints) -> list[Stretch]:
        """Gives the stretches of a take in order."""
        read = [Stretch(*map(int, one)) for one in zip(states, starts, ends, strict=True)]
        stretches = self._named(_joined(read))
        stretches = self._completed(stretches)
        usual = self._usual(stretches)
        parted = [part for stretch in stretches for part in self._parted(stretch, usual)]
        return _joined(self._named(parted)) if len(parted) > len(stretches) else _joined(parted)

    def departures(self, stretches: Sequence[Stretch]) -> Floats:
        """Gives how far each stretch is from each step in each channel, (stretches, steps, channels).

        A step that is done again may be nearer to how the same person did it before than to the gold.
        """
        far = np.stack([self.measure.departure(one.start, one.end) for one in stretches])
        longest = _longest(stretches)
        for one, own in zip(stretches, far, strict=True):
            first = longest.get(one.state, one)
            if first is not one:
                again = self.measure.apart(one.start, one.end, first.start, first.end)
                if again.sum() < own[one.state].sum():
                    own[one.state] = again
        return far

    def _usual(self, stretches: Sequence[Stretch]) -> dict[int, Floats]:
        """Gives how far each step that was done is from the gold's, in each channel, (channels,)."""
        longest = _longest(stretches).items()
        return {step: self.measure.departure(one.start, one.end, step)[0] for step, one in longest}

    def _named(self, stretches: list[Stretch]) -> list[Stretch]:
        """Calls an unknown stretch by the step that it is not odd for."""
        if not any(stretch.state == UNKNOWN for stretch in stretches):
            return stretches
        usual = self._usual(stretches)
        others = {step: _others(usual, step) for step in range(len(self.gold_steps) - 1)}
        named = []
        for stretch in stretches:
            if stretch.state == UNKNOWN and stretch.length >= LEAST_PART:
                far = self.measure.departure(stretch.start, stretch.end)
                odd = [oddness(far[step], others[step]) for step in others]
                step = int(np.argmin(odd))
                shortest = 0.5 * (self.gold_steps[step + 1] - self.gold_steps[step])
                beside = any(
                    one.state == step and (stretch.start == one.end or stretch.end == one.start) for one in stretches
                )
                if len(others[step]) > 1 and odd[step] < FAMILIAR and (beside or stretch.length >= shortest):
                    stretch = replace(stretch, state=step)
            named.append(stretch)
        return named

    def _completed(self, stretches: list[Stretch]) -> list[Stretch]:
        """Gives an unknown stretch to the short step beside it that it completes: what is added takes time."""
        lengths, kept = np.diff(self.gold_steps), list(stretches)
        for unknown in [stretch for stretch in stretches if stretch.state == UNKNOWN]:
            at = kept.index(unknown)
            beside = [other for other in kept[max(0, at - 1) : at] + kept[at + 1 : at + 2] if other.state != UNKNOWN]
            fitting = [
                other
                for other in beside
                if other.length <= CURTAILED * lengths[other.state]
                and other.length + unknown.length <= COMPLETED * lengths[other.state]
            ]
            if fitting:
                other = min(fitting, key=lambda one: abs(one.length + unknown.length - lengths[one.state]))
                kept[at] = Stretch(other.state, min(other.start, unknown.start), max(other.end, unknown.end))
                kept.remove(other)
        return kept

    def _parted(self, stretch: Stretch, usual: dict[int, Floats]) -> list[Stretch]:
        """Splits off what a step has swallowed at one of its ends: a part that is strange where the other is not."""
        if stretch.state == UNKNOWN or stretch.length < LEAST_PART + MIN_EXTRA_WINDOWS:
            return [stretch]
        others = _others(usual, stretch.state)
        if len(others) < 2:
            return [stretch]
        best, contrast, strangest = [stretch], CONTRAST, STRANGE
        if stretch.length > SLOW_RATIO * (self.gold_steps[stretch.state + 1] - self.gold_steps[stretch.state]):
            contrast, strangest = LENGTHENED_CONTRAST, LENGTHENED_STRANGE
        for cut in self.cuts[(self.cuts >= stretch.start + LEAST_PART) & (self.cuts <= stretch.end - LEAST_PART)]:
            parts = [Stretch(stretch.state, stretch.start, int(cut)), Stretch(stretch.state, int(cut), stretch.end)]
            odd = [self._part_oddness(part, others) for part in parts]
            strange, own = (0, 1) if odd[0] > odd[1] else (1, 0)
            plain = odd[strange] > strangest and parts[strange].length >= MIN_EXTRA_WINDOWS
            farther = self._fit(parts[strange]) > 1.5 * self._fit(parts[own]) + NOISE
            if plain and farther and odd[strange] > contrast * odd[own]:
                best, contrast = list(parts), odd[strange] / odd[own]
                best[strange] = replace(parts[strange], state=UNKNOWN)
        return best

    def _part_oddness(self, part: Stretch, others: Floats) -> float:
        """Says how odd a part of a step is; one half of a step may be unlike the other in the gold, too."""
        far = self.measure.departure(part.start, part.end, part.state)[0]
        return oddness(np.maximum(far - self.measure.unevenness[part.state], 0.0), others)

    def _fit(self, part: Stretch) -> float:
        first, last = inner(part.start, part.end)
        return float(self.costs[first:last, part.state].mean())


def _others(usual: dict[int, Floats], step: int) -> Floats:
    """Stacks what is usual of all steps but one, (steps, channels)."""
    return np.array([departure for other, departure in usual.items() if other != step])


def _longest(stretches: Sequence[Stretch]) -> dict[int, Stretch]:
    """Finds the longest stretch of each step, the first of equal ones."""
    longest: dict[int, Stretch] = {}
    for one in stretches:
        if one.state != UNKNOWN and (one.state not in longest or one.length > longest[one.state].length):
            longest[one.state] = one
    return longest


def _joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Joins a step that a short unknown stretch, or nothing, had cut in two."""
    joined: list[Stretch] = []
    for stretch in stretches:
        start = stretch.start
        short = len(joined) > 1 and joined[-1].state == UNKNOWN and joined[-1].length < MIN_EXTRA_WINDOWS
        if short and joined[-2].state == stretch.state:
            start = joined[-2].start
            del joined[-2:]
        elif joined and joined[-1].state == stretch.state:
            start = joined.pop().start
        joined.append(replace(stretch, start=start))
    return joined
