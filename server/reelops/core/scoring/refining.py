"""Sets right what was read window by window, by looking at whole stretches: what they are, and where they end.

A stretch says more than its windows: the phase of a motion and the noise of a window average out. A stretch that
belongs to no step may be one after all, and one that was read as a step may have swallowed something else at one end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reelops.core.scoring.departures import Measure, oddnesses
from reelops.core.scoring.nearest import inner
from reelops.core.scoring.phasing import Phases
from reelops.core.scoring.stretches import MIN_EXTRA_WINDOWS, Stretch, joined, longest_of
from reelops.core.scoring.viterbi import UNKNOWN

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

LEAST_PART = 3  # windows
CURTAILED = 0.8  # of a step's usual length: a phase of it may have been read as unknown
COMPLETED = 1.35  # of it, at most, with that phase
FAMILIAR = 2.0  # times as far as usual: below it a stretch is that step
EXPECTED = 2.8  # the same for a step that is not seen elsewhere: one done elsewhere is likelier than one left out
LIKER = 0.75  # and that much nearer to it than to any other
STRANGE = 3.2  # and above it it is not
CONTRAST = 2.0  # between the two parts of a stretch, for it to be two things
LENGTHENED = 1.4  # times a step's usual length: one that takes longer may hold something else, and less will say so
LENGTHENED_STRANGE = 1.9
LENGTHENED_CONTRAST = 1.4
LENGTHENED_LEAST = 4  # windows
LIKELIEST = 1.1  # times the least distance to any step
RELIEVED_CONTRAST = 1.3  # the contrast where a step is missing that would have its time there
ALIKE_IN_LENGTH = 1.5
HURRIED = 0.7  # of a step's usual length at the take's pace: two such beside each other may be one step
WHOLE = 1.3  # times as long or as short as that step, at most, they are together
ALMOST = 1.2  # times the distance of the other step, at most, that step has there
NOISE = 0.02  # distance that even two equal takes have


@dataclass(frozen=True, slots=True)
class Refinement:
    """What is needed to set a reading right. `costs` is (windows, steps), `cuts` where the take changes.

    `unevenness` is (steps, kinds): how far half of a step is from the whole of it in the gold itself.
    `phase_cost` is the distance below which a stretch may be a phase of a step; 0 where steps have no phases.
    """

    gold_steps: Ints
    costs: Floats
    measure: Measure
    unevenness: Floats
    cuts: Ints
    phases: Phases
    by_phase: Measure
    phase_cost: float = 0.0

    def refined(self, states: Ints, starts: Ints, ends: Ints) -> list[Stretch]:
        """Gives the stretches of a take in order."""
        read = [Stretch(*map(int, one)) for one in zip(states, starts, ends, strict=True)]
        stretches = self._united(self._named(joined(read)))
        stretches = self._completed(stretches)
        stretches = self._phase_completed(stretches)
        usual = self._usual(stretches)
        parted = [part for stretch in stretches for part in self._parted(stretch, usual)]
        parted = [part for stretch in parted for part in self._relieved(stretch, usual, parted)]
        return joined(self._named(parted)) if len(parted) > len(stretches) else joined(parted)

    def departures(self, stretches: Sequence[Stretch], measure: Measure, by_phase: Measure) -> Floats:
        """Gives how far each stretch is from its step, (stretches, kinds); unknown ones are from none.

        A step that is done again may be nearer to how the same person did it before than to the gold.
        """
        longest, kinds = longest_of(stretches), measure.kinds
        channels = kinds.slices[0]
        far = np.zeros((len(stretches), kinds.total), np.float32)
        for one, own in zip(stretches, far, strict=True):
            if one.state == UNKNOWN:
                continue
            own[:] = measure.departure(one.start, one.end, one.state)[0]
            for phase, start, end in self.phases.within(one.state, one.start, one.end):
                own[:] = np.maximum(own, by_phase.departure(start, end, phase)[0])
            first = longest[one.state]
            if first is not one:
                again = measure.apart(one.start, one.end, first.start, first.end)
                if again[channels].sum() < own[channels].sum():
                    own[:] = again
        return far

    def _usual(self, stretches: Sequence[Stretch]) -> dict[int, Floats]:
        """Gives how far each step that was done is from the gold's, (kinds,)."""
        longest = longest_of(stretches).items()
        return {step: self.measure.departure(one.start, one.end, step)[0] for step, one in longest}

    def _named(self, stretches: list[Stretch]) -> list[Stretch]:
        """Calls an unknown stretch by the step that it is not odd for."""
        if not any(stretch.state == UNKNOWN for stretch in stretches):
            return stretches
        usual = self._usual(stretches)
        others = {step: _usual_beside(usual, step) for step in range(len(self.gold_steps) - 1)}
        named: list[Stretch] = []
        for stretch in stretches:
            if stretch.state == UNKNOWN and stretch.length >= LEAST_PART:
                far = self.measure.departure(stretch.start, stretch.end)
                odd = [self._odd(far[step : step + 1], others[step]) for step in others]
                step = int(np.argmin(odd))
                shortest = 0.5 * (self.gold_steps[step + 1] - self.gold_steps[step])
                beside = any(
                    one.state == step and (stretch.start == one.end or stretch.end == one.start) for one in stretches
                )
                limit = FAMILIAR if step in usual or not self._likest(stretch, step) else EXPECTED
                if odd[step] < limit and (beside or stretch.length >= shortest):
                    stretch = replace(stretch, state=step)
            named.append(stretch)
        return named

    def _united(self, stretches: list[Stretch]) -> list[Stretch]:
        """Reads two hurried steps beside each other as the one whose time they fill, where it fits almost as well."""
        lengths = np.diff(self.gold_steps)
        paces = [one.length / lengths[one.state] for one in stretches if one.state != UNKNOWN]
        usual = lengths * float(np.median(paces)) if paces else lengths
        kept = list(stretches)
        for at in range(len(kept) - 1, 0, -1):
            pair = kept[at - 1 : at + 1]
            if any(one.state == UNKNOWN or one.length > HURRIED * usual[one.state] for one in pair):
                continue
            whole = pair[0].length + pair[1].length
            fitting = [
                (self._mean_cost(other, own.state) / (self._mean_cost(other, other.state) + NOISE), own.state)
                for own, other in (pair, pair[::-1])
                if usual[own.state] / WHOLE <= whole <= WHOLE * usual[own.state]
            ]
            if fitting and min(fitting)[0] <= ALMOST:
                kept[at - 1 : at + 1] = [Stretch(min(fitting)[1], pair[0].start, pair[1].end)]
        return joined(kept)

    def _mean_cost(self, part: Stretch, step: int) -> float:
        return float(self.costs[part.start : part.end, step].mean())

    def _likest(self, stretch: Stretch, step: int) -> bool:
        """Says whether a stretch is plainly nearer to one step than to any other."""
        first, last = inner(stretch.start, stretch.end)
        costs = self.costs[first:last].mean(axis=0)
        return bool(costs[step] < LIKER * np.delete(costs, step).min(initial=np.inf))

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

    def _phase_completed(self, stretches: list[Stretch]) -> list[Stretch]:
        """Gives an unknown stretch to the step after or before it whose first or last phase is not seen elsewhere."""
        kept = list(stretches)
        for unknown in [stretch for stretch in stretches if stretch.state == UNKNOWN]:
            at = kept.index(unknown)
            costs = self.costs[unknown.start : unknown.end].mean(axis=0)
            for place, last in ((at + 1, False), (at - 1, True)):
                if not 0 <= place < len(kept) or kept[place].state == UNKNOWN:
                    continue
                other = kept[place]
                lacking = self.phases.lacks(other.state, other.start, other.end, last=last)
                if not lacking or costs[other.state] > LIKELIEST * costs.min():
                    continue
                kept[at] = Stretch(other.state, min(other.start, unknown.start), max(other.end, unknown.end))
                kept.remove(other)
                break
        return kept

    def _parted(self, stretch: Stretch, usual: dict[int, Floats]) -> list[Stretch]:
        """Splits off what a step has swallowed at one of its ends: a part that is strange where the other is not."""
        if stretch.state == UNKNOWN or stretch.length < LEAST_PART + LENGTHENED_LEAST:
            return [stretch]
        others = _usual_beside(usual, stretch.state)
        if others is None:
            return [stretch]
        best, contrast, strangest, least = [stretch], CONTRAST, STRANGE, MIN_EXTRA_WINDOWS
        if stretch.length > LENGTHENED * (self.gold_steps[stretch.state + 1] - self.gold_steps[stretch.state]):
            contrast, strangest, least = LENGTHENED_CONTRAST, LENGTHENED_STRANGE, LENGTHENED_LEAST
        for cut in self.cuts[(self.cuts >= stretch.start + LEAST_PART) & (self.cuts <= stretch.end - LEAST_PART)]:
            parts = [Stretch(stretch.state, stretch.start, int(cut)), Stretch(stretch.state, int(cut), stretch.end)]
            odd = [self._part_oddness(part, others) for part in parts]
            strange, own = (0, 1) if odd[0] > odd[1] else (1, 0)
            plain = odd[strange] > strangest and parts[strange].length >= least
            farther = self._fit(parts[strange]) > 1.5 * self._fit(parts[own]) + NOISE
            if plain and farther and odd[strange] > contrast * odd[own] and not self._phase_of(parts, strange):
                best, contrast = list(parts), odd[strange] / odd[own]
                best[strange] = replace(parts[strange], state=UNKNOWN)
        return best

    def _relieved(self, stretch: Stretch, usual: dict[int, Floats], read: Sequence[Stretch]) -> list[Stretch]:
        """Splits off a step that is missing elsewhere from one that lasts too long, if one end of it is the odder.

        One step done in another way is likelier than one left out and its neighbour drawn out by as much.
        """
        lengths, found = np.diff(self.gold_steps), {one.state for one in read}
        missing = [step for step in range(len(lengths)) if step not in found]
        others = _usual_beside(usual, stretch.state)
        if stretch.state == UNKNOWN or not missing or others is None:
            return [stretch]
        own, best, contrast = lengths[stretch.state], [stretch], RELIEVED_CONTRAST
        for cut in range(stretch.start + LEAST_PART, stretch.end - LEAST_PART + 1):
            parts = [Stretch(stretch.state, stretch.start, cut), Stretch(stretch.state, cut, stretch.end)]
            odd = [self._part_oddness(part, others) for part in parts]
            strange = 0 if odd[0] > odd[1] else 1
            fitting = _near(parts[1 - strange].length, own) and any(
                _near(parts[strange].length, lengths[step]) for step in missing
            )
            if fitting and odd[strange] > contrast * odd[1 - strange] and not self._phase_of(parts, strange):
                best, contrast = list(parts), odd[strange] / odd[1 - strange]
                best[strange] = replace(parts[strange], state=UNKNOWN)
        return best

    def _phase_of(self, parts: Sequence[Stretch], which: int) -> bool:
        """Says whether one of two parts of a stretch is a phase that the other lacks: who is slow is so in each."""
        own = parts[1 - which]
        near = self._fit(parts[which]) < self.phase_cost
        return near and self.phases.lacks(own.state, own.start, own.end, last=which == 1)

    def _part_oddness(self, part: Stretch, others: Floats | None) -> float:
        """Says how odd a part of a step is; one half of a step may be unlike the other in the gold, too."""
        far = self.measure.departure(part.start, part.end, part.state)[0]
        candidates = np.maximum(far - self.unevenness[part.state], 0.0)[None]
        own = self.phases.of(part.state)
        if len(own) > 1:
            candidates = np.vstack([candidates, self.by_phase.departure(part.start, part.end, own)])
        return self._odd(candidates, others)

    def _odd(self, departures: Floats, usual: Floats | None) -> float:
        """Says how odd the least odd of some departures is; without enough to compare with, it cannot be told."""
        return float("inf") if usual is None else float(oddnesses(departures, usual, self.measure.kinds).min())

    def _fit(self, part: Stretch) -> float:
        first, last = inner(part.start, part.end)
        return float(self.costs[first:last, part.state].mean())


def _near(length: int, usual: int) -> bool:
    return usual <= ALIKE_IN_LENGTH * length + 1 and length <= ALIKE_IN_LENGTH * usual + 1


def _usual_beside(usual: dict[int, Floats], step: int) -> Floats | None:
    """Gives the median departure of all steps but one, (kinds,); None of fewer than two."""
    others = [departure for other, departure in usual.items() if other != step]
    return np.median(others, axis=0) if len(others) > 1 else None
