"""The documented figures of a comparison, from an alignment alone."""

from __future__ import annotations

import numpy as np

from reelops.core.scoring.alignment import AlignmentLike
from reelops.core.scoring.model import Metrics

SIMILARITY_FLOOR = 0.75
MEDIAN_MARGIN = 0.01


def measure(alignment: AlignmentLike, *, gold_clips: int, trainee_clips: int) -> Metrics:
    """Computes every documented figure except `miss` and `swap`, which the profile counts and are 0 here.

    The path has no gaps. All similarities are cosines.
    """
    m, n = gold_clips, trainee_clips
    best = np.asarray(alignment.gold_best, dtype=np.int64)
    best_similarity = np.asarray(alignment.gold_best_similarity, dtype=np.float64)
    path = np.asarray(alignment.path, dtype=np.int64)
    similarity = np.asarray(alignment.path_similarity, dtype=np.float64)
    median = float(np.median(best_similarity))
    threshold = max(SIMILARITY_FLOOR, median - MEDIAN_MARGIN)
    position = path / np.array([max(1, m - 1), max(1, n - 1)])
    return Metrics(
        miss=0,
        swap=0,
        deviation=float(np.mean(similarity < threshold)),
        over_time=max(0, n - m) / m,
        temporal_warp=float(np.mean(np.abs(position[:, 0] - position[:, 1]))),
        path_stretch=max(0, len(path) - max(m, n)) / max(m, n),
        duplicate_ratio=(m - len(np.unique(best))) / m,
        order_violation_ratio=int(np.sum(best[1:] < best[:-1])) / max(1, m - 1),
        temporal_drift=float(np.mean(np.abs(best - np.linspace(0, n - 1, m)))) / max(1, n - 1),
        confidence_loss=max(0.0, 1.0 - float(best_similarity.mean())),
        local_similarity_gap=max(0.0, median - float(best_similarity.min())),
        adaptive_low_similarity_threshold=threshold,
        effective_low_similarity_threshold=threshold,
        hard_miss_ratio=float(np.mean(best_similarity < threshold)),
        mean_alignment_cost=float(np.mean(1.0 - similarity)),
    )
