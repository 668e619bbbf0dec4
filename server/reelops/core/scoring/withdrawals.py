"""Tells the steps of a take from the phases within them by single frames: between steps the hands withdraw.

Hands are away for half a second, which a window of 1 s averages away and a single frame shows. A frame is strange to
others by the share of its cells that look like none of theirs, so that parts which came and stayed matter little: each
cell may look as it did before or as it does afterwards. Where the hands are away the bench is less strange to the other
such moments than all that surrounds it. Which moments these are is found by turns: first the take's own ends, or all
changes, are taken for them, then those that fit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reelops.core.scoring.segmentation import PENALTY, find_steps

Floats = NDArray[np.float32]
Wide = NDArray[np.float64]
Ints = NDArray[np.int64]

RATE = 4  # frames a second
LEAST_STEP = 10  # frames
KEEN = 0.25  # of the usual price of a cut: better a change too many than one too few
ALIKE = 0.1  # of a cell's usual variance: two looks that differ by this are half alike
BESIDE = 3  # frames on either side of a cut in which its moment is looked for
NEARBY = 2  # moments on either side that a frame is compared with
OWN = 2 * RATE  # frames around a moment that do not vouch for it
EVIDENCE = 3.0  # the most that one cut can have
ROUNDS = 5
EVEN = 3.0  # how much an uneven length of a step counts, in evidence for the squared logarithm
ENDS_SHARE = 0.5  # of the evidence otherwise found: then what begins and ends the take is the pause
LEAST_PAUSES = 2
LEAST_EVIDENCE = 0.3  # for each change of the take
BARE = 0.6  # of the usual strangeness, at the pauses: a bench that is no barer is not without hands
LONGEST = 3.0  # usual steps: where one is longer, hands did not withdraw after every step
CLUES = np.array([2.38, 1.55, 2.59, 1.69])  # logistic weights, fitted on assemblies and plain procedures
DOUBT = -2.51


@dataclass(frozen=True, slots=True)
class _Take:
    """Frames (n, cells, channels), the changes among them, how much each changes, and the usual variance of a cell."""

    frames: Floats
    cuts: Ints
    change: Wide
    unlike: float


@dataclass(frozen=True, slots=True)
class _Found:
    """Which cuts are pauses, the frame of each, the evidence of all cuts, and how strange the pauses are to each other.

    That as a share of the usual strangeness.
    """

    pauses: Ints
    moments: Ints
    evidence: Wide
    bareness: float

    @property
    def total(self) -> float:
        return float(np.minimum(self.evidence[self.pauses], EVIDENCE).sum())


def withdrawals(glimpses: Floats) -> Ints | None:
    """Finds where the hands withdraw between steps, as frame numbers (0, ..., n); None where they do not.

    `glimpses` is (n, channels, cells), one every 0.25 s.
    """
    n = len(glimpses)
    take = _take(glimpses)
    if len(take.cuts) < LEAST_PAUSES:
        return None
    found = _settled_on(take)
    if found.bareness > BARE or found.total < LEAST_EVIDENCE * len(take.cuts):
        return None
    pauses = _evener(found, take)
    lengths = np.diff(take.cuts[pauses], prepend=0, append=n)
    if len(pauses) < LEAST_PAUSES or lengths.max() > LONGEST * np.median(lengths):
        return None
    return np.concatenate([[0], take.cuts[pauses], [n]]).astype(np.int64)


def _take(glimpses: Floats) -> _Take:
    n = len(glimpses)
    frames = np.ascontiguousarray(glimpses.transpose(0, 2, 1), dtype=np.float32)
    halves = glimpses[: n // 2 * 2].reshape(n // 2, 2, -1).mean(axis=1) if n > 1 else glimpses.reshape(n, -1)
    cuts = 2 * find_steps(np.ascontiguousarray(halves), penalty=KEEN * PENALTY, min_windows=LEAST_STEP // 2 - 1)[1:-1]
    cuts = cuts[(cuts >= LEAST_STEP) & (cuts <= n - LEAST_STEP)]
    unlike = max(ALIKE * float(frames.var(axis=0).sum(axis=1).mean()), 1e-9)
    return _Take(frames, cuts, _changes(frames, cuts, unlike), unlike)


def _settled_on(take: _Take) -> _Found:
    """Takes the moments that are like the take's ends, unless there is far more evidence for others."""
    ends, others = (_by_turns(take, first) for first in (take.cuts[:0], take.cuts))
    return ends if ends.total >= ENDS_SHARE * others.total else others


def _evener(found: _Found, take: _Take) -> Ints:
    """Chooses again, now that it is known how long a step usually is."""
    n, pauses = len(take.frames), found.pauses
    for _ in range(ROUNDS):
        usual = float(np.exp(np.median(np.log(np.diff(take.cuts[pauses], prepend=0, append=n)))))
        chosen = _chosen(found.evidence, take.cuts, n, EVEN, usual)
        if np.array_equal(chosen, pauses):
            break
        pauses = chosen
    return pauses


def _by_turns(take: _Take, moments: Ints) -> _Found:
    n = len(take.frames)
    found = _Found(take.cuts[:0], moments, np.zeros(len(take.cuts)), 1.0)
    for _ in range(ROUNDS):
        clues, at = _clues(_strange_to(take, found.moments), take.cuts)
        evidence = np.column_stack([clues, take.change]) @ CLUES + DOUBT
        pauses = _chosen(evidence, take.cuts, n, 0.0, 1.0)
        settled = np.array_equal(at[pauses], found.moments)
        found = _Found(pauses, at[pauses], evidence, 1.0)
        if settled:
            break
    if not len(found.pauses):
        return found
    strange = _strange_to(take, found.moments)
    return replace(found, bareness=float(np.median(strange[found.moments]) / np.median(strange)))


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

    How much less strange it is than all frames 1 to 2 s and 1 to 3.5 s from it, and than the strangest of 1.5 s on
    either side, as logarithms.
    """
    n = len(strange)
    clues, at = np.empty((len(cuts), 3)), np.empty(len(cuts), np.int64)
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


@njit(cache=True, nogil=True)
def _chosen(evidence: Wide, cuts: Ints, n: int, even: float, usual: float) -> Ints:  # pragma: no cover - compiled
    """Chooses the cuts with the most evidence among them, and steps of a length not far from `usual`: their numbers."""
    count = len(cuts)
    best, back = np.full(count + 2, -np.inf), np.zeros(count + 2, np.int64)
    best[0] = 0.0
    for j in range(1, count + 2):
        end = n if j > count else cuts[j - 1]
        own = 0.0 if j > count else min(evidence[j - 1], EVIDENCE)
        for i in range(j - 1, -1, -1):
            length = end - (0 if i == 0 else cuts[i - 1])
            if length < LEAST_STEP:
                continue
            value = best[i] + own - (even * np.log(length / usual) ** 2 if even > 0.0 else 0.0)
            if value > best[j]:
                best[j], back[j] = value, i
    kept = np.empty(count, np.int64)
    found, j = 0, count + 1
    while j > 0:
        j = back[j]
        if j > 0:
            kept[found] = j - 1
            found += 1
    return kept[:found][::-1].copy()
