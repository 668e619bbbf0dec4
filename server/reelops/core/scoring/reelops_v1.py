"""The default profile: reads the trainee's take as steps of the gold, names what differs, and takes points for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reelops import errors
from reelops.core.scoring.alignment import AlignmentLike
from reelops.core.scoring.comparison import Finding, compare, oddest_ratio
from reelops.core.scoring.confidence import confidence_of
from reelops.core.scoring.decoding import Decoding
from reelops.core.scoring.doubts import Doubt, doubts_of
from reelops.core.scoring.limits import Calibration, StepLimits
from reelops.core.scoring.metrics import measure
from reelops.core.scoring.model import (
    AlignedPair,
    BothVideos,
    Deviation,
    FaultType,
    Penalty,
    ScoreResult,
    StepSpan,
    TimeRange,
)
from reelops.core.scoring.norms import UNKNOWN_NORMS, Norms
from reelops.core.scoring.pacing import longest_windows
from reelops.core.scoring.result import Take, assemble
from reelops.core.scoring.segments import Segment, segments_of
from reelops.core.scoring.viterbi import UNKNOWN
from reelops.core.scoring.windows import Layout, window_times

PROFILE = "reelops-v1"
MAX_CLIPS = 2000

POINTS = {  # for a fault that is certain; a doubtful one costs in proportion
    FaultType.STEP_MISSING: 20.0,
    FaultType.ORDER_SWAP: 15.0,
    FaultType.STEP_REPEATED: 8.0,
    FaultType.EXTRA_STEP: 8.0,
    FaultType.OVER_TIME: 8.0,
    FaultType.EXECUTION_DEVIATION: 15.0,
}


@dataclass(frozen=True, slots=True)
class Timed:
    """A take's window times, in seconds: (windows, 2)."""

    times: NDArray[np.float64]

    def span(self, first: int, end: int) -> TimeRange:
        """Gives the time from the window `first` up to the window before `end`."""
        return TimeRange(float(self.times[first, 0]), float(self.times[end - 1, 1]))


def score(
    gold: Take,
    trainee: Take,
    alignment: AlignmentLike,
    decoding: Decoding,
    *,
    layout: Layout,
    embedding_model: str,
    adapter_version: str | None = None,
    norms: Norms = UNKNOWN_NORMS,
    read_from: Sequence[Sequence[tuple[float, float]]] | None = None,
) -> ScoreResult:
    """Scores a reading of the trainee's take.

    `alignment` is plain dynamic time warping over the clips; it gives the documented figures and the preview, the
    `decoding` gives the faults and the score. `norms` are what other good takes of the task say. `read_from` are the
    times of the clips that were read, gold and trainee, where these are not the takes' own but those of a close look.
    """
    times = (gold.clip_times, trainee.clip_times) if read_from is None else read_from
    gold_time, trainee_time = (Timed(window_times(own, layout.windows)) for own in times)
    segments = segments_of(decoding)
    findings = compare(decoding, segments, norms)
    deviations = [
        _deviation(finding, decoding, segments, gold_time, trainee_time, doubt)
        for finding, doubt in zip(findings, doubts_of(decoding, segments, findings), strict=True)
    ]
    kinds = [deviation.type for deviation in deviations]
    metrics = replace(
        measure(alignment, gold_clips=gold.clips, trainee_clips=trainee.clips),
        miss=kinds.count(FaultType.STEP_MISSING),
        swap=kinds.count(FaultType.ORDER_SWAP),
    )
    result = assemble(
        profile=PROFILE,
        embedding_model=embedding_model,
        adapter_version=adapter_version,
        gold=_divided(gold, gold_time, decoding.gold_steps[1:-1].tolist()),
        trainee=_divided(trainee, trainee_time, [segment.start for segment in segments[1:]]),
        metrics=metrics,
        penalties=[_penalty(index, deviation) for index, deviation in enumerate(deviations)],
        deviations=deviations,
        pairs=[
            AlignedPair(int(g), int(t), float(s))
            for (g, t), s in zip(alignment.path, alignment.path_similarity, strict=True)
        ],
        steps=BothVideos(_gold_spans(decoding, gold_time), _trainee_spans(segments, trainee_time)),
    )
    return replace(result, calibration=_calibration(decoding, norms, window_sec=_usual_length(gold_time)))


