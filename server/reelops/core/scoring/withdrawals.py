"""Tells the steps of a take from the phases within them by single frames: between steps the hands withdraw.

Hands are away for half a second, which a window of 1 s averages away and a single frame shows. A frame is strange to
others by the share of its cells that look like none of theirs, so that parts which came and stayed matter little: each
cell may look as it did before or as it does afterwards. Where the hands are away the bench is less strange to the other
such moments than all that surrounds it. Which moments these are is found by turns: first the take's own ends, or all
changes, are taken for them, then those that fit, and then those that fit and make steps of about one length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reelops.core.scoring.evenness import EVIDENCE, even, likely
from reelops.core.scoring.segmentation import PENALTY, find_steps

Floats = NDArray[np.float32]
Wide = NDArray[np.float64]
Ints = NDArray[np.int64]

RATE = 4  # frames a second
LEAST_STEP = 10  # frames
LEAST_APART = 3  # half seconds: changes that are no closer are looked at
KEEN = 0.25  # of the usual price of a cut: better a change too many than one too few
ALIKE = 0.1  # of a cell's usual variance: two looks that differ by this are half alike
BESIDE = 2  # frames on either side of a cut in which its moment is looked for
NEARBY = 4  # moments on either side that a frame is compared with
LONGEST_AWAY = 2 * RATE  # frames on either side of a moment that may be of one pause
OWN = 2 * RATE  # frames around a moment that do not vouch for it
ROUNDS = 5
ENDS_SHARE = 0.45  # of the evidence otherwise found: then what begins and ends the take is the pause
LEAST_PAUSES = 2
LEAST_EVIDENCE = 0.2  # for each change of the take
BARE = 0.8  # of the usual strangeness, at the pauses: a bench that is no barer is not without hands
LONGEST = 3.0  # usual steps: where one is longer, hands did not withdraw after every step
CLUES = np.array([1.04, 1.03, 4.25, -1.01, 1.92, 5.01])  # logistic weights, fitted on takes of every kind of work
DOUBT = -3.24


@dataclass(frozen=True, slots=True)
class _Take:
    """Frames (n, cells, channels), the changes among them, how much each changes, and the usual variance of a cell."""

    frames: Floats
    cuts: Ints
    change: Wide
    unlike: float


@dataclass(frozen=True, slots=True)
class _Found:
    """Which cuts are pauses, the frame of each, and the evidence of all cuts."""

    pauses: Ints
    moments: Ints
    evidence: Wide

    @property
    def total(self) -> float:
        return float(np.minimum(self.evidence[self.pauses], EVIDENCE).sum())


class _Choose(Protocol):
    """Chooses among cuts by the evidence for them."""

    def __call__(self, evidence: Wide, cuts: Ints, n: int, *, shortest: int) -> Ints:
        """Gives the numbers of those chosen."""


def withdrawals(glimpses: Floats) -> Ints | None:
    """Finds where the hands withdraw between steps, as frame numbers (0, ..., n); None where they do not.

    `glimpses` is (n, channels, cells), one every 0.25 s.
    """
    n = len(glimpses)
    take = _take(glimpses)
    if len(take.cuts) < LEAST_PAUSES:
        return None
    found = _settled_on(take)
    if len(found.pauses) < LEAST_PAUSES or found.total < LEAST_EVIDENCE * len(take.cuts):
        return None
    strange = _strange_to(take, found.moments)
    lengths = np.diff(take.cuts[found.pauses], prepend=0, append=n)
    if np.median(strange[found.moments]) > BARE * np.median(strange) or lengths.max() > LONGEST * np.median(lengths):
        return None
    return np.unique(np.concatenate([[0], _middles(strange, found.moments), [n]]))


def _take(glimpses: Floats) -> _Take:
    n = len(glimpses)
    frames = np.ascontiguousarray(glimpses.transpose(0, 2, 1), dtype=np.float32)
    halves = glimpses[: n // 2 * 2].reshape(n // 2, 2, -1).mean(axis=1) if n > 1 else glimpses.reshape(n, -1)
    cuts = 2 * find_steps(np.ascontiguousarray(halves), penalty=KEEN * PENALTY, min_windows=LEAST_APART)[1:-1]
    cuts = cuts[(cuts >= LEAST_STEP) & (cuts <= n - LEAST_STEP)]
    unlike = max(ALIKE * float(frames.var(axis=0).sum(axis=1).mean()), 1e-9)
    return _Take(frames, cuts, _changes(frames, cuts, unlike), unlike)


def _settled_on(take: _Take) -> _Found:
    """Takes the moments that are like the take's ends, unless there is far more evidence for others."""
    ends, others = (_by_turns(take, first, likely) for first in (take.cuts[:0], take.cuts))
    found = ends if ends.total >= ENDS_SHARE * others.total else others
    return _by_turns(take, found.moments, even)


