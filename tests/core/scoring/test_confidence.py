"""How sure statements are, and what speaks against them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from reelops.core.scoring.comparison import compare
from reelops.core.scoring.confidence import LEAST, MOST, confidence_of
from reelops.core.scoring.decoding import Decoding, decode
from reelops.core.scoring.doubts import USUAL_DOUBT, doubts_of
from reelops.core.scoring.model import FaultType
from reelops.core.scoring.segments import segments_of


@pytest.mark.parametrize("kind", FaultType)
def test_plain_statements_are_surer_and_doubt_makes_them_less_so(kind: FaultType) -> None:
    chances = [confidence_of(kind, margin) for margin in (0.0, 0.5, 1.0)]
    assert chances == sorted(chances)
    assert LEAST <= chances[0] < chances[-1] <= MOST
    for reason in ("crowd", "blur", "mismatch"):
        assert confidence_of(kind, 0.5, replace(USUAL_DOUBT, **{reason: 1.0})) < chances[1]


def reading(*order: int, noise: float = 0.3) -> Decoding:
    print("seed", 9)
    rng = np.random.default_rng(9)
    themes = rng.normal(size=(9, 60))
    gold, trainee = (
        np.repeat(themes[list(steps)], 8, axis=0) + noise * rng.normal(size=(8 * len(steps), 60))
        for steps in (range(8), order)
    )
    return decode(gold.astype(np.float32), trainee.astype(np.float32), np.arange(0, 65, 8))


def test_statements_about_one_place_speak_against_each_other() -> None:
    apart, together = reading(0, 2, 3, 4, 6, 5, 7), reading(0, 1, 2, 3, 5, 4, 7)
    crowds = []
    for decoding in (apart, together):
        segments = segments_of(decoding)
        findings = compare(decoding, segments)
        assert {finding.type.value for finding in findings} == {"step_missing", "order_swap"}
        crowds.append([doubt.crowd for doubt in doubts_of(decoding, segments, findings)])
    assert max(crowds[0]) == 0.0
    assert min(crowds[1]) > 0.0


def test_takes_that_are_hard_to_tell_apart_are_doubted() -> None:
    clear, blurred = reading(1, 0, 2, 3, 4, 5, 6, 7), reading(1, 0, 2, 3, 4, 5, 6, 7, noise=1.2)
    doubts = []
    for decoding in (clear, blurred):
        segments = segments_of(decoding)
        doubts.append(doubts_of(decoding, segments, compare(decoding, segments))[0])
    assert doubts[1].blur > doubts[0].blur
    assert doubts[1].mismatch > doubts[0].mismatch
