"""Scores of an invented procedure of six steps, made to be printed."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise
from typing import Any

import numpy as np
from PIL import Image
from reelops.core.scoring.model import (
    BothVideos,
    Deviation,
    FaultType,
    Metrics,
    Penalty,
    ScoreResult,
    StepSpan,
    TimeRange,
)
from reelops.core.scoring.report import FaultPictures, ReportDocument, VideoFacts

AT = datetime(2026, 2, 8, 12, 0, 15, tzinfo=UTC)
CLIPS = 28
CLIP_SEC = 4.0
LENGTH = CLIPS * CLIP_SEC
METRICS = Metrics(1, 0, 0.05, 0.1, 0.02, 0.01, 0.0, 0.0, 0.0, 0.03, 0.123, 0.75, 0.75, 0.02, 0.12)
_EDGES = (0, 12, 32, 48, 64, 92, 112)

MISSING = Deviation(
    FaultType.STEP_MISSING, 4, TimeRange(66.0, 90.04), TimeRange(), 0.97, "no part of the take resembles this step"
)
SWAPPED = Deviation(
    FaultType.ORDER_SWAP, 2, TimeRange(31, 48), TimeRange(58, 74), 0.92, "step 4 came first", other_gold_step=3
)


def photograph(colour: tuple[int, int, int] = (90, 120, 160)) -> bytes:
    """Gives a small JPEG file."""
    file = BytesIO()
    Image.new("RGB", (160, 90), colour).save(file, "JPEG")
    return file.getvalue()


def pictured(deviation: Deviation, number: int) -> FaultPictures:
    """Gives pictures of a fault where it has a place, each of its own colour so that none is stored once for two."""
    red, green = number % 25 * 10, number // 25
    return FaultPictures(
        gold=None if deviation.gold_time.start_sec is None else photograph((red, green * 20, 200)),
        trainee=None if deviation.trainee_time.start_sec is None else photograph((red, green * 20, 40)),
    )


def scored(*, deviations: tuple[Deviation, ...] = (), penalties: tuple[Penalty, ...] = (), **more: Any) -> ScoreResult:
    """Gives a result whose score is what the penalties leave."""
    spans = tuple(StepSpan(start, end, step) for step, (start, end) in enumerate(pairwise(_EDGES)))
    edges = tuple(int(edge / CLIP_SEC) for edge in _EDGES)
    given: dict[str, Any] = {
        "score": max(0.0, 100.0 - sum(penalty.points for penalty in penalties)),
        "profile": "reelops-v1",
        "embedding_model": "motion-appearance:3",
        "adapter_version": None,
        "metrics": METRICS,
        "penalties": penalties,
        "step_boundaries": BothVideos(edges, edges),
        "deviations": deviations,
        "alignment_preview": (),
        "clip_count": BothVideos(CLIPS, CLIPS),
        "step_map_preview": BothVideos((), ()),
        "steps": BothVideos(spans, spans),
    }
    return ScoreResult(**(given | more))


def document(result: ScoreResult | None = None, **more: Any) -> ReportDocument:
    """Gives a whole document; `more` replaces its fields."""
    starts = np.arange(CLIPS) * CLIP_SEC
    times = np.stack([starts, starts + CLIP_SEC], axis=1)
    given: dict[str, Any] = {
        "score_job_id": "score_20260208_120000_abc123",
        "task_id": "assembly_line_1",
        "requested_by": "token:operator",
        "queued_at": AT,
        "finished_at": AT,
        "generated_at": AT,
        "result": result or scored(),
        "gold": VideoFacts(1, "factory_a", "cam_01", LENGTH, CLIPS, 30.0, AT, "gold.mp4"),
        "trainee": VideoFacts(42, None, None, LENGTH, CLIPS, None, AT),
        "preview": np.linspace(-1, 1, CLIPS * CLIPS).reshape(CLIPS, CLIPS).astype(np.float32),
        "path": np.array([(i, -1 if 10 <= i < 14 else i) for i in range(CLIPS)], dtype=np.int32),
        "clip_times": BothVideos(times, times),
        "reelops_version": "9.8.7",
    }
    return ReportDocument(**(given | more))