def check_lengths(*, gold: int, trainee: int) -> None:
    """Raises `Invalid` when a video has no or more than 2000 clips."""
    for which, clips in (("gold", gold), ("trainee", trainee)):
        if clips < 1:
            raise errors.Invalid("VIDEO_TOO_SHORT", f"The {which} video has no clips to compare.", video=which)
        if clips > MAX_CLIPS:
            raise errors.Invalid(
                "VIDEO_TOO_LONG",
                f"The {which} video has {clips} clips; a comparison takes at most {MAX_CLIPS} (about 2 hours).",
                video=which,
            )


def _deviation(
    finding: Finding,
    decoding: Decoding,
    segments: list[Segment],
    gold_time: Timed,
    trainee_time: Timed,
    doubt: Doubt,
) -> Deviation:
    step, segment = finding.gold_step, finding.segment
    gold_span = TimeRange()
    if step is not None:
        gold_span = gold_time.span(int(decoding.gold_steps[step]), int(decoding.gold_steps[step + 1]))
    trainee_span = TimeRange()
    if segment is not None:
        trainee_span = trainee_time.span(segments[segment].start, segments[segment].end)
    return Deviation(
        type=finding.type,
        gold_step=step,
        gold_time=gold_span,
        trainee_time=trainee_span,
        confidence=confidence_of(finding.type, finding.margin, doubt),
        reason=_reason(finding, gold_span, trainee_span),
        trainee_step=segment,
        other_gold_step=finding.other_gold_step,
        details=finding.details,
    )


def _reason(finding: Finding, gold_span: TimeRange, trainee_span: TimeRange) -> str:
    step = None if finding.gold_step is None else finding.gold_step + 1
    match finding.type:
        case FaultType.STEP_MISSING:
            return f"step {step} of the gold video was not found in the trainee's"
        case FaultType.ORDER_SWAP:
            return f"steps {step} and {(finding.other_gold_step or 0) + 1} were done in the other order"
        case FaultType.STEP_REPEATED:
            return f"step {step} was done again"
        case FaultType.EXTRA_STEP:
            return "this is none of the gold video's steps"
        case FaultType.OVER_TIME:
            taken = (trainee_span.end_sec or 0.0) - (trainee_span.start_sec or 0.0)
            expected = (gold_span.end_sec or 0.0) - (gold_span.start_sec or 0.0)
            return f"step {step} took {taken:.1f} s instead of {expected:.1f} s"
        case FaultType.EXECUTION_DEVIATION:
            return f"step {step} was done in another way"


def _penalty(index: int, deviation: Deviation) -> Penalty:
    points = round(POINTS[deviation.type] * deviation.confidence, 1)
    reason = f"{deviation.reason} ({POINTS[deviation.type]:g} points x confidence {deviation.confidence:.2f})"
    return Penalty(deviation.type.value, points, reason, deviation=index)


def _divided(take: Take, time: Timed, windows: Sequence[int]) -> Take:
    """Divides a take's clips where these windows begin."""
    edges = np.append(np.asarray(take.clip_times)[:, 0], take.clip_times[-1][1])
    inner = {int(np.abs(edges - time.times[window, 0]).argmin()) for window in windows}
    return replace(take, boundaries=(0, *sorted(inner - {0, take.clips}), take.clips))


def _calibration(decoding: Decoding, norms: Norms, *, window_sec: float) -> Calibration:
    limits = (
        StepLimits(step, window_sec * longest_windows(decoding, step, norms), oddest_ratio(step, norms))
        for step in range(len(decoding.gold_steps) - 1)
    )
    return Calibration(1 + norms.golds, norms.accepted, tuple(limits))


def _usual_length(time: Timed) -> float:
    return float(np.median(time.times[:, 1] - time.times[:, 0]))


def _gold_spans(decoding: Decoding, time: Timed) -> tuple[StepSpan, ...]:
    spans = [time.span(int(a), int(b)) for a, b in zip(decoding.gold_steps[:-1], decoding.gold_steps[1:], strict=True)]
    return tuple(StepSpan(s.start_sec or 0.0, s.end_sec or 0.0, gold_step=i) for i, s in enumerate(spans))


def _trainee_spans(segments: list[Segment], time: Timed) -> tuple[StepSpan, ...]:
    spans = [(segment, time.span(segment.start, segment.end)) for segment in segments]
    return tuple(
        StepSpan(s.start_sec or 0.0, s.end_sec or 0.0, gold_step=None if seg.state == UNKNOWN else seg.state)
        for seg, s in spans
    )
