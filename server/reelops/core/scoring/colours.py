"""How far a stretch of a take is from a step of the gold in the colours of what moves.

A tool is a small part of the picture and a large part of what moves in it. Shares of the movement are compared as
square roots (Hellinger, 1909), and what both takes differ in throughout - a sleeve, another skin, the light - is taken
away first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reelops.core.scoring.nearest import inner
from reelops.core.scoring.sums import Part, running_sum

Floats = NDArray[np.float32]
Wide = NDArray[np.float64]
Ints = NDArray[np.int64]

LITTLE = 0.5  # windows of usual movement
WEIGHT = 1.2  # beside maps of length 1
STILL = 0.001  # of all movement, in each colour: where nothing moves, nothing is told apart
BARE = 0.00005  # the same of what a palette shows beyond the usual


@dataclass(frozen=True, slots=True)
class Colours:
    """What moves in two takes, as running sums (windows + 1, colours), and how the trainee's is off throughout.

    The same is made of what palettes show beyond the usual. `floor` is how much of it means nothing.
    """

    gold: Wide
    trainee: Wide
    shift: Wide
    floor: float = STILL

    def none(self) -> Colours:
        """Gives the same of no colour at all."""
        gold, trainee = (np.zeros((len(side), 0)) for side in (self.gold, self.trainee))
        return Colours(gold, trainee, np.zeros(0), self.floor)

    def of_gold(self, parts: Sequence[Part]) -> Wide:
        """Gives the square roots of the shares of what moves in parts of the gold, (parts, colours)."""
        return _shares(self.gold, parts, self.floor)

    def departure(self, start: int, end: int, shares: Wide) -> Wide:
        """Gives how far a stretch of the trainee's take is from such shares in each colour, (parts, colours)."""
        return np.asarray(np.abs(_shares(self.trainee, [(start, end)], self.floor) - self.shift - shares))

    def apart(self, start: int, end: int, other_start: int, other_end: int) -> Wide:
        """Gives how far two stretches of the trainee's take are from each other in each colour, (colours,)."""
        own, other = _shares(self.trainee, [(start, end), (other_start, other_end)], self.floor)
        return np.asarray(np.abs(own - other))

    def unevenness(self, parts: Sequence[Part], halves: Sequence[Part]) -> Wide:
        """Gives how far halves of the gold's parts are from the whole of them, (parts, colours)."""
        return np.asarray(np.abs(self.of_gold(halves) - self.of_gold(parts)))


def colours_of(gold: Floats, trainee: Floats, matched: Sequence[tuple[Part, Part]], *, floor: float = STILL) -> Colours:
    """Prepares the comparison of (windows, colours) from the parts of both takes that were matched."""
    sums = running_sum(gold), running_sum(trainee)
    if not matched:
        return Colours(*sums, np.zeros(gold.shape[1]), floor)
    own, seen = ([pair[side] for pair in matched] for side in (0, 1))
    return Colours(*sums, np.median(_shares(sums[1], seen, floor) - _shares(sums[0], own, floor), axis=0), floor)


def tones_of(gold: Floats, trainee: Floats, matched: Sequence[tuple[Part, Part]]) -> Colours:
    """Prepares the same comparison of what palettes, (windows, tones), show beyond the usual one of their take."""
    own, seen = (np.maximum(side - np.median(side, axis=0), 0.0, dtype=np.float32) for side in (gold, trainee))
    return colours_of(own, seen, [(inner(*a), inner(*b)) for a, b in matched], floor=BARE)


def window_colours(windows: Floats, shift: Wide | None = None) -> Floats:
    """Gives the square roots of the shares of what moves around each window, (n, colours), weighted.

    Where little moves they are those of the whole take.
    """
    usual = windows.mean(axis=0)
    padded = np.pad(windows, ((1, 1), (0, 0)), mode="edge")
    moved = padded[:-2] + padded[1:-1] + padded[2:] + LITTLE * usual
    shares = np.sqrt(moved / np.maximum(moved.sum(axis=1, keepdims=True), 1e-9))
    return np.asarray(WEIGHT * (shares if shift is None else shares - shift), dtype=np.float32)


def _shares(sums: Wide, parts: Sequence[Part], floor: float) -> Wide:
    """Gives the square roots of each colour's share of what moves in whole parts, (parts, colours)."""
    return np.asarray(_roots_of_shares(sums, np.asarray(parts, dtype=np.int64), floor))


@njit(cache=True, nogil=True)
def _roots_of_shares(sums: Wide, parts: Ints, share: float) -> Wide:  # pragma: no cover - compiled
    windows, colours = len(sums) - 1, sums.shape[1]
    floor = share * max(np.sum(sums[windows]) / max(1, windows), 1e-9)
    shares = np.empty((len(parts), colours))
    for part in range(len(parts)):
        first, end = parts[part]
        total = 0.0
        for c in range(colours):
            shares[part, c] = sums[end, c] - sums[first, c] + floor * (end - first)
            total += shares[part, c]
        for c in range(colours):
            shares[part, c] = np.sqrt(shares[part, c] / max(total, 1e-12))
    return shares
