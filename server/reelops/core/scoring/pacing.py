"""How long a trainee took for a step of the gold, and how long that may be.

Ingest drops what is left at the end of a video where it is too short for a clip, and with it the end of the last step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reelops.core.scoring.decoding import Decoding
from reelops.core.scoring.norms import Norms
from reelops.core.scoring.segments import Segment

SLOW_RATIO = 1.6  # beyond the slowest pace (0.8) that still passes, and the usual differences between people
SLOW_WINDOWS = 3
LEAST_SLOW_RATIO = 1.4  # however even good takes are: a pace of 0.8 passes, and people differ
SAME_LENGTH = 0.5  # windows
LOST_WINDOWS = 1.2  # of the gold's last step, where it is not known how many: up to twice that


def expected_windows(decoding: Decoding, step: int) -> float:
    """Gives the windows that the gold takes for a step."""
    shown = int(decoding.gold_steps[step + 1] - decoding.gold_steps[step])
    if step < len(decoding.gold_steps) - 2:
        return shown
    return shown + (LOST_WINDOWS if decoding.lost is None else decoding.lost[0])


def taken_windows(decoding: Decoding, segment: Segment) -> float:
    """Gives the windows that a segment of the trainee's take lasted."""
    if decoding.lost is None or segment.end < len(decoding.costs):
        return segment.length
    return segment.length + decoding.lost[1]


def drawn_out(decoding: Decoding, segments: Sequence[Segment], main: Mapping[int, int]) -> bool:
    """Says whether the steps that were done took longer than in the gold, all together.

    A take that is just as long as the gold may have been cut to that length, whatever is at its end.
    """
    lost, lost_gold = (0.0, 0.0) if decoding.lost is None else decoding.lost[::-1]
    whole, whole_gold = len(decoding.costs) + lost, int(decoding.gold_steps[-1]) + lost_gold
    taken = sum(taken_windows(decoding, segments[i]) for i in main.values())
    return abs(whole - whole_gold) > SAME_LENGTH and taken > sum(expected_windows(decoding, step) for step in main)


def longest_windows(decoding: Decoding, step: int, norms: Norms) -> float:
    """Gives the windows that a step may take."""
    expected = expected_windows(decoding, step)
    return max(slow_ratio(step, norms) * expected, expected + SLOW_WINDOWS)


def slow_ratio(step: int, norms: Norms) -> float:
    """Gives how many times as long as the gold's a step may be."""
    return norms.longest(step, SLOW_RATIO, least=LEAST_SLOW_RATIO)
