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

from reelops.core.scoring.decoding import Decoding, decode
from reelops.core.scoring.outlining import outline
from reelops.core.scoring.phases import changes
from reelops.core.scoring.phasing import phases_within
from reelops.core.scoring.segmentation import components
from reelops.core.scoring.settling import settled
from reelops.core.scoring.windows import Layout, real_windows, split, window_times

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scope:
    """What of two takes is read: how many windows of each are real, and what is known of the gold already.

    `steps` are boundaries in windows, (0, ..., gold_windows), set by somebody or found before; `phased` says whether
    the gold's steps are made of phases.
    """

    gold_windows: int
    trainee_windows: int
    steps: Ints | None = None
    phased: bool | None = None


def scope_of(
    gold_times: Sequence[tuple[float, float]],
    trainee_times: Sequence[tuple[float, float]],
    *,
    windows: int,
    steps_sec: Sequence[float] | None = None,
    phased: bool | None = None,
) -> Scope:
    """Finds the scope from the clips' times; `steps_sec` says where each of the gold's steps begins, if it is known."""
    gold_windows = real_windows(gold_times, windows)
    steps = None if steps_sec is None else _steps_at(steps_sec, window_times(gold_times, windows)[:gold_windows])
    return Scope(gold_windows, real_windows(trainee_times, windows), steps, phased)


def read_takes(
    gold: NDArray[Any],
    trainee: NDArray[Any],
    *,
    scope: Scope,
    layout: Layout,
    glimpses: NDArray[np.float32] | None = None,
) -> Decoding:
    """Finds the gold's steps, unless the scope holds them, and reads the trainee's take as them.

    `gold` and `trainee` are raw embeddings, (clips, dimensions), laid out as `layout` says. `glimpses` are of the gold,
    (clips, frames, channels, cells), and help to find its steps.
    """
    own, seen = (
        split(gold, layout.windows)[: scope.gold_windows],
        split(trainee, layout.windows)[: scope.trainee_windows],
    )
    moving, palettes = ((part(own), part(seen)) for part in (layout.moving, layout.palette))
    own, seen = layout.maps(own), layout.maps(seen)
    points = components(own)
    steps, phased = scope.steps, scope.phased
    if steps is None or phased is None:
        found = outline(own, layout, None if glimpses is None else glimpses.reshape(-1, *glimpses.shape[2:]), points)
        steps, phased = found.steps if steps is None else steps, found.phased
    edges = cuts = None
    if not np.array_equal(own, seen):  # a take that is read as itself needs neither
        edges, cuts = phases_within(own, steps, points), changes(seen)
    if phased:  # parts that come and stay would hide what is done with them
        own = settled(own, changes(own, points))
        seen = own if cuts is None else settled(seen, cuts)
    return decode(
        own,
        seen,
        steps,
        channels=layout.channels,
        grid=layout.grid,
        moving=moving,
        palettes=palettes,
        phased=phased,
        edges=edges,
        cuts=cuts,
    )


def _steps_at(steps_sec: Sequence[float], times: NDArray[np.float64]) -> Ints:
    starts = np.searchsorted(times[:, 0], np.asarray(sorted(steps_sec)) - 1e-6 + (times[0, 1] - times[0, 0]) / 2) - 1
    inner = np.unique(np.clip(starts, 0, len(times)))
    return np.unique(np.concatenate([[0], inner[(inner > 0) & (inner < len(times))], [len(times)]])).astype(np.int64)
