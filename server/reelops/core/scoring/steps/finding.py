"""The steps that the default profile finds in a gold video by itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reelops.core.library.model import ClipRow, CloseLook, Video
from reelops.core.scoring import reelops_v1
from reelops.core.scoring.asking import takes
from reelops.core.scoring.fingerprints import of_modules
from reelops.core.scoring.looks import FoundSteps, located, seldom, told_by
from reelops.core.scoring.outlining import Outline
from reelops.core.scoring.reading import scope_of
from reelops.core.scoring.steps.model import Step
from reelops.core.scoring.windows import layout_of
from reelops.infra.inference import InferenceClient

_DECIMALS = 3
ALGORITHM = of_modules("looks")

ClipTimes = Sequence[tuple[float, float]]


async def find_steps(
    inference: InferenceClient,
    video: Video,
    clips: Sequence[ClipRow],
    raw: NDArray[np.float32],
    glimpses: NDArray[np.float32] | None,
    close: CloseLook | None,
) -> FoundSteps | None:
    """Finds the steps of a video as scoring would; None for one that is too short or too long to be scored.

    `raw` is (clips, dimensions), `glimpses` (clips, frames, channels, cells) where they are known, and `close` what a
    close look gave. Raises `Unavailable` while Triton is away.
    """
    usual = await _found_in(inference, video, clip_times(clips), raw, glimpses)
    if usual is None or close is None or close.glimpses is None:
        return usual
    seen = seldom(close.glimpses.astype(np.float32))
    return told_by(usual, await _found_in(inference, video, close.clip_times, close.embeddings, seen))


async def _found_in(
    inference: InferenceClient,
    video: Video,
    times: ClipTimes,
    raw: NDArray[np.float32],
    glimpses: NDArray[np.float32] | None,
) -> FoundSteps | None:
    if not 1 <= len(raw) <= reelops_v1.MAX_CLIPS:
        return None
    layout = layout_of(video.embedding_model)
    scope = scope_of(times, times, windows=layout.windows)
    # A video read as steps of itself has the steps that every other video is read by.
    read = await inference.decode_steps(takes(raw, raw, scope=scope, layout=layout, glimpses=glimpses))
    return located(Outline(read.gold_steps.astype(np.int64), read.phased), times, layout.windows)


def numbered(found: FoundSteps | None, video: Video) -> tuple[Step, ...]:
    """Gives found steps as operators see them: `Step 1`, `Step 2`, with their times. One where none could be found."""
    if found is None:
        return (Step("Step 1", 0.0, video.duration_sec),)
    return tuple(
        Step(f"Step {number}", round(start, _DECIMALS), round(min(end, video.duration_sec), _DECIMALS))
        for number, (start, end) in enumerate(pairwise(found.boundaries_sec), start=1)
    )


def clip_times(clips: Sequence[ClipRow]) -> tuple[tuple[float, float], ...]:
    """Gives (start_sec, end_sec) of each clip."""
    return tuple((clip.start_sec, clip.end_sec) for clip in clips)
