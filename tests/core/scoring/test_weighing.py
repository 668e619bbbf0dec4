"""A result in terms of the steps that an operator named: names, pauses, expected times, what is critical."""

from __future__ import annotations

from dataclasses import replace

import pytest
from reelops.core.scoring.model import BothVideos, Deviation, FaultType, Penalty, ScoreResult, StepSpan, TimeRange
from reelops.core.scoring.steps.model import Step, stretches
from reelops.core.scoring.weighing import weigh

from tests.core.scoring.report_samples import LENGTH, scored

# The gold video begins with a pause of 4 s and has another one from 40 to 60 s.
STEPS = (Step("Fit", 4.0, 20.0), Step("Drill", 20.0, 40.0), Step("Wipe", 60.0, LENGTH))
PARTS = stretches(STEPS, duration_sec=LENGTH)
GOLD = tuple(StepSpan(part.start_sec, part.end_sec, number) for number, part in enumerate(PARTS))
START, FIT, DRILL, PAUSE, WIPE = range(5)


def fault(kind: FaultType, step: int | None, at: int | None = None, **more: object) -> Deviation:
    time = TimeRange() if at is None else TimeRange(10.0 * at, 10.0 * at + 10.0)
    gold = TimeRange() if step is None else TimeRange(GOLD[step].start_sec, GOLD[step].end_sec)
    given = {"confidence": 0.9, "reason": f"step {step}", "trainee_step": at, **more}
    return Deviation(kind, step, gold, time, **given)  # type: ignore[arg-type]


def result(*faults: Deviation, done: tuple[int | None, ...] = (START, FIT, DRILL, PAUSE, WIPE)) -> ScoreResult:
    """A take of stretches of ten seconds each, `done`, with these faults at ten points each."""
    trainee = tuple(StepSpan(10.0 * n, 10.0 * n + 10.0, step) for n, step in enumerate(done))
    penalties = tuple(Penalty(f.type.value, 10.0, f"{f.reason} (why)", n) for n, f in enumerate(faults))
    return scored(deviations=faults, penalties=penalties, steps=BothVideos(GOLD, trainee))


def test_steps_have_their_names_and_pauses_are_gone() -> None:
    found = weigh(result(), STEPS, PARTS)
    assert [(s.name, s.start_sec, s.end_sec) for s in found.steps.gold] == [
        (s.name, s.start_sec, s.end_sec) for s in STEPS
    ]
    assert [(span.name, span.gold_step) for span in found.steps.trainee] == [("Fit", 0), ("Drill", 1), ("Wipe", 2)]
    assert found.score == 100


def test_a_fault_says_the_name_and_lies_where_the_step_was_set() -> None:
    found = weigh(result(fault(FaultType.STEP_REPEATED, DRILL, 2)), STEPS, PARTS)
    (repeated,) = found.deviations
    assert (repeated.gold_step, repeated.gold_step_name, repeated.gold_time) == (1, "Drill", TimeRange(20.0, 40.0))
    assert found.steps.trainee[repeated.trainee_step or 0].gold_step == 1
    assert "Drill" in repeated.reason
    (penalty,) = found.penalties
    assert (penalty.points, penalty.reason, penalty.deviation) == (10.0, f"{repeated.reason} (why)", 0)


def test_exchanged_steps_are_both_named() -> None:
    (swap,) = weigh(result(fault(FaultType.ORDER_SWAP, FIT, 1, other_gold_step=DRILL)), STEPS, PARTS).deviations
    assert (swap.gold_step, swap.other_gold_step) == (0, 1)
    assert (swap.gold_step_name, swap.other_gold_step_name) == ("Fit", "Drill")


@pytest.mark.parametrize(
    "about_a_pause",
    [
        fault(FaultType.STEP_MISSING, PAUSE),
        fault(FaultType.STEP_REPEATED, PAUSE, 3),
        fault(FaultType.OVER_TIME, START, 0),
        fault(FaultType.EXECUTION_DEVIATION, PAUSE, 3),
        fault(FaultType.ORDER_SWAP, DRILL, 2, other_gold_step=PAUSE),
    ],
)
def test_nobody_is_blamed_for_a_pause(about_a_pause: Deviation) -> None:
    missing = fault(FaultType.STEP_MISSING, WIPE)
    found = weigh(result(about_a_pause, missing), STEPS, PARTS)
    assert [deviation.type for deviation in found.deviations] == [FaultType.STEP_MISSING]
    assert [penalty.deviation for penalty in found.penalties] == [0]
    assert (found.score, found.metrics.miss, found.metrics.swap) == (90.0, 1, 0)


