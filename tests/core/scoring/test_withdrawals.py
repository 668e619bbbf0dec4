"""Steps are told from their phases by single frames in which the hands are away."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from numpy.typing import NDArray
from reelops.core.scoring.outlining import outline
from reelops.core.scoring.windows import split
from reelops.core.scoring.withdrawals import withdrawals
from reelops.infra.media.clips import read_clips
from reelops.infra.media.model import ClipGeometry
from reelops.infra.media.synthesis import DAYLIGHT, GOLD_STEPS, make_procedure

from tests.benchmarks.scoring import scoring

Floats = NDArray[np.float32]
CELLS = 48
FETCHING, WORKING, AWAY = 14, 22, 2  # frames
STEP = FETCHING + WORKING + AWAY


def work(seed: int, *, steps: int, away: bool, pause: int = AWAY) -> Floats:
    """Glimpses of a bench on which each step fetches a part, works on it and leaves it there, (n, 3, 48).

    Between the steps the hands are away for `pause` frames, or they go straight on to the next.
    """
    print("seed", seed)
    rng = np.random.default_rng(seed)
    bench = rng.normal(size=(3, CELLS))
    frames: list[NDArray[np.float64]] = [bench, bench]
    for _ in range(steps):
        for length in (FETCHING, WORKING):
            arm, sleeve = rng.choice(CELLS, 14, replace=False), rng.normal(size=(3, 14))
            swing, pace = rng.normal(size=(3, 14)), rng.uniform(0.6, 1.6)
            for at in range(length):
                shown = bench.copy()
                shown[:, arm] = sleeve + 0.4 * swing * np.sin(pace * at)
                frames.append(shown)
        bench = bench.copy()
        bench[:, rng.choice(CELLS, 3, replace=False)] = rng.normal(size=(3, 3))  # the part stays
        last = frames[-1]
        frames += [bench if away else last] * pause
    shown = np.stack(frames) + 0.03 * rng.normal(size=(len(frames), 3, CELLS))
    return shown.astype(np.float32)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("steps", [4, 9])
def test_each_piece_of_work_is_one_step_though_it_is_fetched_before(seed: int, steps: int) -> None:
    found = withdrawals(work(seed, steps=steps, away=True))
    assert found is not None
    assert found[1:-1] == pytest.approx(np.arange(1, steps) * STEP + 1, abs=3)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("pause", [4, 8])
def test_a_step_ends_in_the_middle_of_the_time_in_which_hands_are_away(seed: int, pause: int) -> None:
    found = withdrawals(work(seed, steps=6, away=True, pause=pause))
    assert found is not None
    ends = 2 + np.arange(1, 6) * (FETCHING + WORKING + pause) - pause / 2
    assert found[1:-1] == pytest.approx(ends, abs=1.5)


@pytest.mark.parametrize("seed", range(4))
def test_hands_that_never_withdraw_are_said_not_to(seed: int) -> None:
    assert withdrawals(work(seed, steps=6, away=False)) is None


def test_what_stands_still_has_no_withdrawals() -> None:
    assert withdrawals(np.zeros((200, 3, CELLS), dtype=np.float32)) is None
    assert withdrawals(np.zeros((1, 3, CELLS), dtype=np.float32)) is None


@cache
def demonstration(seconds: float) -> tuple[Floats, Floats]:
    """The windows and glimpses of the demonstration's gold take."""
    with TemporaryDirectory() as folder:
        path = make_procedure(
            Path(folder) / "take.mp4", seconds_per_step=seconds, fps=12, size=(320, 180), light=DAYLIGHT, seed=1
        )
        clips = np.stack([clip.frames for clip in read_clips(path, ClipGeometry(*scoring.features.GEOMETRY))])
    embeddings, glimpses = scoring.features.compute(clips)
    windows = scoring.LAYOUT.maps(split(embeddings, scoring.LAYOUT.windows))
    return windows, glimpses.reshape(-1, *glimpses.shape[2:])


def test_the_demonstrations_steps_are_found() -> None:
    windows, glimpses = demonstration(8.0)
    found = outline(windows, scoring.LAYOUT, glimpses)
    assert found.steps[:-1] == pytest.approx(np.arange(len(GOLD_STEPS)) * 8, abs=1)
    assert found.phased


def test_an_embedder_without_glimpses_is_outlined_by_its_windows() -> None:
    windows, _ = demonstration(8.0)
    assert outline(windows, scoring.LAYOUT).steps[:-1] == pytest.approx(np.arange(5) * 8, abs=1)
