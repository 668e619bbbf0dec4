"""The default profile says what a trainer would say of a take."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from reelops import errors
from reelops.core.scoring import reelops_v1
from reelops.core.scoring.alignment import align
from reelops.core.scoring.boundaries import find_boundaries
from reelops.core.scoring.model import FaultType, ScoreResult
from reelops.core.scoring.reading import read_takes, scope_of
from reelops.core.scoring.result import Take
from reelops.core.scoring.windows import Layout

from tests.benchmarks.scoring import scoring
from tests.benchmarks.scoring.procedures import Fault, Script, gold, procedure, take
from tests.benchmarks.scoring.rendering import Conditions, clips
from tests.benchmarks.scoring.scoring import Embedded

SEED = 9
PLAIN = Conditions()


@cache
def filmed(script: Script, conditions: Conditions = PLAIN) -> Embedded:
    return scoring.embedded(*clips(script, conditions, scoring.features.GEOMETRY))


def score(script: Script, conditions: Conditions = PLAIN) -> ScoreResult:
    print("seed", SEED)
    return scoring.score("reelops-v1", filmed(gold(procedure(SEED))), filmed(script, conditions))


def the_fault(script: Script) -> Fault:
    (fault,) = script.faults
    return fault


def plain(rows: np.ndarray, other: np.ndarray, steps_sec: tuple[float, ...] | None = None) -> ScoreResult:
    """Scores embeddings of an embedder with one window per clip."""
    times = [tuple((4.0 * i, 4.0 * i + 4.0) for i in range(len(r))) for r in (rows, other)]
    scope = scope_of(times[0], times[1], windows=1, steps_sec=steps_sec)
    decoding = read_takes(rows, other, scope=scope, layout=Layout())
    takes = [Take(t, find_boundaries(r)) for t, r in zip(times, (rows, other), strict=True)]
    return reelops_v1.score(
        takes[0], takes[1], align(rows, other), decoding, layout=Layout(), embedding_model="other:1"
    )


def test_a_video_against_itself_is_100() -> None:
    result = score(gold(procedure(SEED)))
    assert result.score == 100
    assert result.deviations == ()
    assert [span.gold_step for span in result.steps.trainee] == list(range(len(procedure(SEED).steps)))


@pytest.mark.parametrize("kind", ["static", "noise", "repetitive", "drifting", "two clips", "one clip"])
def test_any_footage_against_itself_is_100(kind: str) -> None:
    rng = np.random.default_rng(4)
    step = np.repeat(rng.normal(size=(2, 24)), 6, axis=0)
    rows = {
        "static": np.ones((20, 24)),
        "noise": rng.normal(size=(40, 24)),
        "repetitive": np.concatenate([step] * 4),
        "drifting": np.cumsum(rng.normal(size=(60, 24)), axis=0),
        "two clips": rng.normal(size=(2, 24)),
        "one clip": rng.normal(size=(1, 24)),
    }[kind].astype(np.float32)
    assert plain(rows, rows).score == 100


@pytest.mark.parametrize(
    "conditions",
    [
        Conditions(gain=0.65, noise=5.0),
        Conditions(gain=1.4, gamma=0.85),
        Conditions(cast=(1.15, 1.0, 0.87)),
        Conditions(shift=(0.03, -0.03), zoom=1.05),
        Conditions(scale=0.6, jpeg=40, fps=15.0),
    ],
    ids=["dark", "bright", "colour cast", "framing", "codec and rate"],
)
def test_the_same_work_filmed_otherwise_passes(conditions: Conditions) -> None:
    assert score(take(procedure(SEED), (), seed=1), conditions).score >= 90


@pytest.mark.parametrize("speed", [0.8, 1.25])
def test_the_same_work_at_another_pace_passes(speed: float) -> None:
    assert score(take(procedure(SEED), (), seed=2, speed=speed)).score >= 90


def test_a_missing_step_is_named_with_its_time_in_the_gold() -> None:
    script = take(procedure(SEED), ("step_missing",), seed=3)
    result = score(script)
    (deviation,) = result.deviations
    act = gold(procedure(SEED)).acts[the_fault(script).gold_steps[0]]
    assert deviation.type is FaultType.STEP_MISSING
    assert deviation.gold_time.start_sec == pytest.approx(act.start_sec, abs=2)
    assert deviation.trainee_time.start_sec is None
    assert result.metrics.miss == 1


def test_swapped_steps_are_both_named() -> None:
    script = take(procedure(SEED), ("order_swap",), seed=4)
    (deviation,) = score(script).deviations
    assert deviation.type is FaultType.ORDER_SWAP
    assert (deviation.gold_step, deviation.other_gold_step) == the_fault(script).gold_steps


@pytest.mark.parametrize("kind", ["step_repeated", "extra_step", "over_time"])
def test_other_faults_are_named_with_their_time_in_the_trainees_video(kind: str) -> None:
    script = take(procedure(SEED), (kind,), seed=5)
    result = score(script)
    (deviation,) = result.deviations
    fault = the_fault(script)
    assert deviation.type == kind
    assert deviation.trainee_time.start_sec == pytest.approx(fault.start_sec, abs=2)
    assert deviation.trainee_time.end_sec == pytest.approx(fault.end_sec, abs=3)


def test_every_point_lost_is_accounted_for() -> None:
    result = score(take(procedure(SEED), ("order_swap", "over_time"), seed=6))
    assert result.score == pytest.approx(100 - sum(penalty.points for penalty in result.penalties))
    assert [result.deviations[p.deviation].type for p in result.penalties if p.deviation is not None] == [
        penalty.name for penalty in result.penalties
    ]


def test_confidence_is_a_probability_and_results_survive_being_stored() -> None:
    result = score(take(procedure(SEED), ("step_missing", "over_time"), seed=7))
    assert all(0 < deviation.confidence < 1 for deviation in result.deviations)
    assert ScoreResult.from_dict(result.to_dict()).to_dict() == result.to_dict()


def test_steps_set_by_an_operator_are_used() -> None:
    rng = np.random.default_rng(8)
    rows = np.repeat(rng.normal(size=(3, 16)), 5, axis=0).astype(np.float32)
    result = plain(rows, rows, steps_sec=(0.0, 20.0, 32.0))
    assert [span.start_sec for span in result.steps.gold] == [0.0, 20.0, 32.0]


def test_a_video_of_more_than_2000_clips_is_refused() -> None:
    with pytest.raises(errors.Invalid) as caught:
        reelops_v1.check_lengths(gold=4, trainee=2001)
    assert caught.value.code == "VIDEO_TOO_LONG"


def test_who_is_slow_at_fetching_too_is_slow_and_adds_nothing() -> None:
    assembly = procedure(1006)
    script = take(assembly, ("over_time",), seed=5)
    (deviation,) = scoring.score("reelops-v1", filmed(gold(assembly)), filmed(script)).deviations
    assert (deviation.type, (deviation.gold_step,)) == (FaultType.OVER_TIME, the_fault(script).gold_steps)


def test_an_extra_step_that_looks_like_a_step_is_not_that_step_again() -> None:
    plan = procedure(10)
    script = take(plan, ("extra_step",), seed=5)
    (deviation,) = scoring.score("reelops-v1", filmed(gold(plan)), filmed(script)).deviations
    assert deviation.type is FaultType.EXTRA_STEP
    assert deviation.trainee_time.start_sec == pytest.approx(the_fault(script).start_sec, abs=2)
