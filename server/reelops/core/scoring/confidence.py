"""How sure a statement is: the share of such statements that proved true on rendered procedures.

Fitted by `python -m tests.benchmarks.scoring.calibrate`, which names the procedures and shows how well it holds up.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from reelops.core.scoring.doubts import USUAL_DOUBT, Doubt
from reelops.core.scoring.model import FaultType

LEAST, MOST = 0.02, 0.98  # nothing is certain

# The logarithm of the odds that a statement is true: a constant, and what a plain one has more than an undecided one.
LINES: Mapping[FaultType, tuple[float, float]] = MappingProxyType(
    {
        FaultType.STEP_MISSING: (2.73, 2.64),
        FaultType.ORDER_SWAP: (2.66, 3.08),
        FaultType.STEP_REPEATED: (1.88, 2.91),
        FaultType.EXTRA_STEP: (-0.03, 3.92),
        FaultType.OVER_TIME: (1.38, 2.89),
        FaultType.EXECUTION_DEVIATION: (1.64, 3.04),
    }
)
AGAINST = (-1.60, -2.12, -4.00, -2.60, -2.64)  # what each reason to doubt adds


def confidence_of(fault: FaultType, margin: float, doubt: Doubt = USUAL_DOUBT) -> float:
    """Gives the chance that a statement is true, from how clear it was: `margin` is 0 (undecided) to 1 (plain)."""
    constant, slope = LINES[fault]
    odds = constant + slope * margin + float(np.dot(AGAINST, doubt.values))
    return float(np.clip(1 / (1 + np.exp(-odds)), LEAST, MOST))
