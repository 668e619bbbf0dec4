"""The steps that the default profile finds in a gold video by itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reelops.core.library.model import ClipRow, Video
from reelops.core.scoring import reelops_v1
from reelops.core.scoring.asking import takes
from reelops.core.scoring.fingerprints import of_modules
from reelops.core.scoring.outlining import Outline
from reelops.core.scoring.reading import scope_of
from reelops.core.scoring.steps.model import Step
from reelops.core.scoring.windows import layout_of, window_times
from reelops.infra.inference import InferenceClient

_DECIMALS = 3
ALGORITHM = of_modules("outlining")


async def find_outline(
    inference: InferenceClient,
    video: Video,
    clips: Sequence[ClipRow],
    raw: NDArray[np.float32],
    glimpses: NDArray[np.float32] | None,
) -> Outline | None:
    """Finds the steps of a video as scoring would; None for one that is too short or too long to be scored.

    `raw` is (clips, dimensions), `glimpses` (clips, frames, channels, cells) where they are known. Raises `Unavailable`
    while Triton is away.
    """
    if not 1 <= len(raw) <= reelops_v1.MAX_CLIPS:
        return None
    layout = layout_of(video.embedding_model)
    times = clip_times(clips)
    scope = scope_of(times, times, windows=layout.windows)
    # A video read as steps of itself has the steps that every other video is read by.
    read = await inference.decode_steps(takes(raw, raw, scope=scope, layout=layout, glimpses=glimpses))
    return Outline(read.gold_steps.astype(np.int64), read.phased)


def numbered(found: Outline | None, video: Video, clips: Sequence[ClipRow]) -> tuple[Step, ...]:
    """Gives found steps as operators see them: `Step 1`, `Step 2`, with their times. One where none could be found."""
    if found is None:
        return (Step("Step 1", 0.0, video.duration_sec),)
    times = window_times(clip_times(clips), layout_of(video.embedding_model).windows)
    spans = [(float(times[first, 0]), float(times[end - 1, 1])) for first, end in pairwise(found.steps)]
    return tuple(
        Step(f"Step {number}", round(start, _DECIMALS), round(min(end, video.duration_sec), _DECIMALS))
        for number, (start, end) in enumerate(spans, start=1)
    )


def clip_times(clips: Sequence[ClipRow]) -> tuple[tuple[float, float], ...]:
    """Gives (start_sec, end_sec) of each clip."""
    return tuple((clip.start_sec, clip.end_sec) for clip in clips)
