"""What a training is asked, what it says, and when the nightly one runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

KIND = "sopilot.training"
QUEUE = "training"
MODE = "builtin_feature_adapter"
NIGHTLY = "nightly"
NIGHTLY_REQUESTER = "system:nightly"


@dataclass(frozen=True, slots=True, kw_only=True)
class NightlyPlan:
    """When the nightly training runs. `zone` is the server's own time zone where absent."""

    enabled: bool = False
    hour_local: int = 2
    zone: tzinfo | None = None

    def next_run(self, after: datetime) -> datetime:
        """Returns the first run later than `after`, in UTC: once on every local day.

        Where a change of the clocks leaves the hour out, it runs at the moment that follows; where the hour comes
        twice, the first time.
        """
        day = after.astimezone(self.zone).date()
        for ahead in range(-1, 3):
            local = datetime.combine(day + timedelta(days=ahead), datetime.min.time()).replace(hour=self.hour_local)
            moment = (local if self.zone is None else local.replace(tzinfo=self.zone)).astimezone(UTC)
            if moment > after:
                return moment
        raise AssertionError("a local day is longer than two days")  # pragma: no cover

    def spell_local(self, moment: datetime) -> str:
        """Returns local time without an offset: `2026-02-09T02:00:00`."""
        return moment.astimezone(self.zone).replace(tzinfo=None).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class NightlyStatus:
    """What is planned. `next_run_local` is absent where nothing is."""

    enabled: bool
    next_run_local: str | None
    hour_local: int
    min_new_videos: int


def adapter_key(job_id: str) -> str:
    """Returns where the adapter that a job trains is kept."""
    return f"models/feature_adapter_{job_id}.npz"


def skipped_result(*, new_videos: int, min_new_videos: int) -> dict[str, Any]:
    """Makes the result of a training that had too little to learn from."""
    noun = "video" if new_videos == 1 else "videos"
    return {
        "status": "skipped",
        "mode": MODE,
        "adapter_path": None,
        "videos_used": 0,
        "clips_used": 0,
        "reason": f"{new_videos} new {noun} since the last training; {min_new_videos} are needed",
        "min_new_videos": min_new_videos,
        "new_videos": new_videos,
    }


def completed_result(
    *,
    adapter_path: str,
    videos_used: int,
    clips_used: int,
    embedding_dim: int,
    old_version: str,
    new_version: str,
    task_ids: Iterable[str],
) -> dict[str, Any]:
    """Makes the result of a training whose adapter is in use."""
    return {
        "status": "completed",
        "mode": MODE,
        "adapter_path": adapter_path,
        "videos_used": videos_used,
        "clips_used": clips_used,
        "embedding_dim": embedding_dim,
        "reindex": {
            "old_index_version": old_version,
            "new_index_version": new_version,
            "videos_refreshed": videos_used,
            "clips_indexed": clips_used,
            "tasks_touched": sorted(set(task_ids)),
        },
    }
