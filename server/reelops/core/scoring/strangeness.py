"""How strange a segment of a take is as a step of the gold: whether it is that step done in another way, or none.

Four things speak for it: in a few channels it is farther from the step than the take's other steps are from theirs
(`departures`), it is in a few tones, its windows lie far on the way to another step, and they match worse than the
take's windows usually do. What each is worth was fitted on rendered procedures (logistic regression; Cox, 1958).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reelops.core.scoring import departures
from reelops.core.scoring.decoding import Decoding
from reelops.core.scoring.segments import Segment

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """What the logarithms of oddness, tinge and a worse match add to that of strangeness, and what the way does.

    That of the number of steps takes away from it: of many steps one is always the oddest.
    """

    odd: float
    tinge: float
    share: float
    match: float
    steps: float = 0.0


WITH_TONES = Weights(0.486, 0.459, 0.273, 0.448, 0.186)
OF_PHASES = Weights(0.8, 0.15, 0.8, 0.38, 0.37)  # parts that come and stay have tones, too
WITHOUT_TONES = Weights(1.0, 0.0, 0.57, 0.31)  # of embedders that tell none
USUAL_STEPS = 6
SLIGHT = 0.05  # distance that means nothing
FOREIGN_RATIO = 3.7  # a step that seems to be repeated, but this strange, is none of the steps
FOREIGN_SHARE = 0.35  # and it is this far on the way to another step,
FOREIGN_LONGER = 1.15  # or it takes so many times as long as that step did: the same person does it at the same pace
PLAINLY_FOREIGN_RATIO = 6.0  # whatever the way and the time
PHASED_FOREIGN_RATIO = 6.0  # where steps have phases: what is none of them has seldom even one like theirs


def strangeness(
    decoding: Decoding, segments: list[Segment], main: dict[int, int], *, step: int, segment: int, again: bool = False
) -> float:
    """Gives the oddness of a segment that was read as a step, raised by how badly its windows match.

    Of a step that is done `again` tones say nothing: what it left on the bench the first time has a colour, too.
    """
    fit = segments[segment].fit
    worse = (fit + SLIGHT) / (decoding.match_cost + SLIGHT)
    own, others = segments[segment], _others(segments, main, step)
    weights = WITHOUT_TONES if again or not own.kinds.tones else OF_PHASES if decoding.phased else WITH_TONES
    odd = departures.oddness(own.departure, others, own.kinds) ** weights.odd
    tinge = departures.tinge(own.departure, others, own.kinds) ** weights.tinge if weights.tinge else 1.0
    many = ((len(decoding.gold_steps) - 1) / USUAL_STEPS) ** -weights.steps
    return float(odd * tinge * np.exp(weights.share * share_of(fit, decoding)) * worse**weights.match * many)


def oddness(segments: list[Segment], main: dict[int, int], *, step: int, segment: int) -> float:
    """Says how many times farther from a step of the gold a segment is than the take's other steps are from theirs."""
    own = segments[segment]
    return departures.oddness(own.departure, _others(segments, main, step), own.kinds)


def _others(segments: list[Segment], main: dict[int, int], step: int) -> list[Floats]:
    return [segments[i].departure for other, i in main.items() if other != step]


def share_of(fit: float, decoding: Decoding) -> float:
    """Says how far a distance lies on the way from a usual match (0) to a foreign step (1)."""
    usual = max(decoding.match_cost, float(np.median(decoding.spread)))
    way = decoding.between_cost - usual
    return float(np.clip((fit - usual) / way, 0.0, 1.0)) if way > 0 else 0.0


def is_foreign(decoding: Decoding, segments: list[Segment], main: dict[int, int], segment: int) -> bool:
    """Says whether a segment that was read as a step again is none of the steps after all."""
    own = segments[segment]
    strange = strangeness(decoding, segments, main, step=own.state, segment=segment, again=True)
    if decoding.phased:
        return strange > PHASED_FOREIGN_RATIO
    longer = own.state in main and own.length > FOREIGN_LONGER * segments[main[own.state]].length
    far = share_of(own.fit, decoding) > FOREIGN_SHARE
    return strange > PLAINLY_FOREIGN_RATIO or (strange > FOREIGN_RATIO and (far or longer))
