"""From what a profile found to the result that is stored and shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reelops.core.scoring.boundaries import step_of_clips
from reelops.core.scoring.model import (
    ALIGNMENT_PREVIEW_LIMIT,
    STEP_MAP_PREVIEW_LIMIT,
    AlignedPair,
    BothVideos,
    Deviation,
    Metrics,
    Penalty,
    ScoreResult,
    StepSpan,
    TimeRange,
    spread,
)

PERFECT = 100.0


@dataclass(frozen=True, slots=True)
class Take:
    """A video as scoring sees it: when each clip begins and ends, and where its steps begin.

    `clip_times` is one (start_sec, end_sec) per clip; `boundaries` are clip numbers (0, ..., number of clips).
    """

    clip_times: tuple[tuple[float, float], ...]
    boundaries: tuple[int, ...]

    @property
    def clips(self) -> int:
        """The number of clips."""
        return len(self.clip_times)

    def time(self, first: int, end: int) -> TimeRange:
        """Gives the time from the clip `first` up to the clip before `end`."""
        return TimeRange(float(self.clip_times[first][0]), float(self.clip_times[end - 1][1]))


def assemble(
    *,
    profile: str,
    embedding_model: str,
    adapter_version: str | None,
    gold: Take,
    trainee: Take,
    metrics: Metrics,
    penalties: Iterable[Penalty],
    deviations: Iterable[Deviation],
    pairs: Sequence[AlignedPair],
    steps: BothVideos[tuple[StepSpan, ...]] | None = None,
) -> ScoreResult:
    """Puts a result together: the score is 100 less the penalties, and previews keep their documented sizes."""
    kept = tuple(penalties)
    return ScoreResult(
        score=max(0.0, min(PERFECT, PERFECT - sum(penalty.points for penalty in kept))),
        profile=profile,
        embedding_model=embedding_model,
        adapter_version=adapter_version,
        metrics=metrics,
        penalties=kept,
        step_boundaries=BothVideos(gold.boundaries, trainee.boundaries),
        deviations=tuple(deviations),
        alignment_preview=spread(pairs, ALIGNMENT_PREVIEW_LIMIT),
        clip_count=BothVideos(gold.clips, trainee.clips),
        step_map_preview=BothVideos(_step_map(gold), _step_map(trainee)),
        steps=steps or BothVideos(_spans(gold), _spans(trainee)),
    )


def _step_map(take: Take) -> tuple[int, ...]:
    return spread([int(step) for step in step_of_clips(take.boundaries)], STEP_MAP_PREVIEW_LIMIT)


def _spans(take: Take) -> tuple[StepSpan, ...]:
    times = [take.time(first, end) for first, end in pairwise(take.boundaries)]
    return tuple(
        StepSpan(time.start_sec or 0.0, time.end_sec or 0.0, gold_step=step) for step, time in enumerate(times)
    )
