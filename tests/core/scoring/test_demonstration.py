"""The demonstration's pair comes out right: steps of several phases, and parts that stay on the bench."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from reelops.core.scoring.model import FaultType
from reelops.infra.media.clips import read_clips
from reelops.infra.media.model import ClipGeometry
from reelops.infra.media.synthesis import DAYLIGHT, GOLD_STEPS, LAMPLIGHT, TRAINEE_STEPS, Light, make_procedure

from tests.benchmarks.scoring import scoring
from tests.benchmarks.scoring.scoring import Embedded

PACES = pytest.mark.parametrize("seconds", [8.0, 6.0, 5.0, 4.0])


@cache
def seen(
    steps: tuple[str, ...], light: Light, seed: int, codec: str = "libx264", seconds: float = 8.0, fps: int = 12
) -> Embedded:
    with TemporaryDirectory() as folder:
        path = make_procedure(
            Path(folder) / "take.mp4",
            steps=steps,
            seconds_per_step=seconds,
            fps=fps,
            size=(320, 180),
            light=light,
            seed=seed,
            codec=codec,
        )
        return replace(look(path, closely=False), close=look(path, closely=True))


def look(path: Path, *, closely: bool) -> Embedded:
    taken = list(read_clips(path, ClipGeometry(*scoring.features.GEOMETRY), closely=closely))
    return scoring.embedded(
        np.stack([clip.frames for clip in taken]), [(clip.start_sec, clip.end_sec) for clip in taken]
    )


def gold(seconds: float = 8.0) -> Embedded:
    return seen(GOLD_STEPS, DAYLIGHT, 1, seconds=seconds)


@PACES
def test_each_piece_of_work_is_one_step_though_it_is_fetched_placed_and_fastened(seconds: float) -> None:
    result = scoring.score("reelops-v1", gold(seconds), gold(seconds))
    assert result.score == 100
    assert [span.start_sec for span in result.steps.gold] == pytest.approx(np.arange(5) * seconds, abs=1.1)


@PACES
def test_the_missing_shaft_and_the_exchanged_steps_are_said_and_nothing_else(seconds: float) -> None:
    result = scoring.score("reelops-v1", gold(seconds), seen(TRAINEE_STEPS, LAMPLIGHT, 2, seconds=seconds))
    said = {(d.type, d.gold_step, d.other_gold_step) for d in result.deviations}
    assert said == {(FaultType.STEP_MISSING, 2, None), (FaultType.ORDER_SWAP, 1, 3)}
    assert 60 <= result.score <= 75


@PACES
def test_the_same_work_in_lamplight_passes(seconds: float) -> None:
    assert scoring.score("reelops-v1", gold(seconds), seen(GOLD_STEPS, LAMPLIGHT, 3, seconds=seconds)).score >= 95


def test_the_gold_in_another_codec_is_itself() -> None:
    assert scoring.score("reelops-v1", gold(), seen(GOLD_STEPS, DAYLIGHT, 1, "mpeg4")).score == 100


def test_a_step_is_not_read_as_two_hurried_ones_to_make_up_for_one_that_is_missing() -> None:
    work = ("gear", "plate", "screws", "cover", "shaft")
    own = seen(work, DAYLIGHT, 59, seconds=9.0, fps=24)
    without = tuple(step for step in work if step != "screws")
    result = scoring.score("reelops-v1", own, seen(without, LAMPLIGHT, 89, seconds=9.0, fps=24))
    assert [(d.type, d.gold_step) for d in result.deviations] == [(FaultType.STEP_MISSING, 2)]