def test_something_unknown_in_the_place_of_a_pause_is_something_more() -> None:
    instead = fault(FaultType.EXECUTION_DEVIATION, PAUSE, 3)
    found = weigh(result(instead, done=(START, FIT, DRILL, None, WIPE)), STEPS, PARTS)
    (extra,) = found.deviations
    assert (extra.type, extra.gold_step, extra.gold_time) == (FaultType.EXTRA_STEP, None, TimeRange())
    assert found.steps.trainee[extra.trainee_step or 0].gold_step is None
    assert found.penalties[0].name == "extra_step"


@pytest.mark.parametrize(
    ("kind", "points"),
    [
        (FaultType.STEP_MISSING, 20.0),
        (FaultType.EXECUTION_DEVIATION, 20.0),
        (FaultType.STEP_REPEATED, 10.0),
        (FaultType.OVER_TIME, 10.0),
    ],
)
def test_a_critical_step_left_out_or_done_otherwise_costs_twice(kind: FaultType, points: float) -> None:
    steps = (STEPS[0], replace(STEPS[1], critical=True), STEPS[2])
    found = weigh(result(fault(kind, DRILL, 2), fault(kind, FIT, 1)), steps, PARTS)
    assert [penalty.points for penalty in found.penalties] == [points, 10.0]
    assert ("critical" in found.penalties[0].reason) == (points == 20.0)
    assert found.score == 90.0 - points


def test_a_step_is_slow_against_the_seconds_that_were_expected() -> None:
    steps = (replace(STEPS[0], expected_sec=5.0), replace(STEPS[1], expected_sec=9.0), STEPS[2])
    by_the_gold_video = fault(FaultType.OVER_TIME, DRILL, 2)
    found = weigh(result(by_the_gold_video), steps, PARTS)
    (slow,) = found.deviations
    assert (slow.type, slow.gold_step_name, slow.trainee_time) == (FaultType.OVER_TIME, "Fit", TimeRange(10.0, 20.0))
    assert slow.details == {"ratio": 2.0, "excess_sec": 5.0, "expected_sec": 5.0}
    assert "took 10.0 s; 5.0 s were expected" in slow.reason
    assert found.score == pytest.approx(100 - found.penalties[0].points)
    assert found.penalties[0].deviation == 0


def test_a_short_pause_that_was_read_with_the_step_is_granted() -> None:
    steps = (Step("Fit", 0.0, 7.0, expected_sec=6.5), Step("Drill", 8.5, LENGTH))
    parts = stretches(steps, duration_sec=LENGTH)
    gold = tuple(StepSpan(part.start_sec, part.end_sec, n) for n, part in enumerate(parts))
    take = scored(steps=BothVideos(gold, (StepSpan(0.0, 9.9, 0), StepSpan(9.9, 100.0, 1))))
    assert weigh(take, steps, parts).deviations == ()
    later = replace(take, steps=BothVideos(gold, (StepSpan(0.0, 10.5, 0), StepSpan(10.5, 100.0, 1))))
    assert [deviation.type for deviation in weigh(later, steps, parts).deviations] == [FaultType.OVER_TIME]


def test_a_result_with_names_reads_as_it_was_written() -> None:
    found = weigh(result(fault(FaultType.ORDER_SWAP, FIT, 1, other_gold_step=DRILL)), STEPS, PARTS)
    assert ScoreResult.from_dict(found.to_dict()) == found


def test_a_result_of_before_there_were_names_still_reads() -> None:
    plain = result(fault(FaultType.STEP_MISSING, WIPE)).to_dict()
    for deviation in plain["deviations"]:
        for key in ("gold_step_name", "other_gold_step_name", "trainee_step", "other_gold_step", "details"):
            del deviation[key]
    for span in (*plain["steps"]["gold"], *plain["steps"]["trainee"]):
        del span["name"]
    (deviation,) = ScoreResult.from_dict(plain).deviations
    assert deviation.gold_step_name is None
