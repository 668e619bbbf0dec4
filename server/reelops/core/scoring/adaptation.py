"""Frees two takes of what belongs to their cameras, light and clothes, so that the work itself can be compared."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reelops.core.scoring.registration import register
from reelops.core.scoring.sums import Part, means_of

Floats = NDArray[np.float32]

EVENNESS = 0.3  # how far the dimensions keep their own scale: 0 makes all alike
QUIET = 0.05  # of the usual energy: below it a window is near the background and its direction means nothing
STILLNESS = 0.02  # deviation below which footage counts as static, in the unit of the embedding
LEAST_TRUST = 0.05  # a channel in which the takes disagree altogether still has this share of its weight


def adapted(windows: Floats, parts: list[Part], weights: NDArray[np.float64] | None = None) -> Floats:
    """Frees a take of what belongs to its camera, light and bench, and gives windows of length near 1.

    Each dimension is centred and scaled by what it is and does over `parts` (first, end), each counting alike however
    long it is, and weighted; then neighbours are averaged, which makes the phase of a motion matter less.
    """
    centre = means_of(windows, parts).mean(axis=0)
    centred = windows - centre.astype(np.float32)
    deviation = np.sqrt(means_of(centred**2, parts).mean(axis=0))
    overall = max(float(np.sqrt(np.mean(deviation**2))), STILLNESS)
    scale = (1.0 if weights is None else weights) / (deviation + EVENNESS * overall)
    scaled = centred * scale.astype(np.float32)
    smooth = _smoothed(scaled)
    lengths = np.sqrt((smooth * smooth).sum(axis=1, keepdims=True) + QUIET * smooth.shape[1])
    return np.asarray(smooth / lengths, dtype=np.float32)


@njit(cache=True, nogil=True)
def _smoothed(windows: Floats) -> Floats:  # pragma: no cover - compiled
    """Averages three neighbours, taking of the three groups a window belongs to the most even one.

    So that nothing is mixed across a change of step (Kuwahara et al., 1976).
    """
    n, dimensions = windows.shape
    means, unevenness = np.empty_like(windows), np.empty(n, np.float32)
    for i in range(n):
        before, after = windows[max(i - 1, 0)], windows[min(i + 1, n - 1)]
        for c in range(dimensions):
            means[i, c] = (before[c] + windows[i, c] + after[c]) / np.float32(3)
        unevenness[i] = _apart(before, means[i]) + _apart(windows[i], means[i]) + _apart(after, means[i])
    smoothed = np.empty_like(windows)
    for i in range(n):
        chosen = i  # wins a tie
        for beside in (i - 1, i + 1):
            if 0 <= beside < n and unevenness[beside] < unevenness[chosen]:
                chosen = beside
        smoothed[i] = means[chosen]
    return smoothed


@njit(cache=True, nogil=True, fastmath={"reassoc"})  # the order of a sum does not matter
def _apart(one: Floats, other: Floats) -> np.float32:  # pragma: no cover - compiled
    total = np.float32(0)
    for c in range(one.size):
        total += (one[c] - other[c]) ** 2
    return total


def both_adapted(
    gold: Floats, trainee: Floats, parts: list[tuple[Part, Part]], channels: int, grid: tuple[int, int] | None
) -> tuple[Floats, Floats]:
    """Adapts both takes over the steps that both of them have, so that a missing or extra step shifts neither."""
    if len(parts) < 2:
        return adapted(gold, [(0, len(gold))]), adapted(trainee, [(0, len(trainee))])
    gold_parts, trainee_parts = [part for part, _ in parts], [part for _, part in parts]
    gold_maps = _maps(gold, gold_parts, channels)
    if grid is not None:
        moved = register(gold_maps, _maps(trainee, trainee_parts, channels), grid)
        shape = (len(trainee), channels, grid[0] * grid[1])
        trainee = np.asarray(trainee.reshape(shape) @ moved.T.astype(np.float32)).reshape(trainee.shape)
    trust = _trust(gold_maps, _maps(trainee, trainee_parts, channels))
    weights = np.repeat(np.sqrt(trust), gold.shape[1] // channels)
    return adapted(gold, gold_parts, weights), adapted(trainee, trainee_parts, weights)


def _maps(windows: Floats, parts: list[Part], channels: int) -> NDArray[np.float64]:
    """Gives the mean map of each part, less what all parts have in common, each channel of equal power."""
    means = means_of(windows, parts)
    maps = (means - means.mean(axis=0)).reshape(len(parts), channels, -1)
    power = np.sqrt((maps**2).mean(axis=(0, 2), keepdims=True))
    return np.asarray(maps / np.maximum(power, STILLNESS))


def _trust(gold: NDArray[np.float64], trainee: NDArray[np.float64]) -> NDArray[np.float64]:
    """Says of each channel how far both takes agree in it over the steps: a new sleeve takes weight from colour."""
    apart = np.median(((gold - trainee) ** 2).sum(axis=2), axis=0)
    power = np.median((gold**2 + trainee**2).sum(axis=2), axis=0)
    agreement = np.clip(1.0 - apart / np.maximum(power, 1e-9), LEAST_TRUST, 1.0)
    return np.asarray(agreement / agreement.mean())
