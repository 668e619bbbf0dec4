"""What WaveStack answers with. Moments are aware datetimes, durations are in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

QueueStatus = Literal["queued", "processing", "published", "failed"]
Platform = Literal["youtube", "instagram", "tiktok", "x", "facebook", "linkedin"]
AssetType = Literal["video", "clip", "thumbnail"]
AssetStatus = Literal["pending", "processing", "ready", "failed"]
ClipStatus = Literal["queued", "processing", "complete", "failed"]
ClipFormat = Literal["mp4", "mov", "webm", "mkv"]
Style = Literal["gaming", "vlog", "tutorial", "reaction", "custom"]
FaceExpression = Literal["excited", "happy", "surprised", "shocked", "sad", "angry", "neutral", "thinking"]
Background = Literal["gradient", "solid", "pattern"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something failed: `code` for programs, `message` for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class CreatedQueueItem:
    """A queue item as it was created. `idempotency_key` is the one that it was created by."""

    id: str
    status: QueueStatus
    created_at: datetime
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class QueueItem:
    """Something to publish. `error` is there when `status` is failed."""

    id: str
    org_id: str
    project_id: str | None
    asset_id: str | None
    title: str
    caption: str | None
    hashtags: tuple[str, ...]
    platforms: tuple[Platform, ...]
    schedule_at: datetime | None
    status: QueueStatus
    created_at: datetime
    updated_at: datetime
    error: Failure | None


@dataclass(frozen=True, slots=True)
class Project:
    """What queue items are gathered in."""

    id: str
    org_id: str
    name: str
    description: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Asset:
    """An entry of the library. `expires_at` is when its file is removed; never where it is None."""

    id: str
    org_id: str
    type: AssetType
    status: AssetStatus
    name: str
    content_type: str | None
    size_bytes: int | None
    duration_sec: float | None
    width: int | None
    height: int | None
    job_id: str | None
    source_asset_id: str | None
    error: str | None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClipResult:
    """A clip that was cut. `asset_id` is its entry in the library, `expires_at` when its file is removed."""

    url: str
    duration: float
    size_bytes: int
    created_at: datetime
    asset_id: str | None
    copied_frames: int
    encoded_frames: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Clip:
    """The job that cuts a clip. `progress` is in percent; `result` is there once complete, `error` once failed."""

    job_id: str
    status: ClipStatus
    progress: int
    result: ClipResult | None
    error: Failure | None


@dataclass(frozen=True, slots=True)
class Dimensions:
    """Width and height in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A drawn picture. `timestamp` is the moment of its frame in the video, where it has one."""

    thumbnail_id: str
    url: str
    dimensions: Dimensions
    generated_at: datetime
    asset_id: str | None
    job_id: str | None
    timestamp: float | None
    expires_at: datetime | None
