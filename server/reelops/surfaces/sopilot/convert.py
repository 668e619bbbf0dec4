"""From the core's values to the document's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf.json_format import ParseDict

from reelops.api.sopilot.v1 import (
    accepted_take_pb2,
    audit_service_pb2,
    ingest_service_pb2,
    score_pb2,
    search_service_pb2,
    step_pb2,
    training_service_pb2,
    video_pb2,
)
from reelops.core.audit.model import AuditEntry
from reelops.core.library.model import UploadDescription, Video, VideoRole
from reelops.core.scoring.references.store import AcceptedTake
from reelops.core.scoring.steps.model import GoldSteps, Source, Step
from reelops.infra.jobs import Job, JobState
from reelops.surfaces.moments import timestamp

if TYPE_CHECKING:
    from reelops.core.search.model import Hit

_ROLES = {VideoRole.trainee: video_pb2.Video.trainee, VideoRole.gold: video_pb2.Video.gold}
# The document knows no cancelled jobs: they ended without a result.
_STATUS_NAMES = {
    JobState.queued: "queued",
    JobState.running: "running",
    JobState.completed: "completed",
    JobState.failed: "failed",
    JobState.cancelled: "failed",
}


_SOURCES = {Source.FOUND: step_pb2.GoldSteps.found, Source.SET: step_pb2.GoldSteps.set}


def video(value: Video) -> video_pb2.Video:
    """Converts a video."""
    return video_pb2.Video(
        video_id=value.video_id,
        task_id=value.task_id,
        role=_ROLES[value.role],
        site_id=value.site_id,
        camera_id=value.camera_id,
        num_clips=value.num_clips,
        embedding_model=value.embedding_model,
        created_at=timestamp(value.created_at),
    )


def description(value: ingest_service_pb2.UploadDescription) -> UploadDescription:
    """Converts what an uploader says of a file."""
    return UploadDescription(
        task_id=value.task_id,
        role=VideoRole.gold if value.role == video_pb2.Video.gold else VideoRole.trainee,
        site_id=value.site_id if value.HasField("site_id") else None,
        camera_id=value.camera_id if value.HasField("camera_id") else None,
        operator_id_hash=value.operator_id_hash if value.HasField("operator_id_hash") else None,
        filename=value.filename,
        privacy_mask=value.privacy_mask if value.HasField("privacy_mask") else None,
        privacy_mode=value.privacy_mode or "black",
    )


def ingest_job(job: Job) -> ingest_service_pb2.IngestJob:
    """Converts an ingest job."""
    made = ingest_service_pb2.IngestJob(
        ingest_job_id=job.job_id,
        status=ingest_service_pb2.IngestJob.Status.Value(_STATUS_NAMES[job.state]),
        task_id=job.task_id or "",
        role=_ROLES[VideoRole(job.payload["role"])],
        error_message=job.error_message,
        **_asked(job),
    )
    if job.result is not None:
        ParseDict(job.result, made)
    return made


def score_job(job: Job) -> score_pb2.ScoreJob:
    """Converts a score job with its result."""
    made = score_pb2.ScoreJob(
        score_job_id=job.job_id,
        status=score_pb2.ScoreJob.Status.Value(_STATUS_NAMES[job.state]),
        gold_video_id=job.payload["gold_video_id"],
        trainee_video_id=job.payload["trainee_video_id"],
        error_message=job.error_message,
        **_asked(job),
    )
    if job.result is not None:
        made.score = job.result["score"]
        ParseDict(job.result, made.result, ignore_unknown_fields=True)
    return made


def role(value: video_pb2.Video.Role.ValueType) -> VideoRole:
    """Converts which video is meant."""
    return VideoRole.gold if value == video_pb2.Video.gold else VideoRole.trainee


def step(value: step_pb2.Step) -> Step:
    """Converts a step that a caller sets."""
    return Step(
        name=value.name,
        start_sec=value.start_sec,
        end_sec=value.end_sec,
        expected_sec=value.expected_sec if value.HasField("expected_sec") else None,
        critical=value.critical,
    )


def accepted_take(value: AcceptedTake) -> accepted_take_pb2.AcceptedTake:
    """Converts an accepted take."""
    return accepted_take_pb2.AcceptedTake(
        task_id=value.task_id,
        video_id=value.video_id,
        accepted_by=value.accepted_by,
        accepted_at=timestamp(value.accepted_at),
    )


def gold_steps(value: GoldSteps) -> step_pb2.GoldSteps:
    """Converts the steps of a gold video."""
    return step_pb2.GoldSteps(
        task_id=value.video.task_id,
        gold_video_id=value.video.video_id,
        source=_SOURCES[value.source],
        version=value.version,
        duration_sec=value.video.duration_sec,
        steps=[step_pb2.Step(**one.to_dict()) for one in value.steps],
        changed_by=value.changed_by,
        changed_at=timestamp(value.changed_at),
    )


def training_job(job: Job) -> training_service_pb2.TrainingJob:
    """Converts a training job with its result."""
    skipped = job.result is not None and job.result.get("status") == "skipped"
    made = training_service_pb2.TrainingJob(
        training_job_id=job.job_id,
        trigger=job.payload["trigger"],
        status=training_service_pb2.TrainingJob.Status.Value("skipped" if skipped else _STATUS_NAMES[job.state]),
        error_message=job.error_message,
        **_asked(job),
    )
    if job.result is not None:
        ParseDict(job.result, made.result, ignore_unknown_fields=True)
    return made


def hit(value: Hit) -> search_service_pb2.SearchClipsResponse.Item:
    """Converts a clip that was found."""
    return search_service_pb2.SearchClipsResponse.Item(
        similarity=value.similarity,
        video_id=value.video_id,
        clip_idx=value.clip_idx,
        start_sec=value.start_sec,
        end_sec=value.end_sec,
        role=_ROLES[VideoRole(value.role)],
    )


def audit_entry(value: AuditEntry) -> audit_service_pb2.AuditEntry:
    """Converts an entry of the audit trail."""
    return audit_service_pb2.AuditEntry(
        job_id=value.job_id,
        job_type=value.job_type,
        requested_by=value.requested_by,
        task_id=value.task_id,
        subject=value.subject,
        status=value.status,
        model_name=value.model_name,
        score=value.score,
        error_message=value.error_message,
        queued_at=timestamp(value.queued_at),
        started_at=timestamp(value.started_at),
        finished_at=timestamp(value.finished_at),
        created_at=timestamp(value.created_at),
        sequence=value.sequence,
        entry_hash=value.entry_hash,
    )


def _asked(job: Job) -> dict[str, Any]:
    """Gives the fields that every documented job has."""
    return {
        "requested_by": job.requested_by,
        "queued_at": timestamp(job.queued_at),
        "started_at": timestamp(job.started_at),
        "finished_at": timestamp(job.finished_at),
    }
