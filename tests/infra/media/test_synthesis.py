"""Rendered procedures show their steps."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from reelops.infra.media import frame_at, probe
from reelops.infra.media.synthesis import DAYLIGHT, GOLD_STEPS, LAMPLIGHT, TRAINEE_STEPS, make_procedure
from reelops.infra.media.workbench import STEPS


def test_a_take_has_its_steps_one_after_the_other(tmp_path: Path) -> None:
    take = make_procedure(tmp_path / "v.mp4", seconds_per_step=1, fps=10, size=(320, 180), seed=3)
    info = probe(take)
    assert (info.width, info.height, info.source_fps) == (320, 180, 10)
    assert info.duration_sec == pytest.approx(len(GOLD_STEPS), abs=0.05)
    ends = [frame_at(take, step + 0.95, max_side=320).astype(int) for step in range(len(GOLD_STEPS))]
    for before, after in pairwise(ends):
        assert (np.abs(before - after).max(axis=2) > 40).mean() > 0.003


def test_the_trainee_misses_one_step_and_exchanges_two() -> None:
    assert set(GOLD_STEPS) - set(TRAINEE_STEPS) == {"shaft"}
    kept = [step for step in GOLD_STEPS if step in TRAINEE_STEPS]
    assert [place for place, step in enumerate(TRAINEE_STEPS) if step != kept[place]] == [1, 2]
    assert set(GOLD_STEPS) <= set(STEPS)


def test_a_take_is_the_same_again_for_the_same_seed_and_darker_in_lamplight(tmp_path: Path) -> None:
    one, other, dim = (
        frame_at(
            make_procedure(tmp_path / name, steps=["gear"], seconds_per_step=1, seed=4, light=light), 0.5, max_side=640
        )
        for name, light in (("a.mp4", DAYLIGHT), ("b.mp4", DAYLIGHT), ("c.mp4", LAMPLIGHT))
    )
    np.testing.assert_array_equal(one, other)
    assert dim.mean() < one.mean() - 10


def test_an_unknown_step_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        make_procedure(tmp_path / "v.mp4", steps=["dance"], seconds_per_step=0.2)
