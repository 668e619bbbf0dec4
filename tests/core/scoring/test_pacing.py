"""How long a last step took, where the camera stops and where ingest drops what is too short for a clip."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from reelops.core.scoring.comparison import Finding, compare
from reelops.core.scoring.decoding import decode
from reelops.core.scoring.pacing import expected_windows
from reelops.core.scoring.segments import segments_of
from reelops.core.scoring.windows import lost_windows

STEPS, LENGTH = 5, 8
LAST = STEPS - 1


def said(lengths: dict[int, int], *, lost: tuple[float, float] = (0.0, 0.0), seed: int = 0) -> list[Finding]:
    """Says what is found in a take of these steps, each as many windows long, beside a gold of 5 steps of 8 windows."""
    print("seed", seed)
    rng = np.random.default_rng(seed)
    themes = rng.normal(size=(STEPS, 60))

    def take(steps: dict[int, int]) -> np.ndarray:
        windows = np.repeat(themes[list(steps)], list(steps.values()), axis=0)
        return (windows + 0.3 * rng.normal(size=windows.shape)).astype(np.float32)

    gold = take(dict.fromkeys(range(STEPS), LENGTH))
    decoding = replace(decode(gold, take(lengths), np.arange(STEPS + 1) * LENGTH), lost=lost)
    return compare(decoding, segments_of(decoding))


def slow(findings: list[Finding]) -> dict[int | None, float]:
    return {found.gold_step: found.details["ratio"] for found in findings if found.type == "over_time"}


@pytest.mark.parametrize("seed", range(3))
def test_a_last_step_that_lasts_too_long_is_said_beside_a_missing_one(seed: int) -> None:
    findings = said({0: 8, 2: 8, 3: 8, LAST: 15}, seed=seed)
    assert [found.type for found in findings] == ["step_missing", "over_time"]
    assert slow(findings) == {LAST: pytest.approx(15 / 8)}


def test_a_take_that_is_cut_to_the_length_of_the_gold_may_end_with_anything() -> None:
    assert [found.type for found in said({0: 8, 2: 8, 3: 8, LAST: 16})] == ["step_missing"]


def test_what_ingest_dropped_of_the_golds_last_step_is_no_fault_of_the_trainees() -> None:
    steps = {0: 8, 1: 8, 2: 8, 3: 8, LAST: 14}
    assert slow(said(steps)) == {LAST: pytest.approx(14 / 8)}
    assert slow(said(steps, lost=(2.0, 0.0))) == {}


def test_what_ingest_dropped_of_the_trainees_last_step_counts() -> None:
    steps = {0: 8, 1: 8, 2: 8, 3: 8, LAST: 12}
    assert slow(said(steps)) == {}
    assert slow(said(steps, lost=(0.0, 2.0))) == {LAST: pytest.approx(14 / 8)}


def test_where_nothing_is_known_of_the_end_the_golds_last_step_may_have_been_longer() -> None:
    windows = np.eye(16, dtype=np.float32)
    decoding = decode(windows, windows, np.array([0, 8, 16]))
    assert [expected_windows(decoding, step) for step in (0, 1)] == [8, pytest.approx(9.2)]


def test_windows_are_lost_after_the_last_clip_only() -> None:
    times = [(0.0, 4.0), (4.0, 8.0)]
    assert [lost_windows(times, 4, duration_sec=at) for at in (7.9, 8.0, 9.5, 30.0)] == [0.0, 0.0, 1.5, 4.0]
