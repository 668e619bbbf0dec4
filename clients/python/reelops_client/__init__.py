"""ReelOps over gRPC from Python: `AsyncReelOps` for asyncio, `ReelOps` for everything else."""

from reelops.api.jobs.v1.job_pb2 import Job
from reelops.api.sopilot.v1.ingest_service_pb2 import IngestJob
from reelops.api.sopilot.v1.score_pb2 import Deviation, ScoreJob, ScoreResult, TimeRange
from reelops.api.sopilot.v1.step_pb2 import GoldSteps, Step
from reelops.api.sopilot.v1.training_service_pb2 import TrainingJob
from reelops.api.sopilot.v1.video_pb2 import Video

from .auditing import ExportCheck, verify_export
from .client import AsyncReelOps
from .connection import Tls
from .errors import (
    Cancelled,
    Conflict,
    Exhausted,
    Forbidden,
    IncompleteTransfer,
    Internal,
    Invalid,
    JobCancelled,
    JobFailed,
    NotFound,
    ReelOpsError,
    TimedOut,
    Unauthenticated,
    Unavailable,
    Unsupported,
    Violation,
)
from .jobs import AsyncJobHandle
from .sync import ReelOps
from .sync_jobs import JobHandle

__all__ = [
    "AsyncJobHandle",
    "AsyncReelOps",
    "Cancelled",
    "Conflict",
    "Deviation",
    "Exhausted",
    "ExportCheck",
    "Forbidden",
    "GoldSteps",
    "IncompleteTransfer",
    "IngestJob",
    "Internal",
    "Invalid",
    "Job",
    "JobCancelled",
    "JobFailed",
    "JobHandle",
    "NotFound",
    "ReelOps",
    "ReelOpsError",
    "ScoreJob",
    "ScoreResult",
    "Step",
    "TimeRange",
    "TimedOut",
    "Tls",
    "TrainingJob",
    "Unauthenticated",
    "Unavailable",
    "Unsupported",
    "Video",
    "Violation",
    "verify_export",
]
