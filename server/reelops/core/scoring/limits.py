"""What a result says of the limits that a take was judged by, and what they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TIME_DECIMALS = 3
_RATIO_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class StepLimits:
    """What passes at a step: seconds, and how strange it may be (`strangeness`)."""

    gold_step: int
    longest_sec: float
    oddest_ratio: float

    def to_dict(self) -> dict[str, Any]:
        """Gives the plain form."""
        return {
            "gold_step": self.gold_step,
            "longest_sec": round(self.longest_sec, _TIME_DECIMALS),
            "oddest_ratio": round(self.oddest_ratio, _RATIO_DECIMALS),
        }


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a take was judged by: gold videos, the named one among them, accepted takes, and the limits that follow."""

    golds: int
    accepted_takes: int
    steps: tuple[StepLimits, ...]

    def to_dict(self) -> dict[str, Any]:
        """Gives the plain form."""
        steps = [limits.to_dict() for limits in self.steps]
        return {"golds": self.golds, "accepted_takes": self.accepted_takes, "steps": steps}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Calibration:
        """Reads the plain form."""
        return cls(plain["golds"], plain["accepted_takes"], tuple(StepLimits(**item) for item in plain["steps"]))
