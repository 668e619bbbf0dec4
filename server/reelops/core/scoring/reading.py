"""Two takes in, the reading of one as steps of the other out: the arithmetic that Triton's `step_decoder` runs.

The service takes the result from Triton; benchmarks and other offline scoring call `read_takes`. This module and what
it imports use arrays and compiled loops only, and are loaded in Triton's own environment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reelops.core.scoring.adaptation import adapted
from reelops.core.scoring.decoding import Decoding, decode
from reelops.core.scoring.phases import phased_steps, unphased_steps
from reelops.core.scoring.segmentation import components, find_steps, join_alike
from reelops.core.scoring.settling import settled
from reelops.core.scoring.windows import Layout, real_windows, split, window_times

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scope:
    """What of two takes is read: how many windows of each are real, and the gold's steps where somebody set them.

    `steps` are boundaries in windows, (0, ..., gold_windows).
    """

    gold_windows: int
    trainee_windows: int
    steps: Ints | None = None


def scope_of(
    gold_times: Sequence[tuple[float, float]],
    trainee_times: Sequence[tuple[float, float]],
    *,
    windows: int,
    steps_sec: Sequence[float] | None = None,
) -> Scope:
    """Finds the scope from the clips' times; `steps_sec` says where each of the gold's steps begins."""
    gold_windows = real_windows(gold_times, windows)
    steps = None
    if steps_sec is not None:
        steps = _steps_at(steps_sec, window_times(gold_times, windows)[:gold_windows])
    return Scope(gold_windows, real_windows(trainee_times, windows), steps)


def read_takes(gold: NDArray[Any], trainee: NDArray[Any], *, scope: Scope, layout: Layout) -> Decoding:
    """Finds the gold's steps, unless the scope holds them, and reads the trainee's take as them.

    `gold` and `trainee` are raw embeddings, (clips, dimensions), laid out as `layout` says.
    """
    gold_windows = split(gold, layout.windows)[: scope.gold_windows]
    trainee_windows = split(trainee, layout.windows)[: scope.trainee_windows]
    points = components(gold_windows)
    phased = phased_steps(gold_windows, points) if layout.windows > 1 else None
    steps = scope.steps
    if steps is None:
        found = phased if phased is not None else _unphased(gold_windows, points, layout)
        steps = join_alike(adapted(gold_windows, [(0, len(gold_windows))]), found)
    if phased is not None:  # parts that come and stay would hide what is done with them
        gold_windows, trainee_windows = settled(gold_windows, points), settled(trainee_windows)
    return decode(gold_windows, trainee_windows, steps, channels=layout.channels, grid=layout.grid)


def _steps_at(steps_sec: Sequence[float], times: NDArray[np.float64]) -> Ints:
    starts = np.searchsorted(times[:, 0], np.asarray(sorted(steps_sec)) - 1e-6 + (times[0, 1] - times[0, 0]) / 2) - 1
    inner = np.unique(np.clip(starts, 0, len(times)))
    return np.unique(np.concatenate([[0], inner[(inner > 0) & (inner < len(times))], [len(times)]])).astype(np.int64)


def _unphased(windows: NDArray[np.float32], points: NDArray[np.float64], layout: Layout) -> Ints:
    return unphased_steps(windows, points) if layout.windows > 1 else find_steps(windows, points=points)
