"""Puts the steps that an operator named into a result: their names, expected times and which of them are critical."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reelops.core.scoring.confidence import confidence_of
from reelops.core.scoring.limits import Calibration, StepLimits
from reelops.core.scoring.model import BothVideos, Deviation, FaultType, Penalty, ScoreResult, StepSpan, TimeRange
from reelops.core.scoring.reelops_v1 import POINTS
from reelops.core.scoring.result import PERFECT
from reelops.core.scoring.steps.model import Step, Stretch

CRITICAL_WEIGHT = 2.0
CRITICAL_FAULTS = frozenset({FaultType.STEP_MISSING, FaultType.EXECUTION_DEVIATION})
SLOWEST_PACE = 1.25  # times the expected seconds that still pass
PRECISION_SEC = 2.0  # of a stretch's length: a window at either end

Fault = tuple[Deviation, Penalty | None]


def weigh(result: ScoreResult, steps: Sequence[Step], parts: Sequence[Stretch]) -> ScoreResult:
    """Rewrites a result whose gold steps are `parts` of the video (see `stretches`) in terms of `steps`.

    Step numbers become positions in `steps`; faults of pauses go, as nobody asked for them; a step with expected
    seconds is slow against those; a critical step that is missing or done another way costs twice the points.
    """
    step_of = [_step_at(span, parts) for span in result.steps.gold]
    trainee, position = _trainee_spans(result.steps.trainee, step_of, steps)
    charged = {penalty.deviation: penalty for penalty in result.penalties if penalty.deviation is not None}
    faults: list[Fault] = []
    for index, deviation in enumerate(result.deviations):
        read = _renumbered(deviation, result.steps.trainee, step_of, position)
        if read is not None and not _is_timed(read, steps):
            named = _named(read, steps)
            faults.append((named, _recharged(charged.get(index), deviation, named, steps)))
    faults += _slow(trainee, steps, parts)
    kinds = [deviation.type for deviation, _ in faults]
    penalties = (
        *(penalty for penalty in result.penalties if penalty.deviation is None),
        *(replace(penalty, deviation=index) for index, (_, penalty) in enumerate(faults) if penalty is not None),
    )
    return replace(
        result,
        score=max(0.0, min(PERFECT, PERFECT - sum(penalty.points for penalty in penalties))),
        metrics=replace(
            result.metrics, miss=kinds.count(FaultType.STEP_MISSING), swap=kinds.count(FaultType.ORDER_SWAP)
        ),
        penalties=penalties,
        deviations=tuple(deviation for deviation, _ in faults),
        steps=BothVideos(
            tuple(StepSpan(step.start_sec, step.end_sec, number, step.name) for number, step in enumerate(steps)),
            trainee,
        ),
        calibration=_limits(result.calibration, step_of, steps, parts),
    )


def _limits(
    calibration: Calibration | None, step_of: Sequence[int | None], steps: Sequence[Step], parts: Sequence[Stretch]
) -> Calibration | None:
    """Gives the limits of the named steps; one that has expected seconds is timed by these."""
    if calibration is None:
        return None
    limits: list[StepLimits] = []
    for one in calibration.steps:
        step = step_of[one.gold_step]
        if step is not None:
            asked = steps[step].expected_sec
            longest = one.longest_sec if asked is None else _longest(_expected(asked, step, steps[step], parts))
            limits.append(replace(one, gold_step=step, longest_sec=longest))
    return replace(calibration, steps=tuple(limits))


def _step_at(span: StepSpan, parts: Sequence[Stretch]) -> int | None:
    """Finds the part that a stretch of the gold video shares most time with."""
    shared = [min(span.end_sec, part.end_sec) - max(span.start_sec, part.start_sec) for part in parts]
    return parts[shared.index(max(shared))].step


def _trainee_spans(
    spans: Sequence[StepSpan], step_of: Sequence[int | None], steps: Sequence[Step]
) -> tuple[tuple[StepSpan, ...], dict[int, int]]:
    """Gives the trainee's stretches without pauses, and where each of the old ones is now."""
    kept: list[StepSpan] = []
    position: dict[int, int] = {}
    for index, span in enumerate(spans):
        step = None if span.gold_step is None else step_of[span.gold_step]
        if span.gold_step is not None and step is None:
            continue
        position[index] = len(kept)
        kept.append(replace(span, gold_step=step, name=None if step is None else steps[step].name))
    return tuple(kept), position


def _renumbered(
    deviation: Deviation, spans: Sequence[StepSpan], step_of: Sequence[int | None], position: dict[int, int]
) -> Deviation | None:
    """Gives a fault in terms of the named steps; none where it concerns a pause."""
    at = deviation.trainee_step
    step = None if deviation.gold_step is None else step_of[deviation.gold_step]
    other = None if deviation.other_gold_step is None else step_of[deviation.other_gold_step]
    moved = replace(
        deviation, gold_step=step, other_gold_step=other, trainee_step=None if at is None else position.get(at)
    )
    if deviation.other_gold_step is not None and other is None:
        return None
    if deviation.gold_step is None or step is not None:
        return moved
    if deviation.type is FaultType.EXECUTION_DEVIATION and at is not None and spans[at].gold_step is None:
        # Something unknown in the place of a pause is something more, not a pause done in another way.
        return replace(moved, type=FaultType.EXTRA_STEP, gold_time=TimeRange(), details={})
    return None


