"""Compares answers with the document: every documented key, its type, its nesting, its nulls; never the values."""

from __future__ import annotations

import re
from typing import Any

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class Moment:
    """Stands for a time in UTC as RFC 3339 spells it."""


class Nullable:
    """Stands for a key that is always there and may be null."""

    def __init__(self, shape: Any) -> None:
        self.shape = shape


def assert_shape(value: Any, shape: Any, path: str = "answer") -> None:
    """Fails, naming the place, where `value` is not of `shape`. Keys beyond the documented ones are allowed."""
    if isinstance(shape, Nullable):
        if value is not None:
            assert_shape(value, shape.shape, path)
    elif isinstance(shape, dict):
        assert isinstance(value, dict), f"{path} is no object: {value!r}"
        missing = set(shape) - set(value)
        assert not missing, f"{path} lacks {sorted(missing)}"
        for key, inner in shape.items():
            assert_shape(value[key], inner, f"{path}.{key}")
    elif isinstance(shape, list):
        assert isinstance(value, list), f"{path} is no list: {value!r}"
        for place, item in enumerate(value):
            assert_shape(item, shape[0], f"{path}[{place}]")
    else:
        _assert_scalar(value, shape, path)


def _assert_scalar(value: Any, shape: Any, path: str) -> None:
    if shape is None:
        assert value is None, f"{path} is not null: {value!r}"
    elif shape is Moment:
        assert isinstance(value, str) and _MOMENT.fullmatch(value), f"{path} is no time in UTC: {value!r}"
    elif shape is float:
        assert isinstance(value, int | float) and not isinstance(value, bool), f"{path} is no number: {value!r}"
    elif shape is int:
        assert isinstance(value, int) and not isinstance(value, bool), f"{path} is no whole number: {value!r}"
    elif isinstance(shape, type):
        assert isinstance(value, shape), f"{path} is no {shape.__name__}: {value!r}"
    else:
        assert value == shape, f"{path} is {value!r}, not {shape!r}"


VIDEO = {
    "video_id": int,
    "task_id": str,
    "role": str,
    "site_id": Nullable(str),
    "camera_id": Nullable(str),
    "num_clips": int,
    "embedding_model": str,
    "created_at": Moment,
}
_ASKED = {"requested_by": str, "queued_at": Moment}
COMPLETED = {**_ASKED, "status": "completed", "error_message": None, "started_at": Moment, "finished_at": Moment}
WAITING = {
    **_ASKED,
    "status": str,
    "error_message": None,
    "started_at": Nullable(Moment),
    "finished_at": None,
}
INGEST_JOB = {
    "ingest_job_id": str,
    "task_id": str,
    "role": str,
    "video_id": int,
    "num_clips": int,
    "source_fps": float,
    "sampled_fps": float,
    "embedding_model": str,
}
FAILED_INGEST = {
    **dict.fromkeys(("video_id", "num_clips", "source_fps", "sampled_fps", "embedding_model")),
    "status": "failed",
    "error_message": str,
    "finished_at": Moment,
}
_TIME = {"start_sec": Nullable(float), "end_sec": Nullable(float)}
_COUNTS = (
    "miss",
    "swap",
)
_RATIOS = (
    "deviation",
    "over_time",
    "temporal_warp",
    "path_stretch",
    "duplicate_ratio",
    "order_violation_ratio",
    "temporal_drift",
    "confidence_loss",
    "local_similarity_gap",
    "adaptive_low_similarity_threshold",
    "effective_low_similarity_threshold",
    "hard_miss_ratio",
    "mean_alignment_cost",
)
SCORE_RESULT = {
    "score": float,
    "metrics": {**dict.fromkeys(_COUNTS, int), **dict.fromkeys(_RATIOS, float)},
    "step_boundaries": {"gold": [int], "trainee": [int]},
    "deviations": [
        {
            "type": str,
            "gold_step": Nullable(int),
            "gold_time": _TIME,
            "trainee_time": _TIME,
            "confidence": float,
            "reason": str,
        }
    ],
    "alignment_preview": [{"gold_clip": int, "trainee_clip": int, "similarity": float}],
    "clip_count": {"gold": int, "trainee": int},
    "step_map_preview": {"gold": [int], "trainee": [int]},
}
SCORE_JOB = {"score_job_id": str, "gold_video_id": int, "trainee_video_id": int}
SEARCH = {
    "task_id": str,
    "query_video_id": int,
    "query_clip_idx": int,
    "items": [
        {"similarity": float, "video_id": int, "clip_idx": int, "start_sec": float, "end_sec": float, "role": str}
    ],
}
TRAINING_JOB = {"training_job_id": str, "trigger": "manual"}
TRAINING_RESULT = {
    "status": "completed",
    "mode": "builtin_feature_adapter",
    "adapter_path": str,
    "videos_used": int,
    "clips_used": int,
    "embedding_dim": int,
    "reindex": {
        "old_index_version": str,
        "new_index_version": str,
        "videos_refreshed": int,
        "clips_indexed": int,
        "tasks_touched": [str],
    },
}
NIGHTLY = {"enabled": bool, "next_run_local": Nullable(str), "hour_local": int, "min_new_videos": int}
AUDIT_ENTRY = {
    "job_id": str,
    "job_type": str,
    "requested_by": Nullable(str),
    "task_id": Nullable(str),
    "subject": Nullable(str),
    "status": str,
    "model_name": Nullable(str),
    "score": Nullable(float),
    "error_message": Nullable(str),
    "queued_at": Nullable(Moment),
    "started_at": Nullable(Moment),
    "finished_at": Nullable(Moment),
    "created_at": Moment,
}
AUDIT_EXPORT = {
    "export_id": str,
    "generated_at": Moment,
    "item_count": int,
    "file_path": str,
    "signature": {"algorithm": "hmac-sha256", "key_id": str, "payload_sha256": str, "signature_hex": str},
}
_QUEUE = {"key": str, "name": str} | dict.fromkeys(
    ("queued", "started", "failed", "finished", "deferred", "scheduled"), int
)
_JOBS = dict.fromkeys(("queued", "running", "completed", "failed"), int)
QUEUES = {
    "generated_at": Moment,
    "runtime_mode": "api",
    "queue": {"backend": str, "redis_ok": True, "error": None, "queues": [_QUEUE]},
    "jobs": {"ingest": _JOBS, "score": _JOBS},
}
