"""What a comparison of two videos says: faults, points lost, and the figures behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Generic, TypeVar

from reelops.core.scoring.limits import Calibration

ALIGNMENT_PREVIEW_LIMIT = 300
STEP_MAP_PREVIEW_LIMIT = 100

T = TypeVar("T")

_TIME_DECIMALS = 3
_VALUE_DECIMALS = 6


class FaultType(StrEnum):
    """What can be wrong with a trainee's take."""

    STEP_MISSING = "step_missing"
    ORDER_SWAP = "order_swap"
    STEP_REPEATED = "step_repeated"
    EXTRA_STEP = "extra_step"
    OVER_TIME = "over_time"
    EXECUTION_DEVIATION = "execution_deviation"


def spread(items: Sequence[T], limit: int) -> tuple[T, ...]:
    """Picks at most `limit` items, evenly over the whole, the first and the last among them."""
    if len(items) <= limit:
        return tuple(items)
    last = len(items) - 1
    return tuple(items[round(i * last / (limit - 1))] for i in range(limit))


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A stretch of one video in seconds; both ends are absent where the fault has no place in that video."""

    start_sec: float | None = None
    end_sec: float | None = None

    def to_dict(self) -> dict[str, float | None]:
        """Gives the plain form."""
        return {"start_sec": _rounded(self.start_sec), "end_sec": _rounded(self.end_sec)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, float | None]) -> TimeRange:
        """Reads the plain form."""
        return cls(plain["start_sec"], plain["end_sec"])


@dataclass(frozen=True, slots=True)
class Deviation:
    """One fault, with its place in both videos.

    `gold_step` and `trainee_step` are zero-based positions in the videos' own step lists. `other_gold_step` is the
    step that this one changed places with. `details` are figures that belong to the type, such as `ratio` and
    `excess_sec` of an `over_time`. Steps have names where an operator gave them.
    """

    type: FaultType
    gold_step: int | None
    gold_time: TimeRange
    trainee_time: TimeRange
    confidence: float
    reason: str
    trainee_step: int | None = None
    other_gold_step: int | None = None
    details: Mapping[str, float] = field(default_factory=dict)
    gold_step_name: str | None = None
    other_gold_step_name: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Gives the plain form."""
        return {
            "type": self.type.value,
            "gold_step": self.gold_step,
            "gold_time": self.gold_time.to_dict(),
            "trainee_time": self.trainee_time.to_dict(),
            "confidence": round(self.confidence, 4),
            "reason": self.reason,
            "trainee_step": self.trainee_step,
            "other_gold_step": self.other_gold_step,
            "details": {name: round(value, _VALUE_DECIMALS) for name, value in self.details.items()},
            "gold_step_name": self.gold_step_name,
            "other_gold_step_name": self.other_gold_step_name,
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Deviation:
        """Reads the plain form."""
        return cls(
            type=FaultType(plain["type"]),
            gold_step=plain["gold_step"],
            gold_time=TimeRange.from_dict(plain["gold_time"]),
            trainee_time=TimeRange.from_dict(plain["trainee_time"]),
            confidence=plain["confidence"],
            reason=plain["reason"],
            trainee_step=plain.get("trainee_step"),
            other_gold_step=plain.get("other_gold_step"),
            details=dict(plain.get("details", {})),
            gold_step_name=plain.get("gold_step_name"),
            other_gold_step_name=plain.get("other_gold_step_name"),
        )


@dataclass(frozen=True, slots=True)
class Penalty:
    """Points that the score lost, and for what. `deviation` is the position of the fault in the list, if it is one."""

    name: str
    points: float
    reason: str
    deviation: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Gives the plain form."""
        points = round(self.points, 4)
        return {"name": self.name, "points": points, "reason": self.reason, "deviation": self.deviation}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Penalty:
        """Reads the plain form."""
        return cls(plain["name"], plain["points"], plain["reason"], plain.get("deviation"))


@dataclass(frozen=True, slots=True)
class Metrics:
    """The documented figures of a comparison. All are ratios but `miss` and `swap`, which count steps."""

    miss: int
    swap: int
    deviation: float
    over_time: float
    temporal_warp: float
    path_stretch: float
    duplicate_ratio: float
    order_violation_ratio: float
    temporal_drift: float
    confidence_loss: float
    local_similarity_gap: float
    adaptive_low_similarity_threshold: float
    effective_low_similarity_threshold: float
    hard_miss_ratio: float
    mean_alignment_cost: float

    def to_dict(self) -> dict[str, float]:
        """Gives the plain form."""
        return {f.name: round(getattr(self, f.name), _VALUE_DECIMALS) for f in fields(self)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Metrics:
        """Reads the plain form."""
        return cls(**{f.name: plain[f.name] for f in fields(cls)})


@dataclass(frozen=True, slots=True)
class AlignedPair:
    """A clip of the gold video and the clip of the trainee's that was laid beside it."""

    gold_clip: int
    trainee_clip: int
    similarity: float

    def to_dict(self) -> dict[str, Any]:
        """Gives the plain form."""
        similarity = round(self.similarity, _VALUE_DECIMALS)
        return {"gold_clip": self.gold_clip, "trainee_clip": self.trainee_clip, "similarity": similarity}


@dataclass(frozen=True, slots=True)
class BothVideos(Generic[T]):
    """The same kind of value for the gold and for the trainee's video."""

    gold: T
    trainee: T


@dataclass(frozen=True, slots=True)
class StepSpan:
    """A step as it lies in a video. `gold_step` says which step of the gold it is; none means a step of its own.

    It has a `name` where an operator gave the step one.
    """

    start_sec: float
    end_sec: float
    gold_step: int | None
    name: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Gives the plain form."""
        return {
            "start_sec": _rounded(self.start_sec),
            "end_sec": _rounded(self.end_sec),
            "gold_step": self.gold_step,
            "name": self.name,
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> StepSpan:
        """Reads the plain form."""
        return cls(plain["start_sec"], plain["end_sec"], plain["gold_step"], plain.get("name"))


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """A finished comparison. `score` is 100 less the sum of `penalties`, never below 0.

    `step_boundaries` are clip numbers (0, ..., number of clips); `steps` are the same steps in seconds, to the
    precision that the profile has. `calibration` is absent where the profile knows none.
    """

    score: float
    profile: str
    embedding_model: str
    adapter_version: str | None
    metrics: Metrics
    penalties: tuple[Penalty, ...]
    step_boundaries: BothVideos[tuple[int, ...]]
    deviations: tuple[Deviation, ...]
    alignment_preview: tuple[AlignedPair, ...]
    clip_count: BothVideos[int]
    step_map_preview: BothVideos[tuple[int, ...]]
    steps: BothVideos[tuple[StepSpan, ...]]
    calibration: Calibration | None = None

    def to_dict(self) -> dict[str, Any]:
        """Gives the plain form, as it is stored and shown."""
        return {
            "score": round(self.score, 4),
            "profile": self.profile,
            "embedding_model": self.embedding_model,
            "adapter_version": self.adapter_version,
            "metrics": self.metrics.to_dict(),
            "penalties": [penalty.to_dict() for penalty in self.penalties],
            "step_boundaries": _lists(self.step_boundaries),
            "deviations": [deviation.to_dict() for deviation in self.deviations],
            "alignment_preview": [pair.to_dict() for pair in self.alignment_preview],
            "clip_count": {"gold": self.clip_count.gold, "trainee": self.clip_count.trainee},
            "step_map_preview": _lists(self.step_map_preview),
            "steps": {
                "gold": [span.to_dict() for span in self.steps.gold],
                "trainee": [span.to_dict() for span in self.steps.trainee],
            },
            "calibration": None if self.calibration is None else self.calibration.to_dict(),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> ScoreResult:
        """Reads the plain form."""
        return cls(
            score=plain["score"],
            profile=plain["profile"],
            embedding_model=plain["embedding_model"],
            adapter_version=plain["adapter_version"],
            metrics=Metrics.from_dict(plain["metrics"]),
            penalties=tuple(Penalty.from_dict(item) for item in plain["penalties"]),
            step_boundaries=_tuples(plain["step_boundaries"]),
            deviations=tuple(Deviation.from_dict(item) for item in plain["deviations"]),
            alignment_preview=tuple(AlignedPair(**item) for item in plain["alignment_preview"]),
            clip_count=BothVideos(plain["clip_count"]["gold"], plain["clip_count"]["trainee"]),
            step_map_preview=_tuples(plain["step_map_preview"]),
            steps=BothVideos(
                tuple(StepSpan.from_dict(item) for item in plain["steps"]["gold"]),
                tuple(StepSpan.from_dict(item) for item in plain["steps"]["trainee"]),
            ),
            calibration=Calibration.from_dict(plain["calibration"]) if plain.get("calibration") else None,
        )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, _TIME_DECIMALS)


def _lists(values: BothVideos[tuple[int, ...]]) -> dict[str, list[int]]:
    return {"gold": list(values.gold), "trainee": list(values.trainee)}


def _tuples(plain: Mapping[str, Sequence[int]]) -> BothVideos[tuple[int, ...]]:
    return BothVideos(tuple(plain["gold"]), tuple(plain["trainee"]))
