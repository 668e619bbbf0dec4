"""What a clip is asked for with, and what its job gives."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reelops import errors
from reelops.core.sourcing import SourceRef
from reelops.infra.jobs import Job
from reelops.infra.media.cutting import Container

KIND = "editing.clip"
QUEUE = "editing"
SHORTEST_SEC, LONGEST_SEC = 1.0, 3600.0
_FILE = re.compile(r"([0-9a-f]{32})\.(mp4|mov|webm|mkv)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipOrder:
    """What a clip job has to do, as its payload keeps it. Times in seconds from the video's first frame."""

    source: SourceRef
    start_sec: float
    duration_sec: float
    container: Container
    asset_id: str

    def checked(self) -> ClipOrder:
        """Returns itself, or raises `Invalid` naming the field that is wrong."""
        if not math.isfinite(self.start_sec) or self.start_sec < 0:
            raise errors.Invalid("START_INVALID", "start_sec is 0 or more", field="start_sec", constraint="minimum")
        if not SHORTEST_SEC <= self.duration_sec <= LONGEST_SEC:
            constraint = "maximum" if self.duration_sec > LONGEST_SEC else "minimum"
            raise errors.Invalid(
                "DURATION_INVALID", "duration_sec is 1 to 3600", field="duration_sec", constraint=constraint
            )
        return self

    def to_payload(self) -> dict[str, Any]:
        """Gives the plain form."""
        return {
            "source": self.source.to_payload(),
            "start_sec": self.start_sec,
            "duration_sec": self.duration_sec,
            "container": self.container.value,
            "asset_id": self.asset_id,
        }

    @classmethod
    def of(cls, job: Job) -> ClipOrder:
        """Reads the payload of a clip job."""
        plain = job.payload
        return cls(
            source=SourceRef.of(plain["source"]),
            start_sec=plain["start_sec"],
            duration_sec=plain["duration_sec"],
            container=Container(plain["container"]),
            asset_id=plain["asset_id"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipResult:
    """The clip that a job made, as its result keeps it. `duration_sec` lasts to the end of the last frame."""

    name: str
    asset_id: str
    duration_sec: float
    size_bytes: int
    copied_frames: int
    encoded_frames: int
    mode: str
    reason: str
    made_at: datetime
    expires_at: datetime | None

    def to_result(self) -> dict[str, Any]:
        """Gives the plain form."""
        return {
            "name": self.name,
            "asset_id": self.asset_id,
            "duration_sec": self.duration_sec,
            "size_bytes": self.size_bytes,
            "copied_frames": self.copied_frames,
            "encoded_frames": self.encoded_frames,
            "mode": self.mode,
            "reason": self.reason,
            "made_at": self.made_at.isoformat(),
            "expires_at": self.expires_at.isoformat() if self.expires_at else None,
        }

    @classmethod
    def of(cls, job: Job) -> ClipResult | None:
        """Reads the result of a clip job; None before it has one."""
        plain = job.result
        if plain is None:
            return None
        expires = plain["expires_at"]
        return cls(
            **{name: plain[name] for name in plain if name not in ("made_at", "expires_at")},
            made_at=datetime.fromisoformat(plain["made_at"]),
            expires_at=datetime.fromisoformat(expires) if expires else None,
        )


def file_name(job_id: str, container: Container) -> str:
    """Returns the name of a clip's file."""
    return f"{job_id}.{container.value}"


def job_of_file(name: str) -> str | None:
    """Returns the job that makes a file of that name; None for a name that no clip has."""
    match = _FILE.fullmatch(name)
    return match[1] if match else None
