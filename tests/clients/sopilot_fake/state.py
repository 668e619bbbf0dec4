"""What the fake remembers."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

import grpc
from reelops.api.jobs.v1.job_pb2 import Job
from reelops.api.sopilot.v1.accepted_take_pb2 import AcceptedTake
from reelops.api.sopilot.v1.ingest_service_pb2 import UploadDescription
from reelops.api.sopilot.v1.score_pb2 import ScoreJob
from reelops.api.sopilot.v1.step_pb2 import GoldSteps
from reelops.api.sopilot.v1.video_pb2 import Video

STEPS = ((Job.STATE_QUEUED, 0.0), (Job.STATE_RUNNING, 0.25), (Job.STATE_RUNNING, 0.75))


@dataclass(slots=True)
class Fault:
    """What happens instead of an answer: after `after` messages of a stream, the call ends with `code`."""

    code: grpc.StatusCode
    after: int = 0


@dataclass(slots=True)
class Work:
    """A job, and the states that it goes through: one for each message that a watcher gets."""

    job: Job
    finish: Callable[[Job], None]
    ahead: deque[tuple[Job.State.ValueType, float]] = field(default_factory=lambda: deque(STEPS))
    broken: str = ""

    def advance(self) -> None:
        if self.ahead:
            self.job.state, self.job.progress = self.ahead.popleft()
            self.job.stage = "decoding"
            self.job.started_at.GetCurrentTime()
            return
        if self.job.state in (Job.STATE_COMPLETED, Job.STATE_FAILED, Job.STATE_CANCELLED):
            return
        self.job.finished_at.GetCurrentTime()
        if self.broken:
            self.job.state, self.job.error_code, self.job.error_message = (
                Job.STATE_FAILED,
                "VIDEO_UNREADABLE",
                self.broken,
            )
            return
        self.finish(self.job)
        self.job.state, self.job.progress = Job.STATE_COMPLETED, 1.0


@dataclass(slots=True)
class Upload:
    """What came of one upload: its description, its bytes, and how large its messages were."""

    description: UploadDescription
    data: bytes
    messages: int
    largest: int


@dataclass(slots=True)
class State:
    """Everything the fake remembers. `faults` are planned by method name and used up one call at a time."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    work: dict[str, Work] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    videos: dict[int, Video] = field(default_factory=dict)
    files: dict[int, bytes] = field(default_factory=dict)
    scores: dict[str, ScoreJob] = field(default_factory=dict)
    steps: dict[int, GoldSteps] = field(default_factory=dict)
    accepted: dict[int, AcceptedTake] = field(default_factory=dict)
    exports: dict[str, bytes] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    metadata: dict[str, dict[str, str | bytes]] = field(default_factory=dict)
    faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    report: bytes = b"%PDF-1.4\n" + b"0123456789" * 20_000 + b"\n%%EOF\n"
    announced_bytes: int | None = None
    upload_limit_bytes: int = 1 << 40
    keep_uploads: bool = True

    def start(self, kind: str, *, by: str, task_id: str | None, finish: Callable[[Job], None]) -> Job:
        with self.lock:
            job_id = f"{kind.partition('.')[2]}-{len(self.work) + 1}"
            job = Job(job_id=job_id, kind=kind, queue=kind.partition(".")[2], requested_by=by, task_id=task_id)
            job.state, job.max_attempts, job.attempt = Job.STATE_QUEUED, 3, 0
            job.queued_at.GetCurrentTime()
            self.work[job_id] = Work(job, finish)
            return job
