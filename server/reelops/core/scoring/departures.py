"""How far a stretch of a take is from a step of the gold, channel by channel.

A step done in another way may differ from the gold in the colour of a tool alone, or in where something moves; summed
over all channels that is lost among what light and clothes change everywhere. So each channel is measured by how far
the take's other steps are from the gold in that channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reelops.core.scoring.nearest import inner

Floats = NDArray[np.float32]
Wide = NDArray[np.float64]
Ints = NDArray[np.int64]

SLIGHT = 0.17  # a departure that means nothing, of windows of length near 1
PLAINEST = 2  # channels: one alone may be chance, and what is done in another way seldom shows in more
LANES = 8  # sums beside each other: the processor adds them at once


@dataclass(frozen=True, slots=True)
class Measure:
    """Measures stretches of the trainee's windows, `sums` being their running sum, against the gold's steps' means.

    `unevenness` is (steps, channels): how far half of a step is from the whole of it in the gold itself.
    """

    means: Wide
    sums: Wide
    channels: int
    unevenness: Floats

    def departure(self, start: int, end: int, step: int | None = None) -> Floats:
        """Gives the squared distance to a step, or to every step, in every channel: (steps, channels).

        The ends of the stretch do not count.
        """
        means = self.means if step is None else self.means[step : step + 1]
        return _apart(self._mean(start, end), means, self.channels)

    def apart(self, start: int, end: int, other_start: int, other_end: int) -> Floats:
        """Gives the squared distance between two stretches of the take in every channel, (channels,)."""
        apart: Floats = _apart(self._mean(start, end), self._mean(other_start, other_end)[None], self.channels)[0]
        return apart

    def _mean(self, start: int, end: int) -> Wide:
        first, last = inner(start, end)
        return np.asarray((self.sums[last] - self.sums[first]) / (last - first))


def measure_of(gold: Floats, trainee: Floats, gold_steps: Ints, channels: int) -> Measure:
    """Prepares to measure stretches of the trainee's windows, both takes being adapted to each other."""
    kinds = channels if trainee.shape[1] % channels == 0 else 1
    spans = [inner(int(a), int(b)) for a, b in pairwise(gold_steps)]
    means = np.stack([gold[first:end].mean(axis=0, dtype=np.float64) for first, end in spans])
    middles = [(first, max(first + 1, (first + end) // 2), end) for first, end in spans]
    halves = (
        np.stack([gold[first:middle].mean(axis=0) for first, middle, _ in middles]),
        np.stack([gold[min(middle, end - 1) : end].mean(axis=0) for _, middle, end in middles]),
    )
    unevenness = np.maximum(*(_by_channel(half - means, kinds) for half in halves))
    sums = np.zeros((len(trainee) + 1, trainee.shape[1]))
    np.cumsum(trainee, axis=0, dtype=np.float64, out=sums[1:])
    return Measure(means, sums, kinds, unevenness)


def _by_channel(apart: Wide, channels: int) -> Floats:
    squares = (apart**2).reshape(len(apart), channels, -1)
    return np.asarray(squares.mean(axis=2) * apart.shape[1], dtype=np.float32)


def _apart(here: Wide, others: Wide, channels: int) -> Floats:
    squares = np.empty((len(others), channels))
    _squares(here, others, squares)
    return np.asarray(squares / (len(here) // channels) * len(here), dtype=np.float32)


@njit(cache=True, nogil=True)
def _squares(here: Wide, others: Wide, squares: Wide) -> None:  # pragma: no cover - compiled
    """Sums squared differences by channel, (rows, channels), without a table of all differences."""
    size = here.size // squares.shape[1]
    whole = size - size % LANES
    sums = np.empty(LANES)
    for row in range(others.shape[0]):
        for channel in range(squares.shape[1]):
            first = channel * size
            sums[:] = 0.0
            for at in range(first, first + whole, LANES):
                for lane in range(LANES):
                    off = here[at + lane] - others[row, at + lane]
                    sums[lane] += off * off
            total = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
            for at in range(first + whole, first + size):
                total += (here[at] - others[row, at]) ** 2
            squares[row, channel] = total


def oddness(departure: Floats, others: Floats | Sequence[Floats]) -> float:
    """Says how many times farther from a step a stretch is than others are from theirs, where it differs most.

    Each is (channels,). Without others there is nothing to compare with, and nothing is odd.
    """
    if not len(others):
        return 1.0
    ratios = (departure + SLIGHT) / (np.median(np.asarray(others), axis=0) + SLIGHT)
    plainest = np.sort(np.log(ratios))[-PLAINEST:]
    return float(np.exp(plainest.mean()))
