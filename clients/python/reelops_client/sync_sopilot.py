"""SOPilot, without asyncio."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from reelops.api.jobs.v1.job_pb2 import Job
from reelops.api.sopilot.v1 import audit_service_pb2 as audit_pb
from reelops.api.sopilot.v1 import ingest_service_pb2 as ingest_pb
from reelops.api.sopilot.v1 import monitoring_service_pb2 as monitoring_pb
from reelops.api.sopilot.v1 import operations_service_pb2 as operations_pb
from reelops.api.sopilot.v1 import search_service_pb2 as search_pb
from reelops.api.sopilot.v1 import training_service_pb2 as training_pb
from reelops.api.sopilot.v1 import video_service_pb2 as video_pb
from reelops.api.sopilot.v1.accepted_take_pb2 import AcceptedTake
from reelops.api.sopilot.v1.score_pb2 import ScoreJob
from reelops.api.sopilot.v1.step_pb2 import GoldSteps, Step
from reelops.api.sopilot.v1.video_pb2 import Video

from . import downloading, uploading
from .accepting import AsyncAcceptedTakes
from .auditing import AsyncAudit
from .sopilot import AsyncScores, AsyncSOPilot, AsyncVideos, StrPath
from .stepping import AsyncSteps
from .sync_jobs import JobHandle
from .transport import drive

Source = str | os.PathLike[str] | bytes | BinaryIO | Iterable[bytes]


class SOPilot:
    """Takes videos of procedures in, and scores a trainee's take against a gold one; see `AsyncSOPilot`."""

    def __init__(self, sopilot: AsyncSOPilot) -> None:
        self._sopilot = sopilot
        self.videos = Videos(sopilot.videos)
        self.scores = Scores(sopilot.scores)
        self.steps = Steps(sopilot.steps)
        self.accepted = AcceptedTakes(sopilot.accepted)
        self.audit = Audit(sopilot.audit)

    def upload(
        self,
        source: Source,
        *,
        task_id: str,
        role: str = "trainee",
        filename: str | None = None,
        site_id: str | None = None,
        camera_id: str | None = None,
        operator_id_hash: str | None = None,
        privacy_mask: str | None = None,
        privacy_mode: str | None = None,
        on_progress: uploading.OnProgress | None = None,
    ) -> JobHandle[ingest_pb.IngestJob]:
        """Uploads a video, `role` gold or trainee, and returns its ingest job. Memory does not grow with the video."""
        return JobHandle(
            drive(
                self._sopilot.upload(
                    source,
                    task_id=task_id,
                    role=role,
                    filename=filename,
                    site_id=site_id,
                    camera_id=camera_id,
                    operator_id_hash=operator_id_hash,
                    privacy_mask=privacy_mask,
                    privacy_mode=privacy_mode,
                    on_progress=on_progress,
                )
            )
        )

    def ingest(self, ingest_job_id: str) -> JobHandle[ingest_pb.IngestJob]:
        """Returns the handle of an ingest that was started before."""
        return JobHandle(self._sopilot.ingest(ingest_job_id))

    def score(self, *, gold: int, trainee: int, profile: str | None = None) -> JobHandle[ScoreJob]:
        """Starts the comparison of two videos of a task. Raises Invalid where they cannot be compared."""
        return JobHandle(drive(self._sopilot.score(gold=gold, trainee=trainee, profile=profile)))

    def search(
        self, *, task_id: str, video_id: int, clip: int, limit: int | None = None
    ) -> Sequence[search_pb.SearchClipsResponse.Item]:
        """Returns the clips of the task that look most like a clip, best first."""
        return drive(self._sopilot.search(task_id=task_id, video_id=video_id, clip=clip, limit=limit))

    def train(self) -> JobHandle[training_pb.TrainingJob]:
        """Starts a training now. What comes of it may be `skipped`, with the reason in its result."""
        return JobHandle(drive(self._sopilot.train()))

    def training(self, training_job_id: str) -> JobHandle[training_pb.TrainingJob]:
        """Returns the handle of a training that was started before."""
        return JobHandle(self._sopilot.training(training_job_id))

    def nightly(self) -> training_pb.GetNightlyStatusResponse:
        return drive(self._sopilot.nightly())

    def reembed(self, task_id: str) -> JobHandle[Job]:
        """Starts embedding every video of a task by the model that is configured now."""
        return JobHandle(drive(self._sopilot.reembed(task_id)))

    def queues(self) -> operations_pb.GetQueueMetricsResponse:
        return drive(self._sopilot.queues())

    def health(self) -> monitoring_pb.GetHealthResponse:
        return drive(self._sopilot.health())

    def metrics(self) -> str:
        """Returns the metrics of all processes as Prometheus text."""
        return drive(self._sopilot.metrics())


