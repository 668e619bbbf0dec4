"""What Triton is asked to read, made from embeddings and their scope."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reelops.core.scoring.reading import Scope
from reelops.core.scoring.windows import Layout
from reelops.infra.inference import Takes


def takes(
    gold: NDArray[np.float32],
    trainee: NDArray[np.float32],
    *,
    scope: Scope,
    layout: Layout,
    glimpses: NDArray[np.float32] | None = None,
) -> Takes:
    """Puts a request together.

    `gold` and `trainee` are raw embeddings, float32 (clips, dimensions). `glimpses` are the gold's, (clips, frames,
    channels, cells), where there are any.
    """
    return Takes(
        gold=gold,
        trainee=trainee,
        windows=layout.windows,
        channels=layout.channels,
        grid=layout.grid,
        gold_windows=scope.gold_windows,
        trainee_windows=scope.trainee_windows,
        steps=scope.steps,
        phased=scope.phased,
        colours=layout.colours,
        tones=layout.tones,
        glimpses=glimpses,
    )
