"""Compares the steps that a trainee did with those of the gold: what is missing, moved, repeated, added, slow."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from reelops.core.scoring.decoding import PHASED_SHARE, Decoding
from reelops.core.scoring.model import FaultType
from reelops.core.scoring.norms import UNKNOWN_NORMS, Norms, Place, ReferenceReading
from reelops.core.scoring.ordering import displaced, exchanged, partner_of
from reelops.core.scoring.pacing import drawn_out, expected_windows, longest_windows, slow_ratio, taken_windows
from reelops.core.scoring.segments import Segment, main_segments
from reelops.core.scoring.strangeness import (
    FOREIGN_RATIO,
    PHASED_FOREIGN_RATIO,
    is_foreign,
    oddness,
    share_of,
    strangeness,
)
from reelops.core.scoring.stretches import MIN_EXTRA_WINDOWS
from reelops.core.scoring.viterbi import UNKNOWN

MIN_REPLACED_WINDOWS = 3
DEVIATING_RATIO = 3.2  # the strangeness from which on a step was done in another way
LEAST_DEVIATING_RATIO = 2.5  # however alike good takes are
SLOW_STRANGER = 1.6  # times as strange a step may be that takes too long: slow motion is another motion
MIN_STEPS_TO_JUDGE = 3  # with fewer there is no usual distance to compare with
REPLACED_RATIO = 1.5  # the same where a step is missing: two faults at one place are less likely than one
BRIEF_EXTRA_WINDOWS = 4  # may be an extra step, too, where it is
PLAINLY_UNKNOWN = 0.45  # of the way to another step, and steps have no phases
MISPLACED_RATIO = 3.5  # the same for a step that seems to be moved: one added and one left out are two faults
LEAST_STANDING = 0.5  # of the length of a step's segment: another may stand for it


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault in terms of windows and segments. `margin` is how clear it is: 0 is undecided, 1 is plain."""

    type: FaultType
    gold_step: int | None
    segment: int | None
    margin: float
    other_gold_step: int | None = None
    details: dict[str, float] = field(default_factory=dict)


def compare(decoding: Decoding, segments: list[Segment], norms: Norms = UNKNOWN_NORMS) -> list[Finding]:
    """Finds the faults in the order of the trainee's take, missing steps where they should have been.

    `norms` say what is usual among good takes; what would be said of those as well is not said.
    """
    main = standing(decoding, segments)
    return [
        finding
        for finding in _findings(decoding, segments, main, norms)
        if place_of(finding, main) not in norms.familiar
    ]


def standing(decoding: Decoding, segments: list[Segment]) -> dict[int, int]:
    """Says which segment stands for each step that was done: of those that may, the ones that leave fewest faults."""
    main = main_segments(segments, steps=len(decoding.gold_steps) - 1)
    others = [
        main | {segment.state: i}
        for i, segment in enumerate(segments)
        if segment.state != UNKNOWN
        and main[segment.state] != i
        and segment.length >= LEAST_STANDING * segments[main[segment.state]].length
    ]
    if others:
        main = min([main, *others], key=lambda each: len(_findings(decoding, segments, each, UNKNOWN_NORMS)))
    moved = _displaced(segments, main)
    limit = PHASED_FOREIGN_RATIO if decoding.phased else MISPLACED_RATIO
    strange = [step for step in moved if strangeness(decoding, segments, main, step=step, segment=main[step]) > limit]
    return {step: i for step, i in main.items() if step not in strange}


def _findings(decoding: Decoding, segments: list[Segment], main: dict[int, int], norms: Norms) -> list[Finding]:
    replaced = _replaced(decoding, segments, main)
    return [
        *_missing(decoding, main, replaced),
        *_swapped(segments, main),
        *_repeated(decoding, segments, main, replaced),
        *_extra(decoding, segments, main, replaced),
        *_slow(decoding, segments, main, norms),
        *_deviating(decoding, segments, main, replaced, norms),
    ]


def read_reference(decoding: Decoding, segments: list[Segment]) -> ReferenceReading:
    """Says how a take that is known to be good compares with the gold."""
    steps, main = range(len(decoding.gold_steps) - 1), standing(decoding, segments)
    return ReferenceReading(
        tuple(
            taken_windows(decoding, segments[main[step]]) / expected_windows(decoding, step) if step in main else None
            for step in steps
        ),
        tuple(
            strangeness(decoding, segments, main, step=step, segment=main[step]) if step in main else None
            for step in steps
        ),
        tuple(place_of(finding, main) for finding in compare(decoding, segments)),
    )


def place_of(finding: Finding, main: dict[int, int]) -> Place:
    """Says what a fault is and where: something extra comes after a step of the gold, or before all of them."""
    if finding.gold_step is not None or finding.segment is None:
        return finding.type.value, finding.gold_step, finding.other_gold_step
    before = [(i, step) for step, i in main.items() if i < finding.segment]
    return finding.type.value, None, max(before)[1] if before else None


def _replaced(decoding: Decoding, segments: list[Segment], main: dict[int, int]) -> dict[int, int]:
    """Pairs each missing step with a segment at its place that is like no step: it was done in another way."""
    order = {i: step for step, i in main.items()}
    lengths = np.diff(decoding.gold_steps)
    found: dict[int, int] = {}
    for i, segment in sorted(enumerate(segments), key=lambda item: item[1].state != UNKNOWN):
        foreign = i not in order and (
            segment.state == UNKNOWN or oddness(segments, main, step=segment.state, segment=i) > REPLACED_RATIO
        )
        if not foreign or segment.length < MIN_REPLACED_WINDOWS:
            continue
        before = max((order[j] for j in range(i) if j in order), default=-1)
        after = min((order[j] for j in range(i + 1, len(segments)) if j in order), default=len(lengths))
        between = [step for step in range(before + 1, after) if step not in main and step not in found]
        if between:
            found[min(between, key=lambda step: abs(np.log(lengths[step] / segment.length)))] = i
    return found


