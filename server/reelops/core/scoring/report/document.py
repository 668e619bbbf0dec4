"""What a report is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from reelops.core.scoring.model import BothVideos, ScoreResult


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What the report says of a video. `duration_sec` and `source_fps` are those of the file."""

    video_id: int
    site_id: str | None
    camera_id: str | None
    duration_sec: float
    num_clips: int
    source_fps: float | None
    created_at: datetime
    filename: str | None = None


@dataclass(frozen=True, slots=True)
class FaultPictures:
    """A JPEG file of each video at the time of a fault; none where the fault has no place in that video."""

    gold: bytes | None = None
    trainee: bytes | None = None


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """Everything that a report shows; the same document always gives the same bytes.

    `preview` is (gold rows, trainee columns), cosine in [-1, 1], averaged down to at most 192 by 192. `path` is
    (length, 2) clip numbers of gold and trainee, -1 where a clip has no partner. `clip_times` are (clips, 2) start and
    end in seconds. `thumbnails` go by the fault's position in `result.deviations`.
    """

    score_job_id: str
    task_id: str
    requested_by: str
    queued_at: datetime
    finished_at: datetime
    generated_at: datetime
    result: ScoreResult
    gold: VideoFacts
    trainee: VideoFacts
    preview: NDArray[np.floating]
    path: NDArray[np.integer]
    clip_times: BothVideos[NDArray[np.floating]]
    reelops_version: str
    thumbnails: Mapping[int, FaultPictures] = field(default_factory=dict)
