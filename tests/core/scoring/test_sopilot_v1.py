"""The formula profile gives the figures of its formula page."""

from __future__ import annotations

import random

import numpy as np
import pytest
from reelops import errors
from reelops.core.scoring import sopilot_v1
from reelops.core.scoring.alignment import Alignment, align
from reelops.core.scoring.boundaries import find_boundaries
from reelops.core.scoring.model import FaultType, ScoreResult
from reelops.core.scoring.result import Take

from tests.core.scoring import plain_formula


def take(rows: np.ndarray) -> Take:
    times = tuple((4.0 * i, 4.0 * i + 4.0) for i in range(len(rows)))
    return Take(times, find_boundaries(rows))


def score(gold: np.ndarray, trainee: np.ndarray) -> ScoreResult:
    return sopilot_v1.score(take(gold), take(trainee), align(gold, trainee), embedding_model="motion-appearance:1")


def steps(*which: int, clips: int = 3, dimensions: int = 6) -> np.ndarray:
    return np.repeat(np.eye(dimensions)[list(which)], clips, axis=0)


@pytest.mark.parametrize("seed", range(12))
def test_every_figure_equals_a_plain_reading_of_the_formula(seed: int) -> None:
    print("seed", seed)
    rng = np.random.default_rng(seed)
    rows = np.repeat(rng.normal(size=(4, 8)), rng.integers(1, 5, 4), axis=0)
    gold = rows + 0.1 * rng.normal(size=rows.shape)
    gold = np.concatenate([gold, gold[:2]]) if len(gold) < 4 else gold
    trainee = gold[np.sort(rng.integers(0, len(gold), int(rng.integers(4, 14))))]
    trainee = trainee + float(rng.uniform(0, 0.3)) * rng.normal(size=trainee.shape)
    expected = plain_formula.score(gold.tolist(), trainee.tolist())
    result = score(gold, trainee)
    figures = {**result.metrics.to_dict(), "score": result.score}
    for name, value in expected.items():
        assert figures[name] == pytest.approx(value, abs=2e-6), name
    assert list(result.step_boundaries.gold) == plain_formula.boundaries(gold.tolist())


def test_two_equal_takes_of_distinct_clips_score_100() -> None:
    rows = np.eye(8)
    result = score(rows, rows)
    assert result.score == pytest.approx(100.0)
    assert result.penalties == ()
    assert result.deviations == ()


def test_a_worked_example() -> None:
    # Six distinct gold clips; the trainee does the first five and then stops. The last gold clip pairs with the
    # trainee's last at similarity 0: 1 of 6 pairs is low, its best similarity is 0 and its best clip the first.
    gold, trainee = np.eye(6), np.eye(6)[:5]
    metrics = score(gold, trainee).metrics
    assert metrics.deviation == pytest.approx(1 / 6)
    assert metrics.confidence_loss == pytest.approx(1 / 6)
    assert metrics.local_similarity_gap == pytest.approx(1.0)
    assert metrics.order_violation_ratio == pytest.approx(1 / 5)
    assert metrics.duplicate_ratio == pytest.approx(1 / 6)
    assert metrics.over_time == 0
    assert metrics.path_stretch == 0
    assert metrics.effective_low_similarity_threshold == pytest.approx(0.99)


def test_a_step_without_a_similar_clip_is_missing_with_its_gold_time() -> None:
    result = score(steps(0, 1, 2), steps(0, 2))
    missing = [d for d in result.deviations if d.type is FaultType.STEP_MISSING]
    assert [d.gold_step for d in missing] == [1]
    assert missing[0].gold_time.to_dict() == {"start_sec": 12.0, "end_sec": 24.0}
    assert missing[0].trainee_time.to_dict() == {"start_sec": None, "end_sec": None}
    assert missing[0].confidence == pytest.approx(1.0)


def test_steps_aligned_backwards_are_swapped() -> None:
    rows = steps(0, 1, clips=3)
    backwards = np.array([(i, (i + 3) % 6) for i in range(6)])
    similar = Alignment(backwards, np.ones(6), 0.0, backwards[:, 1], np.ones(6), backwards[:, 1], np.ones(6))
    result = sopilot_v1.score(take(rows), take(rows), similar, embedding_model="m:1")
    swapped = [d for d in result.deviations if d.type is FaultType.ORDER_SWAP]
    assert [(d.gold_step, d.other_gold_step) for d in swapped] == [(1, 0)]
    assert result.metrics.swap == 1


def test_the_score_is_100_less_the_penalties() -> None:
    rng = np.random.default_rng(5)
    gold = rng.normal(size=(12, 8))
    result = score(gold, gold + 0.02 * rng.normal(size=gold.shape))
    assert result.score == pytest.approx(100 - sum(p.points for p in result.penalties))
    assert 0 < result.score < 100


@pytest.mark.parametrize(("gold", "trainee", "which"), [(3, 9, "gold"), (9, 3, "trainee")])
def test_fewer_than_four_clips_are_refused(gold: int, trainee: int, which: str) -> None:
    rows = np.eye(9)
    with pytest.raises(errors.Invalid, match=f"{which} video has 3 clips") as caught:
        score(rows[:gold], rows[:trainee])
    assert caught.value.code == "VIDEO_TOO_SHORT"


def test_more_than_2000_clips_are_refused() -> None:
    with pytest.raises(errors.Invalid) as caught:
        sopilot_v1.check_length("gold", 2001)
    assert caught.value.code == "VIDEO_TOO_LONG"


def test_previews_keep_their_documented_sizes_and_cover_the_whole() -> None:
    rng = random.Random(3)
    rows = np.array([[rng.gauss(0, 1) for _ in range(5)] for _ in range(450)])
    plain = score(rows, rows).to_dict()
    assert len(plain["alignment_preview"]) == 300
    assert plain["alignment_preview"][-1]["gold_clip"] == 449
    assert len(plain["step_map_preview"]["gold"]) == 100
    assert plain["clip_count"] == {"gold": 450, "trainee": 450}


def test_a_result_survives_being_stored() -> None:
    rng = np.random.default_rng(1)
    gold = rng.normal(size=(14, 6))
    stored = score(gold, gold[2:] + rng.normal(size=(12, 6))).to_dict()
    assert ScoreResult.from_dict(stored).to_dict() == stored
