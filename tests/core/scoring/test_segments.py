"""A step that is done slowly keeps its beginning, though that was read as nothing of the gold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from reelops.core.scoring.comparison import Finding, compare
from reelops.core.scoring.decoding import Decoding, decode
from reelops.core.scoring.segments import segments_of
from reelops.core.scoring.viterbi import UNKNOWN

STEPS, FETCHING, WORKING = 5, 4, 6
LENGTH = FETCHING + WORKING
SLOW = 2  # the step that has something unknown before it


def read(before: int, *, fetching: int, working: int, like: int = SLOW, phased: bool = True, seed: int = 0) -> Decoding:
    """Reads a take in which `before` windows, most like a step, were taken for none before step 2 was.

    Of that step it has so many windows of fetching a part and of work on it; the others are as in the gold.
    """
    print("seed", seed)
    rng = np.random.default_rng(seed)
    themes = rng.normal(size=(STEPS, 2, 60))

    def windows(step: int, fetching: int, working: int) -> list[np.ndarray]:
        return [themes[step, 0]] * fetching + [themes[step, 1]] * working

    def noisy(rows: list[np.ndarray]) -> np.ndarray:
        return (np.stack(rows) + 0.3 * rng.normal(size=(len(rows), 60))).astype(np.float32)

    gold = noisy([row for step in range(STEPS) for row in windows(step, FETCHING, WORKING)])
    seen = [row for step in range(SLOW) for row in windows(step, FETCHING, WORKING)]
    seen += [0.5 * themes[like, 0] + 0.8 * rng.normal(size=60)] * before + windows(SLOW, fetching, working)
    seen += [row for step in range(SLOW + 1, STEPS) for row in windows(step, FETCHING, WORKING)]
    whole = decode(gold, noisy(seen), np.arange(STEPS + 1) * LENGTH, phased=phased)
    lengths = np.array([LENGTH] * SLOW + [before, fetching + working] + [LENGTH] * (STEPS - SLOW - 1))
    ends, nearest = lengths.cumsum(), whole.nearest.copy()
    nearest[SLOW * LENGTH : SLOW * LENGTH + before] = UNKNOWN
    return replace(
        whole,
        states=np.insert(np.arange(STEPS), SLOW, UNKNOWN),
        starts=ends - lengths,
        ends=ends,
        nearest=nearest,
        departures=np.full((STEPS + 1, whole.departures.shape[1]), 0.1, np.float32),
    )


def found(decoding: Decoding) -> list[Finding]:
    return compare(decoding, segments_of(decoding))


@pytest.mark.parametrize("seed", range(4))
def test_what_is_unknown_before_the_rest_of_a_slow_step_is_its_beginning(seed: int) -> None:
    decoding = read(8, fetching=0, working=13, seed=seed)
    segments = segments_of(decoding)
    assert [segment.state for segment in segments] == list(range(STEPS))
    assert (segments[SLOW].start, segments[SLOW].end) == (SLOW * LENGTH, SLOW * LENGTH + 21)
    (slow,) = found(decoding)
    assert (slow.type, slow.gold_step) == ("over_time", SLOW)
    assert slow.details["ratio"] == pytest.approx(2.1)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("before", "fetching", "working", "like", "phased"),
    [
        pytest.param(8, 4, 13, SLOW, True, id="the step has its own beginning"),
        pytest.param(8, 0, 10, SLOW, True, id="its rest is not slow"),
        pytest.param(8, 0, 13, 0, True, id="it is more like another step"),
        pytest.param(8, 0, 13, SLOW, False, id="steps have no phases"),
    ],
)
def test_anything_else_unknown_is_an_extra_step(
    before: int, fetching: int, working: int, like: int, phased: bool, seed: int
) -> None:
    decoding = read(before, fetching=fetching, working=working, like=like, phased=phased, seed=seed)
    assert UNKNOWN in [segment.state for segment in segments_of(decoding)]
    assert "extra_step" in [one.type for one in found(decoding)]
