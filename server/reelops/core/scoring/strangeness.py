"""How strange a segment of a take is as a step of the gold: whether it is that step done in another way, or none.

Three things speak for it: in a few channels it is farther from the step than the take's other steps are from theirs
(`departures`), its windows lie far on the way to another step, and they match worse than the take's windows usually do.
What each is worth was fitted on rendered procedures (logistic regression; Cox, 1958).
"""

from __future__ import annotations

import numpy as np

from reelops.core.scoring import departures
from reelops.core.scoring.decoding import Decoding
from reelops.core.scoring.segments import Segment

OF_SHARE = 0.57  # what the whole way to another step adds to the logarithm of the oddness
OF_MATCH = 0.31  # and the logarithm of how much worse than usual the windows match
SLIGHT = 0.05  # distance that means nothing
FOREIGN_RATIO = 3.7  # a step that seems to be repeated, but this strange, is none of the steps
FOREIGN_SHARE = 0.35  # and it is this far on the way to another step,
FOREIGN_LONGER = 1.15  # or it takes so many times as long as that step did: the same person does it at the same pace
PLAINLY_FOREIGN_RATIO = 6.0  # whatever the way and the time
PHASED_FOREIGN_RATIO = 6.0  # where steps have phases: what is none of them has seldom even one like theirs


def strangeness(decoding: Decoding, segments: list[Segment], main: dict[int, int], *, step: int, segment: int) -> float:
    """Gives the oddness of a segment that was read as a step, raised by how badly its windows match."""
    fit = segments[segment].fit
    worse = (fit + SLIGHT) / (decoding.match_cost + SLIGHT)
    odd = oddness(segments, main, step=step, segment=segment)
    return float(odd * np.exp(OF_SHARE * share_of(fit, decoding)) * worse**OF_MATCH)


def oddness(segments: list[Segment], main: dict[int, int], *, step: int, segment: int) -> float:
    """Says how many times farther from a step of the gold a segment is than the take's other steps are from theirs."""
    others = [segments[i].departure for other, i in main.items() if other != step]
    return departures.oddness(segments[segment].departure, others, segments[segment].channels)


def share_of(fit: float, decoding: Decoding) -> float:
    """Says how far a distance lies on the way from a usual match (0) to a foreign step (1)."""
    usual = max(decoding.match_cost, float(np.median(decoding.spread)))
    way = decoding.between_cost - usual
    return float(np.clip((fit - usual) / way, 0.0, 1.0)) if way > 0 else 0.0


def is_foreign(decoding: Decoding, segments: list[Segment], main: dict[int, int], segment: int) -> bool:
    """Says whether a segment that was read as a step again is none of the steps after all."""
    own = segments[segment]
    strange = strangeness(decoding, segments, main, step=own.state, segment=segment)
    if decoding.phased:
        return strange > PHASED_FOREIGN_RATIO
    longer = own.state in main and own.length > FOREIGN_LONGER * segments[main[own.state]].length
    far = share_of(own.fit, decoding) > FOREIGN_SHARE
    return strange > PLAINLY_FOREIGN_RATIO or (strange > FOREIGN_RATIO and (far or longer))
