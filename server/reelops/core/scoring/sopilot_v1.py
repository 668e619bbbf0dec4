"""The formula profile `sopilot-v1`: kept so that scores can be compared with earlier ones, not the default.

It is known not to see swapped or missing steps and to punish other light more than faults; `reelops-v1` is the profile
to rely on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from reelops import errors
from reelops.core.scoring.alignment import AlignmentLike, FloatArray, IntArray
from reelops.core.scoring.boundaries import step_of_clips
from reelops.core.scoring.metrics import measure
from reelops.core.scoring.model import (
    AlignedPair,
    Deviation,
    FaultType,
    Metrics,
    Penalty,
    ScoreResult,
    TimeRange,
)
from reelops.core.scoring.result import Take, assemble

PROFILE = "sopilot-v1"
MIN_CLIPS = 4
MAX_CLIPS = 2000

_WEIGHTS = (
    ("miss", 12.0, "steps of the gold video without a similar trainee clip"),
    ("swap", 8.0, "steps that come before their predecessor"),
    ("deviation", 30.0, "share of aligned pairs below the similarity threshold"),
    ("over_time", 15.0, "trainee's length beyond the gold's, as a share of the gold's"),
    ("temporal_warp", 12.0, "how far the alignment leaves the straight line"),
    ("duplicate_ratio", 14.4, "gold clips that share a best trainee clip"),
    ("order_violation_ratio", 16.0, "best trainee clips that run backwards"),
    ("temporal_drift", 15.0, "distance of best trainee clips from an even pace"),
    ("confidence_loss", 300.0, "similarity missing from the best pairs on average"),
    ("local_similarity_gap", 600.0, "how far the worst best pair lies below the median one"),
    ("path_stretch", 18.0, "length of the alignment beyond the longer video"),
)


@dataclass(frozen=True, slots=True)
class _Pairs:
    gold: IntArray
    trainee: IntArray
    similarity: FloatArray


def score(
    gold: Take, trainee: Take, alignment: AlignmentLike, *, embedding_model: str, adapter_version: str | None = None
) -> ScoreResult:
    """Scores a trainee's take by the formula.

    `alignment` is plain dynamic time warping over the clips. Raises `Invalid` when either video has fewer than 4 or
    more than 2000 clips.
    """
    check_length("gold", gold.clips)
    check_length("trainee", trainee.clips)
    metrics = measure(alignment, gold_clips=gold.clips, trainee_clips=trainee.clips)
    pairs = _Pairs(
        gold=np.asarray(alignment.path[:, 0], dtype=np.int64),
        trainee=np.asarray(alignment.path[:, 1], dtype=np.int64),
        similarity=np.asarray(alignment.path_similarity, dtype=np.float64),
    )
    deviations = find_deviations(gold, trainee, pairs, threshold=metrics.effective_low_similarity_threshold)
    kinds = [deviation.type for deviation in deviations]
    metrics = replace(metrics, miss=kinds.count(FaultType.STEP_MISSING), swap=kinds.count(FaultType.ORDER_SWAP))
    return assemble(
        profile=PROFILE,
        embedding_model=embedding_model,
        adapter_version=adapter_version,
        gold=gold,
        trainee=trainee,
        metrics=metrics,
        penalties=penalties(metrics),
        deviations=deviations,
        pairs=[
            AlignedPair(int(g), int(t), float(s))
            for g, t, s in zip(pairs.gold, pairs.trainee, pairs.similarity, strict=True)
        ],
    )


def check_length(which: str, clips: int) -> None:
    """Raises `Invalid` when a video is too short or too long to compare."""
    if clips < MIN_CLIPS:
        raise errors.Invalid(
            "VIDEO_TOO_SHORT",
            f"The {which} video has {clips} clips; a comparison needs at least {MIN_CLIPS} (about 16 seconds).",
            video=which,
        )
    if clips > MAX_CLIPS:
        raise errors.Invalid(
            "VIDEO_TOO_LONG",
            f"The {which} video has {clips} clips; a comparison takes at most {MAX_CLIPS} (about 2 hours).",
            video=which,
        )


def penalties(metrics: Metrics) -> list[Penalty]:
    """Lists the points that each figure costs, leaving out those that cost nothing."""
    costs = [(name, weight * getattr(metrics, name), reason) for name, weight, reason in _WEIGHTS]
    return [Penalty(name, float(points), reason) for name, points, reason in costs if points > 0]


def find_deviations(gold: Take, trainee: Take, pairs: _Pairs, *, threshold: float) -> list[Deviation]:
    """Finds missing steps, swapped steps and runs of dissimilar pairs, in this order for each step."""
    steps = step_of_clips(gold.boundaries)[pairs.gold]
    missing: list[Deviation] = []
    swapped: list[Deviation] = []
    previous: float | None = None
    for step, (first, end) in enumerate(pairwise(gold.boundaries)):
        own = steps == step
        best = float(pairs.similarity[own].max()) if own.any() else None
        time = gold.time(first, end)
        if best is None or best < threshold:
            missing.append(_missing(step, time, best))
        if best is None:
            continue
        median = float(np.median(pairs.trainee[own]))
        if previous is not None and median + 1 < previous:
            swapped.append(_swapped(step, time, trainee, pairs.trainee[own], previous - median))
        previous = median
    return missing + swapped + _low_runs(gold, trainee, pairs, steps, threshold)


def _missing(step: int, time: TimeRange, best: float | None) -> Deviation:
    if best is None:
        return Deviation(FaultType.STEP_MISSING, step, time, TimeRange(), 1.0, "no aligned trainee clips")
    confidence = min(1.0, max(0.0, 1.0 - best))
    reason = f"best similarity {best:.2f} is below the threshold"
    return Deviation(FaultType.STEP_MISSING, step, time, TimeRange(), confidence, reason)


def _swapped(step: int, time: TimeRange, trainee: Take, clips: IntArray, lead: float) -> Deviation:
    return Deviation(
        type=FaultType.ORDER_SWAP,
        gold_step=step,
        gold_time=time,
        trainee_time=trainee.time(int(clips.min()), int(clips.max()) + 1),
        confidence=min(1.0, lead / max(1, trainee.clips)),
        reason="comes before the step that it should follow",
        other_gold_step=step - 1,
    )


def _low_runs(gold: Take, trainee: Take, pairs: _Pairs, steps: IntArray, threshold: float) -> list[Deviation]:
    low = np.concatenate([[False], pairs.similarity < threshold, [False]])
    edges = np.flatnonzero(low[1:] != low[:-1])
    found = []
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        mean = float(pairs.similarity[first:end].mean())
        found.append(
            Deviation(
                type=FaultType.EXECUTION_DEVIATION,
                gold_step=int(steps[first]),
                gold_time=gold.time(int(pairs.gold[first]), int(pairs.gold[end - 1]) + 1),
                trainee_time=trainee.time(int(pairs.trainee[first]), int(pairs.trainee[end - 1]) + 1),
                confidence=min(1.0, max(0.0, 1.0 - mean)),
                reason=f"mean similarity {mean:.2f} is below the threshold",
            )
        )
    return found