def _by_turns(take: _Take, moments: Ints, choose: _Choose) -> _Found:
    """Finds which cuts are pauses such as these moments, then such as those, until nothing changes."""
    found = _Found(take.cuts[:0], moments, np.zeros(len(take.cuts)))
    for _ in range(ROUNDS):
        clues, at = _clues(_strange_to(take, found.moments), take.cuts)
        evidence = np.column_stack([clues, take.change]) @ CLUES + DOUBT
        pauses = choose(evidence, take.cuts, len(take.frames), shortest=LEAST_STEP)
        settled = np.array_equal(at[pauses], found.moments)
        found = _Found(pauses, at[pauses], evidence)
        if settled:
            break
    return found


def _middles(strange: Wide, moments: Ints) -> Ints:
    """Gives the middle of the time in which hands are away around each of these moments, as frame numbers."""
    usual, middles = float(np.median(strange)), []
    for moment in moments.tolist():
        away = strange[max(0, moment - LONGEST_AWAY) : moment + LONGEST_AWAY + 1] < np.sqrt(strange[moment] * usual)
        at = min(moment, LONGEST_AWAY)
        before, after = np.flatnonzero(~away[:at]), np.flatnonzero(~away[at:])
        first = moment - at + (before[-1] + 1 if len(before) else 0)
        end = moment + (after[0] if len(after) else len(away) - at)
        middles.append(round((first + end) / 2))
    return np.array(middles, dtype=np.int64)


def _strange_to(take: _Take, moments: Ints) -> Wide:
    """Says how strange each frame is to these moments and to the take's ends."""
    known = np.unique(np.concatenate([[0], moments, [len(take.frames) - 1]]))
    return np.asarray(_strangeness(take.frames, known, take.unlike, NEARBY, OWN))


@njit(cache=True, nogil=True, fastmath=True)
def _strangeness(frames: Floats, known: Ints, unlike: float, nearby: int, own: int) -> Wide:  # pragma: no cover
    """Gives of each frame how far its cells look unlike those of the nearest known moments, 0 to 1: (n,).

    Each cell is compared with the moment that it is most alike.
    """
    n, cells, channels = frames.shape
    scale = np.float32(unlike)
    found = np.empty(n)
    before = after = 0
    for i in range(n):
        while before < len(known) and known[before] < i - own:
            before += 1
        while after < len(known) and known[after] <= i + own:
            after += 1
        total = np.float32(0)
        for cell in range(cells):
            least = np.float32(1e9)
            for j in range(max(0, before - nearby), min(len(known), after + nearby)):
                if before <= j < after:
                    continue
                apart = np.float32(0)
                for channel in range(channels):
                    step = frames[i, cell, channel] - frames[known[j], cell, channel]
                    apart += step * step
                least = min(least, apart)
            total += least / (scale + least)
        found[i] = max(total / cells, 1e-3)
    return found


@njit(cache=True, nogil=True)
def _clues(strange: Wide, cuts: Ints) -> tuple[Wide, Ints]:  # pragma: no cover - compiled
    """Gives of each cut what its least strange frame says, and that frame.

    How much less strange it is than all frames 1 to 2 s and 1 to 3.5 s from it, than the strangest of 1.5 s on either
    side, and than frames usually are, as logarithms. The last also of three frames, which noise fools less.
    """
    n = len(strange)
    usual = np.median(strange)
    clues, at = np.empty((len(cuts), 5)), np.empty(len(cuts), np.int64)
    for row in range(len(cuts)):
        first, end = max(1, cuts[row] - BESIDE), min(n - 1, cuts[row] + BESIDE + 1)
        best = first + np.argmin(strange[first:end])
        near, far, left, right = np.inf, np.inf, 0.0, 0.0
        for i in range(max(0, best - 14), min(n, best + 15)):
            away = abs(i - best)
            if 4 <= away <= 8:
                near = min(near, strange[i])
            if away >= 4:
                far = min(far, strange[i])
            if away <= 6 and i <= best:
                left = max(left, strange[i])
            if away <= 6 and i >= best:
                right = max(right, strange[i])
        here = strange[best]
        clues[row, 0] = min(max(np.log(near / here), -1.2), 1.2)
        clues[row, 1] = min(max(np.log(far / here), -1.2), 1.2)
        clues[row, 2] = min(np.log(min(left, right) / here), 1.5)
        clues[row, 3] = np.log(usual / here)
        clues[row, 4] = np.log(usual / strange[best - 1 : best + 2].mean())
        at[row] = best
    return clues, at


@njit(cache=True, nogil=True, fastmath=True)
def _changes(frames: Floats, cuts: Ints, unlike: float) -> Wide:  # pragma: no cover - compiled
    """Gives how unlike the frames 0.5 to 1.75 s before each cut are those after it, 0 to 1."""
    n, cells, channels = frames.shape
    scale = np.float32(unlike)
    found = np.zeros(len(cuts))
    for row in range(len(cuts)):
        cut = cuts[row]
        total = np.float32(0)
        for cell in range(cells):
            apart = np.float32(0)
            for channel in range(channels):
                before, after = np.float32(0), np.float32(0)
                for away in range(3, 8):
                    before += frames[max(0, cut - away), cell, channel]
                    after += frames[min(n - 1, cut + away), cell, channel]
                apart += ((before - after) / 5) ** 2
            total += apart / (scale + apart)
        found[row] = total / cells
    return found
