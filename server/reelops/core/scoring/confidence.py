"""How sure a statement is: the share of such statements that proved true on rendered procedures.

Measured on some of the procedures 0 to 10 of `tests/benchmarks/scoring`; others are for reporting how well it holds up.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from reelops.core.scoring.model import FaultType

Curve = tuple[tuple[float, float], ...]

# (margin, share that is true), joined by straight lines
CURVES: Mapping[FaultType, Curve] = MappingProxyType(
    {
        FaultType.STEP_MISSING: ((0.0, 0.6), (0.6, 0.75), (1.0, 0.93)),
        FaultType.ORDER_SWAP: ((0.0, 0.7), (1.0, 0.97)),
        FaultType.STEP_REPEATED: ((0.0, 0.3), (0.4, 0.45), (0.6, 0.88), (1.0, 0.94)),
        FaultType.EXTRA_STEP: ((0.0, 0.35), (0.4, 0.6), (0.8, 0.8), (1.0, 0.96)),
        FaultType.OVER_TIME: ((0.0, 0.5), (0.5, 0.7), (0.9, 0.85), (1.0, 0.95)),
        FaultType.EXECUTION_DEVIATION: ((0.0, 0.35), (0.2, 0.6), (0.5, 0.85), (1.0, 0.97)),
    }
)


def confidence_of(fault: FaultType, margin: float) -> float:
    """Gives the chance that a statement is true, from how clear it was: `margin` is 0 (undecided) to 1 (plain)."""
    margins, shares = zip(*CURVES[fault], strict=True)
    return float(np.interp(margin, margins, shares))
