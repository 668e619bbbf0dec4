"""Chooses, among changes that may be the ends of steps, those with the most evidence and steps of about one length."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Wide = NDArray[np.float64]
Ints = NDArray[np.int64]

EVIDENCE = 5.0  # the most that one change can have
EVEN = 12.0  # how much an uneven length of a step counts, in evidence for the squared logarithm
LONGER = 1.12  # from one usual length that is tried to the next
FAR = 6.0  # usual steps: longer ones are not thought of


def likely(evidence: Wide, cuts: Ints, n: int, *, shortest: int) -> Ints:
    """Chooses all changes that there is evidence for, however long the steps between them are: their numbers.

    `evidence`, (cuts,), is the logarithm of the odds for each of the `cuts`, frame numbers among `n`. No step has less
    than `shortest` frames.
    """
    return _chosen(evidence, cuts, n, shortest, 0.0, 0.0)[0]


def even(evidence: Wide, cuts: Ints, n: int, *, shortest: int) -> Ints:
    """Chooses changes with steps between them that are about as long as each other: as long as evidence speaks for.

    Takes and gives what `likely` does.
    """
    lengths = np.log(shortest) + np.arange(0.0, max(0.01, np.log(n / 2 / shortest)), np.log(LONGER))
    chosen = [_chosen(evidence, cuts, n, shortest, EVEN, float(usual)) for usual in lengths]
    return max(chosen, key=lambda one: one[1])[0]


@njit(cache=True, nogil=True)
def _chosen(
    evidence: Wide, cuts: Ints, n: int, shortest: int, unevenness: float, usual: float
) -> tuple[Ints, float]:  # pragma: no cover - compiled
    """Gives the best choice by dynamic programming, and what there is for it; `usual` is the logarithm of a length."""
    count = len(cuts)
    logs = np.log(np.arange(1, n + 2))
    far = FAR * np.exp(usual) if unevenness > 0.0 else 2.0 * n
    best, back = np.full(count + 2, -np.inf), np.zeros(count + 2, np.int64)
    best[0] = 0.0
    for j in range(1, count + 2):
        end = n if j > count else cuts[j - 1]
        own = 0.0 if j > count else min(evidence[j - 1], EVIDENCE)
        for i in range(j - 1, -1, -1):
            length = end - (0 if i == 0 else cuts[i - 1])
            if length < shortest:
                continue
            if length > far and best[j] > -np.inf:
                break
            value = best[i] + own - unevenness * (logs[length - 1] - usual) ** 2
            if value > best[j]:
                best[j], back[j] = value, i
    kept = np.empty(count, np.int64)
    found, j = 0, count + 1
    while j > 0:
        j = back[j]
        if j > 0:
            kept[found] = j - 1
            found += 1
    return kept[:found][::-1].copy(), best[count + 1]
