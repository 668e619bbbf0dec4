"""How far a stretch of a take is from a step of the gold, channel by channel.

A step done in another way may differ from the gold in the colour of a tool alone, or in where something moves; summed
over all channels that is lost among what light and clothes change everywhere. So each channel is measured by how far
the take's other steps are from the gold in that channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reelops.core.scoring.colours import Colours
from reelops.core.scoring.nearest import inner
from reelops.core.scoring.sums import means_of, running_sum

Floats = NDArray[np.float32]
Wide = NDArray[np.float64]
Ints = NDArray[np.int64]

SLIGHT = 0.17  # a departure that means nothing, of windows of length near 1
PLAINEST = 3  # channels: one alone may be chance, and what is done in another way seldom shows in more
FAINT = 0.1  # the same of square roots of shares of what moves in a colour
PLAINEST_COLOURS = 2  # that of one tool and that of another
COLOURS_WEIGHT = 0.7  # beside the channels
PLAINEST_TONES = 5  # those of one tool and of another lie on several each
LANES = 8  # sums beside each other: the processor adds them at once


@dataclass(frozen=True, slots=True)
class Kinds:
    """What a departure is made of, in this order: so many channels, colours of what moves, and tones."""

    channels: int = 1
    colours: int = 0
    tones: int = 0

    @property
    def total(self) -> int:
        """How many numbers a departure is."""
        return self.channels + self.colours + self.tones

    @property
    def slices(self) -> tuple[slice, slice, slice]:
        """Where each kind lies."""
        first, second = self.channels, self.channels + self.colours
        return slice(first), slice(first, second), slice(second, second + self.tones)


ONE_KIND = Kinds()


@dataclass(frozen=True, slots=True)
class Measure:
    """Measures stretches of the trainee's windows, `sums` being their running sum, against the gold's steps' means.

    `shares` are those of what moves in the gold's steps, in each colour (`Colours.of_gold`), and `tints` those of what
    there is of each tone beyond the usual.
    """

    means: Wide
    shares: Wide
    tints: Wide
    sums: Wide
    channels: int
    colours: Colours
    tones: Colours

    @property
    def kinds(self) -> Kinds:
        """How many numbers of each kind a departure is."""
        return Kinds(self.channels, self.shares.shape[1], self.tints.shape[1])

    def without_tones(self) -> Measure:
        """Gives the same measure without tones, which are many, where nobody asks for them."""
        return replace(self, tints=np.zeros((len(self.tints), 0)), tones=self.tones.none())

    def by(self, gold: Floats, parts: Ints) -> Measure:
        """Gives the measure against other parts of the gold than its steps, as boundaries in windows."""
        means, shares, tints = _of_gold(gold, parts, self.colours, self.tones)
        return replace(self, means=means, shares=shares, tints=tints)

    def departure(self, start: int, end: int, step: int | range | None = None) -> Floats:
        """Gives the distance to a step, to several, or to every step: squared in every channel, then in every colour.

        The result is (steps, kinds): after the colours come the tones. The ends of the stretch do not count.
        """
        wanted = range(len(self.means)) if step is None else range(step, step + 1) if isinstance(step, int) else step
        own = slice(wanted.start, wanted.stop)
        maps = _apart(self._mean(start, end), self.means[own], self.channels)
        colours = self.colours.departure(start, end, self.shares[own])
        return np.hstack([maps, colours, self.tones.departure(*inner(start, end), self.tints[own])], dtype=np.float32)

    def apart(self, start: int, end: int, other_start: int, other_end: int) -> Floats:
        """Gives the distance between two stretches of the take in the same way, (kinds,)."""
        maps = _apart(self._mean(start, end), self._mean(other_start, other_end)[None], self.channels)[0]
        colours = self.colours.apart(start, end, other_start, other_end)
        tones = self.tones.apart(*inner(start, end), *inner(other_start, other_end))
        return np.hstack([maps, colours, tones], dtype=np.float32)

    def _mean(self, start: int, end: int) -> Wide:
        first, last = inner(start, end)
        return np.asarray((self.sums[last] - self.sums[first]) / (last - first))


def measure_of(
    gold: Floats, trainee: Floats, gold_steps: Ints, channels: int, colours: Colours, tones: Colours
) -> Measure:
    """Prepares to measure stretches of the trainee's windows, both takes being adapted to each other."""
    kinds = channels if trainee.shape[1] % channels == 0 else 1
    return Measure(*_of_gold(gold, gold_steps, colours, tones), running_sum(trainee), kinds, colours, tones)


