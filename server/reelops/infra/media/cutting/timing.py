"""Decoding times for pictures whose presentation times are known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Stamps = npt.NDArray[np.int64]


def decoding_times(pts: Stamps, step: int) -> Stamps:
    """Gives each picture, in decoding order, the latest rising time at which it may be decoded.

    The times are those of the pictures as shown, moved back by as many pictures as the order needs; before the first
    they go on downwards by `step`. So they rise strictly and none is later than the picture's own time.
    """
    shown = np.sort(pts)
    places = np.searchsorted(shown, pts)
    delay = int(np.max(np.arange(len(pts)) - places)) if len(pts) else 0
    lead = shown[0] - step * np.arange(delay, 0, -1) if delay else shown[:0]
    return np.concatenate([lead, shown[: len(shown) - delay]]).astype(np.int64)
