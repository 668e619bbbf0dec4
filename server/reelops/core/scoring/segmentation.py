"""Finds the steps of a video: the segments within which its windows resemble each other.

Penalised least-squares change-point detection, exact by dynamic programming (Jackson et al., 2005; Arlot, Celisse and
Harchaoui, 2019, for kernels). It looks at whole segments, not at neighbouring windows, so that a swinging tool is no
change and a slow hand-over is one.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reelops.core.scoring.sums import running_sum

Floats = NDArray[np.float32]
Wide = NDArray[np.float64]
Ints = NDArray[np.int64]

MIN_STEP_WINDOWS = 3
MAX_STEP_WINDOWS = 240
ALIKE = 0.12  # of the usual distance between neighbouring steps
COMPONENTS = 36
EVENNESS = 0.2  # how far directions in which neighbours hardly differ are kept from growing
PENALTY = 13.0  # in units of the variance within steps
USUAL_WINDOWS = 60  # of a take: among more windows chance finds more cuts, and each must be worth more
GROWTH = 3  # the power of the logarithm of windows by which it must
STILLNESS = 0.02  # variance below which footage counts as static, in the unit of the embedding squared


def find_steps(
    windows: Floats,
    *,
    min_windows: int = MIN_STEP_WINDOWS,
    penalty: float = PENALTY,
    points: Wide | None = None,
) -> Ints:
    """Finds step boundaries as window numbers (0, ..., n).

    `windows` is (n, dimensions). Static footage is one step. Who looks at the same windows more than once hands on
    their `points` (see `components`).
    """
    n = len(windows)
    if n < 2 * min_windows:
        return np.array([0, n], dtype=np.int64)
    if points is None:
        points = components(windows)
    variance = float(np.median(np.sum(np.diff(points, axis=0) ** 2, axis=1))) / 2
    price = penalty * max(variance, STILLNESS) * (np.log(min(n, 2 * USUAL_WINDOWS)) / np.log(USUAL_WINDOWS)) ** GROWTH
    longest = min(n, MAX_STEP_WINDOWS)
    cuts = _cheapest(points, price, min_windows, longest)
    return _merged(points, cuts, price)


def join_alike(adapted: Floats, steps: Ints) -> Ints:
    """Joins neighbouring steps that differ far less than steps of this video usually do.

    `adapted` are windows of length near 1, as they are compared. The least different pair goes first.
    """
    while len(steps) > 3:
        means = np.stack([adapted[a:b].mean(axis=0) for a, b in pairwise(steps)])
        apart = ((means[1:] - means[:-1]) ** 2).sum(axis=1)
        usual = float(np.median(apart))
        weakest = int(np.argmin(apart))
        if apart[weakest] > ALIKE * usual:
            return steps
        steps = np.delete(steps, weakest + 1)
    return steps


def components(windows: Floats) -> Wide:
    """Gives the windows in the directions in which they differ most, (n, at most 36), those that change slowly grown.

    What swings from window to window is no step, however wide it swings: each direction is divided by how much
    neighbours differ along it (slow feature analysis; Wiskott and Sejnowski, 2002). On the whole neighbours differ as
    much as before.
    """
    points = _principal(windows.astype(np.float64) - windows.mean(axis=0))
    changes = np.diff(points, axis=0)
    lengths = (changes**2).sum(axis=1)
    usual = float(np.median(lengths)) if len(lengths) else 0.0
    if usual <= 0.0:
        return np.ascontiguousarray(points)
    weights = 1 / (1 + lengths / usual)  # a change of step is no swing
    swing = (changes * weights[:, None]).T @ changes / weights.sum()
    swing += EVENNESS * np.trace(swing) / len(swing) * np.eye(len(swing))
    powers, directions = np.linalg.eigh(swing)
    grown = points @ directions / np.sqrt(powers)
    now = float(np.median((np.diff(grown, axis=0) ** 2).sum(axis=1)))
    return np.ascontiguousarray(grown * np.sqrt(usual / now))


def _principal(points: Wide) -> Wide:
    """Gives the directions in which centred points (n, dimensions) differ most, (n, at most 36)."""
    n, dimensions = points.shape
    if dimensions <= COMPONENTS:
        return points
    centred = points.astype(np.float32)
    if not COMPONENTS <= n < dimensions:
        _, vectors = np.linalg.eigh((centred.T @ centred).astype(np.float64))
        return np.asarray(points @ vectors[:, -COMPONENTS:])
    powers, places = np.linalg.eigh((centred @ centred.T).astype(np.float64))  # the smaller product, the same powers
    return np.asarray(places[:, -COMPONENTS:] * np.sqrt(np.maximum(powers[-COMPONENTS:], 0.0)))


@njit(cache=True)
def _cheapest(points: Wide, price: float, shortest: int, longest: int) -> Ints:  # pragma: no cover - compiled
    n, d = points.shape
    sums = np.zeros((n + 1, d))
    squares = np.zeros(n + 1)
    for i in range(n):
        squares[i + 1] = squares[i]
        for c in range(d):
            sums[i + 1, c] = sums[i, c] + points[i, c]
            squares[i + 1] += points[i, c] ** 2
    best = np.full(n + 1, np.inf)
    best[0] = -price
    last = np.zeros(n + 1, np.int64)
    for end in range(shortest, n + 1):
        for start in range(max(0, end - longest), end - shortest + 1):
            if best[start] == np.inf:
                continue
            cost = best[start] + price + squares[end] - squares[start] - _energy(sums, start, end) / (end - start)
            if cost < best[end] - 1e-9:
                best[end] = cost
                last[end] = start
    cuts = np.empty(n + 1, np.int64)
    count, at = 0, n
    while at > 0:
        cuts[count] = at
        count += 1
        at = last[at]
    cuts[count] = 0
    return cuts[: count + 1][::-1].copy()


@njit(cache=True, fastmath={"reassoc"})  # the order of a sum does not matter, and several at once are faster
def _energy(sums: Wide, start: int, end: int) -> float:  # pragma: no cover - compiled
    """Gives the squared length of the sum of points `start` to `end`, from their running sum."""
    energy = 0.0
    for c in range(sums.shape[1]):
        energy += (sums[end, c] - sums[start, c]) ** 2
    return energy


def _merged(points: Wide, cuts: Ints, price: float) -> Ints:
    """Joins neighbours that only the longest allowed step had cut apart."""
    sums, kept = running_sum(points), [0]
    for cut, end in pairwise(cuts[1:].tolist()):
        first = kept[-1]
        left, right = (sums[cut] - sums[first]) / (cut - first), (sums[end] - sums[cut]) / (end - cut)
        if (cut - first) * (end - cut) / (end - first) * float(((left - right) ** 2).sum()) > price:
            kept.append(cut)
    return np.array([*kept, len(points)], dtype=np.int64)
