"""What takes that somebody vouches for say about a gold: how much good takes differ from it, step by step.

A step's limit is what is known without any reference, moved and narrowed by the references: the mean of the step's
logarithms, and the spread that all steps have in common, under a conjugate prior (Murphy, 2007), so that one reference
says little and eight say much.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

MOST_REFERENCES = 8
SURE = 3.0  # standard deviations beyond what is usual
PRIOR_MEAN = 2.0  # how many references the expectation that takes are like the gold is worth
PRIOR_SPREAD = 24.0  # and how many steps of references that of how much they differ

Place = tuple[str, int | None, int | None]
"""What is said and where: the type of the fault, its step, and the other step or the one that it comes after."""


@dataclass(frozen=True, slots=True)
class ReferenceReading:
    """How a good take reads against the gold: for each of the gold's steps, and what would be called a fault.

    `lengths` are windows over the gold's, `oddness` the distance over the take's usual one; None for a step not found.
    """

    lengths: tuple[float | None, ...]
    oddness: tuple[float | None, ...]
    said: tuple[Place, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Gives the plain form."""
        return {"lengths": list(self.lengths), "oddness": list(self.oddness), "said": [list(at) for at in self.said]}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> ReferenceReading:
        """Reads the plain form."""
        said = tuple((str(kind), step, other) for kind, step, other in plain["said"])
        return cls(tuple(plain["lengths"]), tuple(plain["oddness"]), said)


@dataclass(frozen=True, slots=True)
class Variation:
    """What references say of one ratio at each step: how many there are, and the mean of their logarithms.

    `squares` is what they are off these means, squared and summed over all steps, and `freedom` how many values that is
    beyond one per step.
    """

    counts: tuple[int, ...]
    means: tuple[float, ...]
    squares: float
    freedom: int

    def limit(self, step: int, without: float, *, least: float) -> float:
        """Gives the ratio beyond which a take is no good one; `without` is the limit where there are no references."""
        spread = (np.log(without) / SURE) ** 2 / (1 + 1 / PRIOR_MEAN)
        spread = (PRIOR_SPREAD * spread + self.squares) / (PRIOR_SPREAD + self.freedom)
        worth = PRIOR_MEAN + self.counts[step]
        mean = self.counts[step] * self.means[step] / worth
        return max(least, float(np.exp(mean + SURE * np.sqrt(spread * (1 + 1 / worth)))))


@dataclass(frozen=True, slots=True)
class Norms:
    """What is usual among good takes. Without references every limit is the general one and nothing is familiar.

    `golds` and `accepted` count the references, the gold itself not among them. `familiar` is what would be called a
    fault of half of the references or more: it is the reading's fault, not theirs.
    """

    golds: int = 0
    accepted: int = 0
    lengths: Variation | None = None
    oddness: Variation | None = None
    familiar: frozenset[Place] = frozenset()

    def longest(self, step: int, without: float, *, least: float) -> float:
        """Gives how many times as long as in the gold a step may take."""
        return self.lengths.limit(step, without, least=least) if self.lengths else without

    def oddest(self, step: int, without: float, *, least: float) -> float:
        """Gives how many times as far from the gold as usual a step may be."""
        return self.oddness.limit(step, without, least=least) if self.oddness else without


UNKNOWN_NORMS = Norms()


def norms_of(golds: Sequence[ReferenceReading], accepted: Sequence[ReferenceReading]) -> Norms:
    """Gathers what other golds and accepted takes say, all of them read against the same gold."""
    readings = [*golds, *accepted]
    if not readings:
        return UNKNOWN_NORMS
    counted = Counter(place for reading in readings for place in set(reading.said))
    return Norms(
        len(golds),
        len(accepted),
        _variation([reading.lengths for reading in readings]),
        _variation([reading.oddness for reading in readings]),
        frozenset(place for place, count in counted.items() if 2 * count >= len(readings)),
    )


def _variation(values: Sequence[Sequence[float | None]]) -> Variation:
    """Sums up the values of one ratio, (references, steps)."""
    steps = [np.log([max(v, 1e-3) for v in step if v is not None]) for step in zip(*values, strict=True)]
    means = [float(step.mean()) if len(step) else 0.0 for step in steps]
    squares = sum(float(((step - mean) ** 2).sum()) for step, mean in zip(steps, means, strict=True))
    counts = tuple(len(step) for step in steps)
    return Variation(counts, tuple(means), squares, sum(max(0, count - 1) for count in counts))
