"""Plain words, times and numbers of the report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from reelops.core.scoring.model import Deviation, FaultType, Metrics, TimeRange

ABSENT = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"

FAULTS = {
    FaultType.STEP_MISSING: "Step left out",
    FaultType.ORDER_SWAP: "Steps in the wrong order",
    FaultType.STEP_REPEATED: "Step done more than once",
    FaultType.EXTRA_STEP: "Step that does not belong",
    FaultType.OVER_TIME: "Took too long",
    FaultType.EXECUTION_DEVIATION: "Done differently",
}

METRICS = {
    "miss": ("Steps left out", "number of gold steps without a similar trainee clip"),
    "swap": ("Steps out of order", "number of steps that come before the one they should follow"),
    "deviation": ("Dissimilar pairs", "share of aligned pairs below the similarity threshold"),
    "over_time": ("Extra time", "length beyond the gold video, as a share of its length"),
    "temporal_warp": ("Uneven pace", "mean distance of the alignment from the straight line"),
    "path_stretch": ("Path stretch", "length of the alignment beyond the longer video"),
    "duplicate_ratio": ("Shared matches", "share of gold clips whose best match serves another as well"),
    "order_violation_ratio": ("Matches running back", "share of best matches that lie before the previous one"),
    "temporal_drift": ("Drift", "mean distance of the best matches from an even pace"),
    "confidence_loss": ("Similarity lost", "what the best matches lack to 1 on average"),
    "local_similarity_gap": ("Weakest moment", "how far the worst best match lies below the median one"),
    "adaptive_low_similarity_threshold": ("Adaptive threshold", "similarity that this pair of videos calls low"),
    "effective_low_similarity_threshold": ("Threshold in force", "similarity below which a pair counted as low"),
    "hard_miss_ratio": ("Gold clips unmatched", "share of gold clips whose best match is below the threshold"),
    "mean_alignment_cost": ("Mean alignment cost", "1 less the similarity, averaged over the alignment"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A band of scores. `floor` is the lowest score in it."""

    name: str
    advice: str
    floor: float


VERDICTS = (
    Verdict("Meets the standard", "The take follows the gold video closely.", 90.0),
    Verdict("Minor corrections", "The take is sound; go through the points below once.", 75.0),
    Verdict("Needs practice", "Repeat the steps named below before the next take.", 60.0),
    Verdict("Train again", "Go through the procedure with the gold video before the next take.", 0.0),
)


def verdict(score: float) -> Verdict:
    """Gives the band that a score of 0 to 100, as it is shown with one decimal, lies in."""
    return next((band for band in VERDICTS if round(score, 1) >= band.floor), VERDICTS[-1])


def penalty_name(name: str) -> str:
    """Gives the plain words for what cost points."""
    if name in FaultType.__members__.values():
        return FAULTS[FaultType(name)]
    if name in METRICS:
        return METRICS[name][0]
    return name.replace("_", " ").capitalize()


def metric_value(name: str, metrics: Metrics) -> str:
    """Writes a figure: counts whole, ratios with three decimals."""
    value = getattr(metrics, name)
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def clock(seconds: float, *, tenths: bool = False) -> str:
    """Writes seconds as mm:ss or mm:ss.s, with hours in front once there are any."""
    units = round(max(0.0, seconds) * 10) if tenths else round(max(0.0, seconds)) * 10
    minutes, rest = divmod(units, 600)
    tail = f"{rest / 10:04.1f}" if tenths else f"{rest // 10:02d}"
    if minutes < 60:
        return f"{minutes:02d}:{tail}"
    return f"{minutes // 60}:{minutes % 60:02d}:{tail}"


def longer(gold_sec: float, trainee_sec: float) -> str:
    """Says how much longer or shorter the trainee took, in parentheses; nothing when there is nothing to compare."""
    if gold_sec <= 0:
        return ""
    percent = round((trainee_sec / gold_sec - 1) * 100)
    if percent == 0:
        return " (the same)"
    return f" ({abs(percent)} % {'longer' if percent > 0 else 'shorter'})"


def span(time: TimeRange) -> str | None:
    """Writes a stretch of a video; none where the fault has no place in it."""
    if time.start_sec is None:
        return None
    start = clock(time.start_sec, tenths=True)
    if time.end_sec is None or time.end_sec <= time.start_sec:
        return start
    return f"{start} \N{EN DASH} {clock(time.end_sec, tenths=True)}"


def step(deviation: Deviation) -> str:
    """Names the steps of a fault as people count them, from 1, and as they are called where somebody said so."""
    if deviation.gold_step is None:
        if deviation.trainee_step is None:
            return "Whole take"
        return f"Trainee's step {deviation.trainee_step + 1}"
    own = (deviation.gold_step, deviation.gold_step_name)
    if deviation.other_gold_step is None:
        return f"Step {_called(*own)}"
    first, second = sorted((own, (deviation.other_gold_step, deviation.other_gold_step_name)), key=lambda step: step[0])
    return f"Steps {_called(*first)} and {_called(*second)}"


def _called(position: int, name: str | None) -> str:
    return str(position + 1) if name is None else f"{position + 1} \N{EN DASH} {name}"


def moment(time: datetime) -> str:
    """Writes a time of day in UTC, to the minute."""
    return f"{_utc(time):%Y-%m-%d %H:%M} UTC"


def exact_moment(time: datetime) -> str:
    """Writes a time of day in UTC, to the second."""
    return f"{_utc(time):%Y-%m-%d %H:%M:%S} UTC"


def _utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def signed(number: float, *, decimals: int = 2) -> str:
    """Writes a number with a true minus sign."""
    return f"{number:.{decimals}f}".replace("-", MINUS)


def counted(number: int, one: str, many: str | None = None) -> str:
    """Writes a number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"