class Videos:
    """Ingested videos; see `AsyncVideos`."""

    def __init__(self, videos: AsyncVideos) -> None:
        self._videos = videos

    def list(self, *, task_id: str | None = None, limit: int | None = None) -> Sequence[Video]:
        """Returns videos, newest first, at most `limit` (1 to 500; 50 where absent)."""
        return drive(self._videos.list(task_id=task_id, limit=limit))

    def get(self, video_id: int) -> Video:
        return drive(self._videos.get(video_id))

    def delete(self, video_id: int) -> video_pb.DeleteVideoResponse:
        """Deletes a video with its files, vectors and reports, and says what was removed."""
        return drive(self._videos.delete(video_id))

    def download(self, video_id: int, path: StrPath, *, on_progress: downloading.OnProgress | None = None) -> Path:
        """Writes the video as it was uploaded to `path`, whole or not at all."""
        return drive(self._videos.download(video_id, path, on_progress=on_progress))


class Scores:
    """Comparisons of two videos; see `AsyncScores`."""

    def __init__(self, scores: AsyncScores) -> None:
        self._scores = scores

    def get(self, score_job_id: str) -> ScoreJob:
        return drive(self._scores.get(score_job_id))

    def report(self, score_job_id: str, path: StrPath) -> Path:
        """Writes the PDF report of a completed score to `path`, whole or not at all."""
        return drive(self._scores.report(score_job_id, path))

    def fault_frame(self, score_job_id: str, deviation: int, *, video: str = "trainee") -> bytes:
        """Returns a small JPEG of a fault, by its position in the result, in the `gold` or the `trainee` video."""
        return drive(self._scores.fault_frame(score_job_id, deviation, video=video))


class Steps:
    """The steps by which takes of a task are scored; see `AsyncSteps`."""

    def __init__(self, steps: AsyncSteps) -> None:
        self._steps = steps

    def list(self, *, task_id: str, gold: int) -> GoldSteps:
        """Returns the steps of a gold video: those that somebody set, or else those that the service finds in it."""
        return drive(self._steps.list(task_id=task_id, gold=gold))

    def set(self, *, task_id: str, gold: int, steps: Iterable[Step], version: int | None = None) -> GoldSteps:
        """Replaces all steps of a gold video; raises Conflict where they are no longer those of `version`."""
        return drive(self._steps.set(task_id=task_id, gold=gold, steps=steps, version=version))

    def reset(self, *, task_id: str, gold: int, version: int | None = None) -> GoldSteps:
        """Forgets the steps that were set, and returns those that the service finds."""
        return drive(self._steps.reset(task_id=task_id, gold=gold, version=version))


class AcceptedTakes:
    """The trainees' takes by which others are judged; see `AsyncAcceptedTakes`."""

    def __init__(self, accepted: AsyncAcceptedTakes) -> None:
        self._accepted = accepted

    def list(self, *, task_id: str, limit: int | None = None) -> Sequence[AcceptedTake]:
        """Returns the accepted takes of a task, the newest acceptance first."""
        return drive(self._accepted.list(task_id=task_id, limit=limit))

    def accept(self, *, task_id: str, video_id: int) -> AcceptedTake:
        """Accepts a trainee's take. Scores that are asked for afterwards are judged by it as well."""
        return drive(self._accepted.accept(task_id=task_id, video_id=video_id))

    def withdraw(self, *, task_id: str, video_id: int) -> None:
        """Takes an acceptance back; raises NotFound where there is none."""
        drive(self._accepted.withdraw(task_id=task_id, video_id=video_id))


class Audit:
    """Who did what; see `AsyncAudit`."""

    def __init__(self, audit: AsyncAudit) -> None:
        self._audit = audit

    def trail(self, *, limit: int | None = None) -> Sequence[audit_pb.AuditEntry]:
        """Returns entries, newest first, at most `limit` (1 to 1000; 100 where absent)."""
        return drive(self._audit.trail(limit=limit))

    def export(self, *, limit: int | None = None) -> audit_pb.ExportAuditResponse:
        """Has the newest entries written into a signed file, at most `limit` (1 to 5000; 500 where absent)."""
        return drive(self._audit.export(limit=limit))

    def download(self, export_id: str, path: StrPath) -> Path:
        """Writes an export to `path`, whole or not at all."""
        return drive(self._audit.download(export_id, path))

    def verify(self) -> audit_pb.VerifyAuditTrailResponse:
        """Has the service recompute the chain of its whole trail."""
        return drive(self._audit.verify())