def _missing(decoding: Decoding, main: dict[int, int], replaced: dict[int, int]) -> list[Finding]:
    absent = [step for step in range(len(decoding.gold_steps) - 1) if step not in main and step not in replaced]
    found = []
    for step in absent:
        length = int(decoding.gold_steps[step + 1] - decoding.gold_steps[step])
        closest = np.sort(decoding.costs[:, step])[: max(1, length // 2)].mean()
        margin = share_of(float(closest), decoding)
        found.append(Finding(FaultType.STEP_MISSING, step, None, margin))
    return found


def _done(segments: list[Segment], main: dict[int, int]) -> list[int]:
    return [step for step, _ in sorted(main.items(), key=lambda item: segments[item[1]].start)]


def _displaced(segments: list[Segment], main: dict[int, int]) -> list[int]:
    return displaced(_done(segments, main), {step: segments[i].length for step, i in main.items()})


def _swapped(segments: list[Segment], main: dict[int, int]) -> list[Finding]:
    done, moved = _done(segments, main), _displaced(segments, main)
    partners = exchanged(done)
    found, seen = [], set[int]()
    for step in [*partners, *moved]:
        if step in seen:
            continue
        partner = partners.get(step, -1)
        if partner < 0:
            partner = partner_of(step, done, moved)
        seen.update((step, partner))
        first, second = sorted((step, partner))
        margin = min(1.0, min(segments[main[s]].length for s in (first, second)) / 4)
        found.append(Finding(FaultType.ORDER_SWAP, first, main[first], margin, other_gold_step=second))
    return found


def _repeated(
    decoding: Decoding, segments: list[Segment], main: dict[int, int], replaced: dict[int, int]
) -> list[Finding]:
    found = []
    for i, segment in enumerate(segments):
        if main.get(segment.state, i) == i or i in replaced.values() or is_foreign(decoding, segments, main, i):
            continue
        strange = strangeness(decoding, segments, main, step=segment.state, segment=i, again=True)
        if strange > FOREIGN_RATIO and segment.length < _least_extra(decoding, segment):
            continue
        odd = oddness(segments, main, step=segment.state, segment=i)
        margin = min(1.0, segment.length / segments[main[segment.state]].length) / max(1.0, odd)
        found.append(Finding(FaultType.STEP_REPEATED, segment.state, i, margin))
    return found


def _extra(
    decoding: Decoding, segments: list[Segment], main: dict[int, int], replaced: dict[int, int]
) -> list[Finding]:
    found = []
    for i, segment in enumerate(segments):
        if i in replaced.values() or i in main.values():
            continue
        if taken_windows(decoding, segment) < _least_extra(decoding, segment):
            continue
        if segment.state == UNKNOWN:
            found.append(Finding(FaultType.EXTRA_STEP, None, i, share_of(segment.fit, decoding)))
            continue
        if segment.state not in main or is_foreign(decoding, segments, main, i):
            strange = strangeness(decoding, segments, main, step=segment.state, segment=i, again=True)
            found.append(
                Finding(FaultType.EXTRA_STEP, None, i, float(np.clip(strange / FOREIGN_RATIO - 1.0, 0.0, 1.0)))
            )
    return found


def _least_extra(decoding: Decoding, segment: Segment) -> float:
    """Gives the windows from which on a stretch may be an extra step; where steps have phases, less may be a phase."""
    if decoding.phased:
        return max(MIN_EXTRA_WINDOWS, PHASED_SHARE * float(np.median(np.diff(decoding.gold_steps))))
    plain = segment.state == UNKNOWN and share_of(segment.fit, decoding) > PLAINLY_UNKNOWN
    return BRIEF_EXTRA_WINDOWS if plain else MIN_EXTRA_WINDOWS


def _slow(decoding: Decoding, segments: list[Segment], main: dict[int, int], norms: Norms) -> list[Finding]:
    found = []
    for step, i in sorted(main.items()):
        expected, taken = expected_windows(decoding, step), taken_windows(decoding, segments[i])
        if i == len(segments) - 1 and not drawn_out(decoding, segments, main):
            continue  # the take ends when the camera stops: work that lasted too long would have made it longer
        if taken > longest_windows(decoding, step, norms):
            ratio = taken / expected
            details = {"ratio": ratio, "excess_windows": float(taken - expected)}
            margin = min(1.0, (ratio - slow_ratio(step, norms)) / 0.5)
            found.append(Finding(FaultType.OVER_TIME, step, i, margin, details=details))
    return found


def oddest_ratio(step: int, norms: Norms) -> float:
    """Gives how strange a step may be (`strangeness`)."""
    return norms.oddest(step, DEVIATING_RATIO, least=LEAST_DEVIATING_RATIO)


def _deviating(
    decoding: Decoding, segments: list[Segment], main: dict[int, int], replaced: dict[int, int], norms: Norms
) -> list[Finding]:
    found = [
        Finding(FaultType.EXECUTION_DEVIATION, step, i, share_of(segments[i].fit, decoding))
        for step, i in replaced.items()
    ]
    if len(main) < MIN_STEPS_TO_JUDGE:
        return found
    for step, i in sorted(main.items()):
        odd = strangeness(decoding, segments, main, step=step, segment=i)
        limit = oddest_ratio(step, norms)
        if taken_windows(decoding, segments[i]) > longest_windows(decoding, step, norms):
            limit *= SLOW_STRANGER
        if odd > limit:
            margin = min(1.0, (odd - limit) / limit)
            found.append(Finding(FaultType.EXECUTION_DEVIATION, step, i, margin, details={"ratio": odd}))
    return found
