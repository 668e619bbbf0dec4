"""The steps that the default profile finds in a gold video by itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reelops.core.scoring import reelops_v1
from reelops.core.scoring.asking import takes
from reelops.core.scoring.reading import scope_of
from reelops.core.scoring.steps.model import Step
from reelops.core.scoring.windows import layout_of, window_times
from reelops.infra.inference import InferenceClient

_DECIMALS = 3


async def find_named_steps(
    inference: InferenceClient,
    raw: NDArray[np.float32],
    clip_times: Sequence[tuple[float, float]],
    *,
    model: str,
    duration_sec: float,
) -> tuple[Step, ...]:
    """Finds the steps of a video as scoring would, and numbers them. Raises `Unavailable` while Triton is away.

    `raw` is (clips, dimensions), embedded by `model`. A video that is too short or too long to be scored is one step.
    """
    if not 1 <= len(raw) <= reelops_v1.MAX_CLIPS:
        return (Step("Step 1", 0.0, duration_sec),)
    layout = layout_of(model)
    scope = scope_of(clip_times, clip_times, windows=layout.windows)
    # A video read as steps of itself has the steps that every other video is read by.
    read = await inference.decode_steps(takes(raw, raw, scope=scope, layout=layout))
    times = window_times(clip_times, layout.windows)
    spans = [(float(times[first, 0]), float(times[end - 1, 1])) for first, end in pairwise(read.gold_steps)]
    return tuple(
        Step(f"Step {number}", round(start, _DECIMALS), round(min(end, duration_sec), _DECIMALS))
        for number, (start, end) in enumerate(spans, start=1)
    )
