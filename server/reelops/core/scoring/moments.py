"""What a take shows at a moment and on neither side of it, in compiled loops."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Wide = NDArray[np.float64]
Ints = NDArray[np.int64]

AROUND = 3  # windows on either side that say what is usual there


@njit(cache=True, nogil=True)
def moments(windows: Wide, cuts: Ints) -> Wide:  # pragma: no cover - compiled
    """Gives what the windows at each cut have that neither side of it has, nor any mixture of both.

    `windows` is (n, dimensions); the result is (cuts, dimensions), in units of the change at the cut. At the ends of
    the take there is only one side.
    """
    n, dimensions = windows.shape
    found = np.zeros((len(cuts), dimensions))
    before, after, way = np.empty(dimensions), np.empty(dimensions), np.empty(dimensions)
    for i in range(len(cuts)):
        cut = cuts[i]
        if cut <= 0 or cut >= n:
            here = 0 if cut <= 0 else n - 1
            _median(windows[1 : 1 + AROUND] if cut <= 0 else windows[max(0, n - 1 - AROUND) : n - 1], before)
            for c in range(dimensions):
                found[i, c] = windows[here, c] - before[c]
            continue
        _median(windows[max(0, cut - 1 - AROUND) : max(1, cut - 1)], before)
        _median(windows[min(n - 1, cut + 1) : cut + 1 + AROUND], after)
        length = 0.0
        for c in range(dimensions):
            way[c] = after[c] - before[c]
            length += way[c] * way[c]
        for row in (cut - 1, cut):
            along = 0.0
            for c in range(dimensions):
                along += (windows[row, c] - before[c]) * way[c]
            share = min(max(along / (length + 1e-9), 0.0), 1.0)
            for c in range(dimensions):
                found[i, c] += windows[row, c] - before[c] - share * way[c]
        for c in range(dimensions):
            found[i, c] /= max(np.sqrt(length), 1e-6)
    return found


@njit(cache=True, nogil=True)
def _median(rows: Wide, out: Wide) -> None:  # pragma: no cover - compiled
    """Writes the median of up to three rows; no rows are nothing."""
    for c in range(out.size):
        if len(rows) == 0:
            out[c] = 0.0
        elif len(rows) == 1:
            out[c] = rows[0, c]
        elif len(rows) == 2:
            out[c] = (rows[0, c] + rows[1, c]) / 2
        else:
            low, high = min(rows[0, c], rows[1, c]), max(rows[0, c], rows[1, c])
            out[c] = max(low, min(high, rows[2, c]))
