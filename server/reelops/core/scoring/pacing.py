"""How long a trainee may take for a step of the gold."""

from __future__ import annotations

from reelops.core.scoring.decoding import Decoding
from reelops.core.scoring.norms import Norms
from reelops.core.scoring.refining import SLOW_RATIO

SLOW_WINDOWS = 2
LEAST_SLOW_RATIO = 1.4  # however even good takes are: a pace of 0.8 passes, and people differ
TAIL_WINDOWS = 1.2  # of the gold's last step may be missing: ingest drops a tail of up to twice that


def longest_windows(decoding: Decoding, step: int, norms: Norms) -> float:
    """Gives the windows that a step may take."""
    expected = int(decoding.gold_steps[step + 1] - decoding.gold_steps[step]) + tail(decoding, step)
    return max(slow_ratio(step, norms) * expected, expected + SLOW_WINDOWS)


def slow_ratio(step: int, norms: Norms) -> float:
    """Gives how many times as long as the gold's a step may be."""
    return norms.longest(step, SLOW_RATIO, least=LEAST_SLOW_RATIO)


def tail(decoding: Decoding, step: int) -> float:
    """Gives the windows of a step that the gold video may have lost."""
    return TAIL_WINDOWS if step == len(decoding.gold_steps) - 2 else 0.0