def _is_timed(deviation: Deviation, steps: Sequence[Step]) -> bool:
    """Says whether this is a slow step that is judged by its expected seconds instead."""
    step = deviation.gold_step
    return deviation.type is FaultType.OVER_TIME and step is not None and steps[step].expected_sec is not None


def _named(deviation: Deviation, steps: Sequence[Step]) -> Deviation:
    step = None if deviation.gold_step is None else steps[deviation.gold_step]
    other = None if deviation.other_gold_step is None else steps[deviation.other_gold_step]
    named = replace(
        deviation,
        gold_time=deviation.gold_time if step is None else TimeRange(step.start_sec, step.end_sec),
        gold_step_name=None if step is None else step.name,
        other_gold_step_name=None if other is None else other.name,
    )
    return replace(named, reason=_reason(named))


def _reason(deviation: Deviation) -> str:
    name = f"\N{LEFT DOUBLE QUOTATION MARK}{deviation.gold_step_name}\N{RIGHT DOUBLE QUOTATION MARK}"
    other = f"\N{LEFT DOUBLE QUOTATION MARK}{deviation.other_gold_step_name}\N{RIGHT DOUBLE QUOTATION MARK}"
    match deviation.type:
        case FaultType.STEP_MISSING:
            return f"{name} was not found in the trainee's video"
        case FaultType.ORDER_SWAP:
            return f"{name} and {other} were done in the other order"
        case FaultType.STEP_REPEATED:
            return f"{name} was done again"
        case FaultType.EXTRA_STEP:
            return "this is none of the gold video's steps"
        case FaultType.OVER_TIME:
            return (
                f"{name} took {_length(deviation.trainee_time):.1f} s instead of {_length(deviation.gold_time):.1f} s"
            )
        case FaultType.EXECUTION_DEVIATION:
            return f"{name} was done in another way"


def _length(time: TimeRange) -> float:
    return (time.end_sec or 0.0) - (time.start_sec or 0.0)


def _recharged(penalty: Penalty | None, before: Deviation, now: Deviation, steps: Sequence[Step]) -> Penalty | None:
    """Gives the points that a fault costs now that its step is known."""
    if penalty is None:
        return None
    if now.type is not before.type:
        return charge(now)
    weight = 1.0
    if now.gold_step is not None and steps[now.gold_step].critical and now.type in CRITICAL_FAULTS:
        weight = CRITICAL_WEIGHT
    why = penalty.reason.removeprefix(before.reason) if penalty.reason.startswith(before.reason) else ""
    doubled = f" x {weight:g}, as the step is critical" if weight != 1.0 else ""
    return replace(penalty, points=round(penalty.points * weight, 1), reason=f"{now.reason}{why}{doubled}")


def charge(deviation: Deviation) -> Penalty:
    """Gives the points that a fault costs which the reading of the take itself did not charge."""
    points = POINTS[deviation.type]
    reason = f"{deviation.reason} ({points:g} points x confidence {deviation.confidence:.2f})"
    return Penalty(deviation.type.value, round(points * deviation.confidence, 1), reason)


def _slow(trainee: Sequence[StepSpan], steps: Sequence[Step], parts: Sequence[Stretch]) -> list[Fault]:
    """Finds the steps that took longer than they were expected to."""
    faults: list[Fault] = []
    for number, step in enumerate(steps):
        done = [index for index, span in enumerate(trainee) if span.gold_step == number]
        asked = step.expected_sec
        if asked is None or not done:
            continue
        longest = max(done, key=lambda index: trainee[index].end_sec - trainee[index].start_sec)
        span = TimeRange(trainee[longest].start_sec, trainee[longest].end_sec)
        taken = _length(span)
        expected = _expected(asked, number, step, parts)
        over = taken - _longest(expected)
        if over > 0:
            fault = Deviation(
                type=FaultType.OVER_TIME,
                gold_step=number,
                gold_time=TimeRange(step.start_sec, step.end_sec),
                trainee_time=span,
                confidence=confidence_of(FaultType.OVER_TIME, min(1.0, over / PRECISION_SEC)),
                reason=f"\N{LEFT DOUBLE QUOTATION MARK}{step.name}\N{RIGHT DOUBLE QUOTATION MARK} took {taken:.1f} s; "
                f"{asked:.1f} s were expected",
                trainee_step=longest,
                details={
                    "ratio": taken / expected,
                    "excess_sec": taken - expected,
                    "expected_sec": asked,
                },
                gold_step_name=step.name,
            )
            faults.append((fault, charge(fault)))
    return faults


def _expected(asked: float, number: int, step: Step, parts: Sequence[Stretch]) -> float:
    """Adds the short pause that was read as a part of a step to the seconds that it should take."""
    part = next(part for part in parts if part.step == number)
    return asked + (part.end_sec - part.start_sec) - (step.end_sec - step.start_sec)


def _longest(expected: float) -> float:
    return max(SLOWEST_PACE * expected, expected + PRECISION_SEC)