def unevenness_of(gold: Floats, gold_steps: Ints, measure: Measure) -> Floats:
    """Says how far half of each of the gold's steps is from the whole of it, (steps, kinds)."""
    steps = [(int(a), int(b)) for a, b in pairwise(gold_steps)]
    parts = [(first, max(first + 1, (first + end) // 2), end) for first, end in (inner(a, b) for a, b in steps)]
    halves = (
        means_of(gold, [(first, middle) for first, middle, _ in parts]),
        means_of(gold, [(min(middle, end - 1), end) for _, middle, end in parts]),
    )
    parted = [[(a, (a + b + 1) // 2) for a, b in steps], [((a + b) // 2, b) for a, b in steps]]
    return np.hstack(
        [
            np.maximum(*(_by_channel(half - measure.means, measure.channels) for half in halves)),
            *(
                np.maximum(*(kind.unevenness(steps, half) for half in parted))
                for kind in (measure.colours, measure.tones)
            ),
        ],
        dtype=np.float32,
    )


def _of_gold(gold: Floats, parts: Ints, colours: Colours, tones: Colours) -> tuple[Wide, Wide, Wide]:
    """Gives the means of parts of the gold, their ends left out, the shares of what moves in them, and of tones."""
    spans = [(int(a), int(b)) for a, b in pairwise(parts)]
    inside = [inner(a, b) for a, b in spans]
    return means_of(gold, inside), colours.of_gold(spans), tones.of_gold(inside)


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


def oddness(departure: Floats, others: Floats | Sequence[Floats], kinds: Kinds) -> float:
    """Says how many times farther from a step a stretch is than others are from theirs, where it differs most.

    Each is (kinds,). Without others there is nothing to compare with, and nothing is odd.
    """
    if not len(others):
        return 1.0
    usual = np.median(np.asarray(others)[:, : kinds.channels + kinds.colours], axis=0)
    return float(oddnesses(departure[None], usual, kinds)[0])


def oddnesses(departures: Floats, usual: Floats, kinds: Kinds) -> Wide:
    """Says the same of several stretches, (n, kinds), against what is `usual`: (n,)."""
    maps, colours, _ = kinds.slices
    odd: Wide = _plainest(departures[:, maps], usual[maps], SLIGHT, PLAINEST)
    if kinds.colours:
        moving = _plainest(departures[:, colours], usual[colours], FAINT, PLAINEST_COLOURS)
        odd = (odd + COLOURS_WEIGHT * moving) / (1 + COLOURS_WEIGHT)
    return np.asarray(np.exp(odd))


def tinge(departure: Floats, others: Floats | Sequence[Floats], kinds: Kinds) -> float:
    """Says how many times farther from a step a stretch is in its tones than others are from theirs."""
    if not len(others) or not kinds.tones:
        return 1.0
    own = kinds.slices[2]
    usual = np.median(np.asarray(others)[:, own], axis=0)
    return float(np.exp(_plainest(departure[None, own], usual, FAINT, PLAINEST_TONES)[0]))


def _plainest(departures: Floats, usual: Floats, slight: float, count: int) -> Wide:
    ratios = np.sort((departures + slight) / (usual + slight), axis=1)
    return np.asarray(np.log(ratios[:, -count:]).mean(axis=1), dtype=np.float64)
