"""Frees two takes of what belongs to their cameras, light and clothes, so that the work itself can be compared."""

from __future__ import annotations

import numpy as np
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


def _smoothed(windows: Floats) -> Floats:
    """Averages three neighbours, taking of the three groups a window belongs to the most even one.

    So that nothing is mixed across a change of step (Kuwahara et al., 1976).
    """
    padded = np.concatenate([windows[:1], windows, windows[-1:]])
    mean = (padded[:-2] + padded[1:-1] + padded[2:]) / 3
    unevenness = sum(((padded[i : i + len(windows)] - mean) ** 2).sum(axis=1) for i in range(3))
    around = np.pad(np.asarray(unevenness), 1, constant_values=np.inf)
    choices = np.stack([around[1:-1], around[:-2], around[2:]])  # the middle one first: it wins a tie
    offset = np.array([0, -1, 1])[choices.argmin(axis=0)]
    return np.asarray(mean[np.arange(len(windows)) + offset], dtype=np.float32)


def both_adapted(
    gold: Floats, trainee: Floats, parts: list[tuple[Part, Part]], channels: int, grid: tuple[int, int] | None
) -> tuple[Floats, Floats]:
    """Adapts both takes over the steps that both of them have, so that a missing or extra step shifts neither."""
    if len(parts) < 2:
        return adapted(gold, [(0, len(gold))]), adapted(trainee, [(0, len(trainee))])
    gold_parts, trainee_parts = [part for part, _ in parts], [part for _, part in parts]
    if grid is not None:
        moved = register(_maps(gold, gold_parts, channels), _maps(trainee, trainee_parts, channels), grid)
        shape = (len(trainee), channels, grid[0] * grid[1])
        trainee = np.asarray(trainee.reshape(shape) @ moved.T.astype(np.float32)).reshape(trainee.shape)
    trust = _trust(_maps(gold, gold_parts, channels), _maps(trainee, trainee_parts, channels))
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
