"""The fake's services."""

# mypy: disable-error-code="no-untyped-def,override,misc,arg-type,abstract"
from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from itertools import pairwise

import grpc
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.timestamp_pb2 import Timestamp
from reelops.api.jobs.v1 import jobs_service_pb2, jobs_service_pb2_grpc
from reelops.api.jobs.v1.job_pb2 import Job
from reelops.api.sopilot.v1 import (
    audit_service_pb2,
    audit_service_pb2_grpc,
    ingest_service_pb2,
    ingest_service_pb2_grpc,
    monitoring_service_pb2,
    monitoring_service_pb2_grpc,
    operations_service_pb2,
    operations_service_pb2_grpc,
    scoring_service_pb2,
    scoring_service_pb2_grpc,
    search_service_pb2,
    search_service_pb2_grpc,
    step_service_pb2,
    step_service_pb2_grpc,
    training_service_pb2,
    training_service_pb2_grpc,
    video_service_pb2,
    video_service_pb2_grpc,
)
from reelops.api.sopilot.v1.score_pb2 import Deviation, ScoreJob
from reelops.api.sopilot.v1.step_pb2 import GoldSteps
from reelops.api.sopilot.v1.video_pb2 import Video

from tests.clients.sopilot_fake import exports
from tests.clients.sopilot_fake.guard import check_rules, fail, role_of
from tests.clients.sopilot_fake.state import State, Upload, Work

INVALID = grpc.StatusCode.INVALID_ARGUMENT
NOT_FOUND = grpc.StatusCode.NOT_FOUND
PIECE = 16 * 1024


class Servicer:
    def __init__(self, state: State) -> None:
        self.state = state

    def work(self, job_id: str, context) -> Work:
        found = self.state.work.get(job_id)
        if found is None:
            fail(context, NOT_FOUND, "JOB_NOT_FOUND", f"There is no job {job_id}.", job_id=job_id)
        return found


class Jobs(Servicer, jobs_service_pb2_grpc.JobsServiceServicer):
    def GetJob(self, request, context):
        return jobs_service_pb2.GetJobResponse(job=self.work(request.job_id, context).job)

    def ListJobs(self, request, context):
        jobs = [work.job for work in reversed(self.state.work.values())]
        jobs = [
            job
            for job in jobs
            if (not request.HasField("kind") or job.kind == request.kind)
            and (not request.HasField("task_id") or job.task_id == request.task_id)
            and request.state in (Job.STATE_UNSPECIFIED, job.state)
        ]
        start, size = int(request.page_token or 0), request.page_size or 50
        more = str(start + size) if start + size < len(jobs) else ""
        return jobs_service_pb2.ListJobsResponse(jobs=jobs[start : start + size], next_page_token=more)

    def WatchJob(self, request, context):
        work = self.work(request.job_id, context)
        while True:
            with self.state.lock:
                work.advance()
                yield jobs_service_pb2.WatchJobResponse(job=work.job)
            if work.job.state in (Job.STATE_COMPLETED, Job.STATE_FAILED, Job.STATE_CANCELLED):
                return
            time.sleep(0.005)

    def CancelJob(self, request, context):
        work = self.work(request.job_id, context)
        if work.job.state in (Job.STATE_COMPLETED, Job.STATE_FAILED, Job.STATE_CANCELLED):
            fail(context, grpc.StatusCode.FAILED_PRECONDITION, "JOB_FINISHED", "The job has ended already.")
        work.ahead.clear()
        work.job.state, work.job.error_code, work.job.error_message = (
            Job.STATE_CANCELLED,
            "CANCELLED",
            "The job was cancelled.",
        )
        return jobs_service_pb2.CancelJobResponse(job=work.job)


class Ingest(Servicer, ingest_service_pb2_grpc.IngestServiceServicer):
    def UploadVideo(self, requests, context):
        upload = self._receive(requests, context)
        role = upload.description.role or Video.Role.trainee
        job = self.state.start(
            "sopilot.ingest",
            by=f"token:{role_of(context)}",
            task_id=upload.description.task_id,
            finish=lambda job: self._finish(job, upload, role),
        )
        self.state.uploads[job.job_id] = upload
        if b"not a video" in upload.data[:64]:
            self.state.work[job.job_id].broken = "The file is not a video."
        return ingest_service_pb2.UploadVideoResponse(ingest_job_id=job.job_id, status="queued")

    def _receive(self, requests, context) -> Upload:
        first = next(requests)
        check_rules(context, first)
        if first.WhichOneof("part") != "description":
            fail(context, INVALID, "STREAM_INVALID", "The first message has to describe the upload.")
        upload, kept, size = Upload(first.description, b"", 0, 0), [], 0
        for request in requests:
            check_rules(context, request)
            size += len(request.chunk)
            upload.messages += 1
            upload.largest = max(upload.largest, len(request.chunk))
            if self.state.keep_uploads:
                kept.append(request.chunk)
            if size > self.state.upload_limit_bytes:
                fail(context, grpc.StatusCode.RESOURCE_EXHAUSTED, "UPLOAD_TOO_LARGE", "The upload is too large.")
        # When the caller goes away the requests end as if it had sent all of them, and only then the call does.
        gone = threading.Event()
        if not context.add_callback(gone.set) or gone.wait(0.05):
            context.abort(grpc.StatusCode.CANCELLED, "")
        if size == 0:
            fail(context, INVALID, "FILE_MISSING", "There are no bytes.")
        upload.data = b"".join(kept)
        return upload

    def _finish(self, job: Job, upload: Upload, role) -> None:
        number = len(self.state.videos) + 1
        video = Video(
            video_id=number,
            task_id=upload.description.task_id,
            role=role,
            site_id=upload.description.site_id if upload.description.HasField("site_id") else None,
            num_clips=12,
            embedding_model="fake:1",
        )
        video.created_at.GetCurrentTime()
        self.state.videos[number] = video
        self.state.files[number] = upload.data
        self.state.work[job.job_id].finish = lambda job: None
        job.stage = f"video {number}"

    def GetIngestJob(self, request, context):
        work = self.work(request.ingest_job_id, context)
        job, description = work.job, self.state.uploads[request.ingest_job_id].description
        answer = ingest_service_pb2.IngestJob(
            ingest_job_id=job.job_id,
            status=Job.State.Name(job.state).removeprefix("STATE_").lower(),
            task_id=description.task_id,
            role=description.role,
            requested_by=job.requested_by,
            error_message=job.error_message or None,
        )
        if job.state == Job.STATE_COMPLETED:
            answer.video_id, answer.num_clips = int(job.stage.removeprefix("video ")), 12
            answer.embedding_model, answer.source_fps, answer.sampled_fps = "fake:1", 25.0, 4.17
        return ingest_service_pb2.GetIngestJobResponse(job=answer)

    def ReembedTask(self, request, context):
        if all(video.task_id != request.task_id for video in self.state.videos.values()):
            fail(context, NOT_FOUND, "TASK_NOT_FOUND", f"There is no task {request.task_id}.")
        job = self.state.start("sopilot.reembed", by="token:admin", task_id=request.task_id, finish=lambda job: None)
        return ingest_service_pb2.ReembedTaskResponse(job_id=job.job_id)


class Scoring(Servicer, scoring_service_pb2_grpc.ScoringServiceServicer):
    def CreateScore(self, request, context):
        gold, trainee = (self.state.videos.get(i) for i in (request.gold_video_id, request.trainee_video_id))
        if gold is None or trainee is None:
            fail(context, INVALID, "VIDEO_UNKNOWN", "There is no such video.")
        if gold.task_id != trainee.task_id:
            fail(context, INVALID, "TASK_MISMATCH", "The videos show different tasks.")
        score = ScoreJob(gold_video_id=gold.video_id, trainee_video_id=trainee.video_id)
        job = self.state.start(
            "sopilot.score",
            by=f"token:{role_of(context)}",
            task_id=gold.task_id,
            finish=lambda job: self._finish(score, request.scoring_profile or "default"),
        )
        score.score_job_id, score.requested_by = job.job_id, job.requested_by
        self.state.scores[job.job_id] = score
        return scoring_service_pb2.CreateScoreResponse(score_job_id=job.job_id, status="queued")

    def _finish(self, score: ScoreJob, profile: str) -> None:
        score.score = score.result.score = 87.5
        score.result.profile, score.result.embedding_model = profile, "fake:1"
        fault = score.result.deviations.add(type=Deviation.step_missing, gold_step=2, confidence=0.9)
        fault.reason = "no aligned trainee clips"
        fault.gold_time.start_sec, fault.gold_time.end_sec = 30.0, 45.0
        fault.trainee_time.SetInParent()
        score.result.penalties.add(name="step_missing", points=12.5, reason="one step was left out")
        score.finished_at.GetCurrentTime()

    def GetScore(self, request, context):
        score = self.state.scores.get(request.score_job_id)
        if score is None:
            fail(context, NOT_FOUND, "JOB_NOT_FOUND", f"There is no score {request.score_job_id}.")
        state = Job.State.Name(self.work(request.score_job_id, context).job.state)
        score.status = ScoreJob.Status.Value(state.removeprefix("STATE_").lower())
        return scoring_service_pb2.GetScoreResponse(job=score)

    def DownloadScoreReport(self, request, context):
        score = self.state.scores.get(request.score_job_id)
        if score is None or not score.HasField("result"):
            fail(context, NOT_FOUND, "SCORE_NOT_COMPLETED", "There is no completed score.")
        size = len(self.state.report) if self.state.announced_bytes is None else self.state.announced_bytes
        context.send_initial_metadata((("x-content-length", str(size)),))
        yield from pieces(self.state.report, "application/pdf")

    def GetFaultFrame(self, request, context):
        score = self.state.scores.get(request.score_job_id)
        if score is None:
            fail(context, NOT_FOUND, "JOB_NOT_FOUND", f"There is no score {request.score_job_id}.")
        faults = score.result.deviations
        if request.deviation >= len(faults):
            fail(context, NOT_FOUND, "DEVIATION_NOT_FOUND", "There is no such fault.")
        fault = faults[request.deviation]
        if not (fault.gold_time if request.video == Video.gold else fault.trainee_time).HasField("start_sec"):
            fail(context, NOT_FOUND, "FRAME_NOT_FOUND", "The fault has no place in that video.")
        return HttpBody(content_type="image/jpeg", data=b"\xff\xd8\xff picture \xff\xd9")


class Steps(Servicer, step_service_pb2_grpc.StepServiceServicer):
    def _known(self, request, context) -> GoldSteps:
        video = self.state.videos.get(request.gold_video_id)
        if video is None or (video.task_id, video.role) != (request.task_id, Video.gold):
            fail(context, NOT_FOUND, "GOLD_NOT_FOUND", "There is no such gold video.")
        found = GoldSteps(
            task_id=video.task_id, gold_video_id=video.video_id, source=GoldSteps.found, duration_sec=48.0
        )
        found.steps.add(name="Step 1", end_sec=48.0)
        return self.state.steps.setdefault(video.video_id, found)

    def _changeable(self, request, context) -> GoldSteps:
        known = self._known(request, context)
        if request.HasField("version") and request.version != known.version:
            fail(context, grpc.StatusCode.FAILED_PRECONDITION, "STEPS_CHANGED", "The steps were changed meanwhile.")
        known.version += 1
        del known.steps[:]
        return known

    def ListSteps(self, request, context):
        return step_service_pb2.ListStepsResponse(gold_steps=self._known(request, context))

    def SetSteps(self, request, context):
        if any(after.start_sec < before.end_sec for before, after in pairwise(request.steps)):
            fail(context, INVALID, "STEPS_INVALID", "The steps overlap.")
        known = self._changeable(request, context)
        known.source, known.changed_by = GoldSteps.set, f"token:{role_of(context)}"
        known.steps.extend(request.steps)
        return step_service_pb2.SetStepsResponse(gold_steps=known)

    def ResetSteps(self, request, context):
        known = self._changeable(request, context)
        known.source = GoldSteps.found
        known.ClearField("changed_by")
        known.steps.add(name="Step 1", end_sec=48.0)
        return step_service_pb2.ResetStepsResponse(gold_steps=known)


class Videos(Servicer, video_service_pb2_grpc.VideoServiceServicer):
    def _video(self, request, context) -> Video:
        video = self.state.videos.get(request.video_id)
        if video is None:
            fail(context, NOT_FOUND, "VIDEO_NOT_FOUND", f"There is no video {request.video_id}.", video_id="0")
        return video

    def ListVideos(self, request, context):
        videos = [
            video
            for video in reversed(self.state.videos.values())
            if not request.HasField("task_id") or video.task_id == request.task_id
        ]
        return video_service_pb2.ListVideosResponse(items=videos[: request.limit or 50])

    def GetVideo(self, request, context):
        return video_service_pb2.GetVideoResponse(video=self._video(request, context))

    def DownloadVideoFile(self, request, context):
        self._video(request, context)
        data = self.state.files[request.video_id]
        wanted = re.fullmatch(r"bytes=(\d+)-", str(dict(context.invocation_metadata()).get("range", "")))
        start = int(wanted[1]) if wanted else 0
        headers = [("x-content-length", str(len(data) - start))]
        if wanted:
            headers += [("x-http-status", "206"), ("content-range", f"bytes {start}-{len(data) - 1}/{len(data)}")]
        context.send_initial_metadata(tuple(headers))
        yield from pieces(data[start:], "video/mp4")

    def DeleteVideo(self, request, context):
        video = self._video(request, context)
        del self.state.videos[request.video_id], self.state.files[request.video_id]
        return video_service_pb2.DeleteVideoResponse(
            video_id=video.video_id, task_id=video.task_id, removed_files=[f"raw/{video.video_id}.mp4"]
        )


class Search(Servicer, search_service_pb2_grpc.SearchServiceServicer):
    def SearchClips(self, request, context):
        others = [
            video
            for video in self.state.videos.values()
            if video.task_id == request.task_id and video.video_id != request.video_id
        ]
        answer = search_service_pb2.SearchClipsResponse(task_id=request.task_id)
        for video in others[: request.k or 5]:
            answer.items.add(similarity=0.9, video_id=video.video_id, clip_idx=3, end_sec=4.0, role=video.role)
        return answer


class Training(Servicer, training_service_pb2_grpc.TrainingServiceServicer):
    def TrainNightly(self, request, context):
        job = self.state.start("sopilot.training", by="token:admin", task_id=None, finish=lambda job: None)
        return training_service_pb2.TrainNightlyResponse(training_job_id=job.job_id, status="queued", trigger="manual")

    def GetTrainingJob(self, request, context):
        job = self.work(request.training_job_id, context).job
        answer = training_service_pb2.TrainingJob(training_job_id=job.job_id, trigger="manual", status="running")
        if job.state == Job.STATE_COMPLETED:
            answer.status = training_service_pb2.TrainingJob.Status.skipped
            answer.result.status, answer.result.reason = "skipped", "too few new videos"
        return training_service_pb2.GetTrainingJobResponse(job=answer)

    def GetNightlyStatus(self, request, context):
        return training_service_pb2.GetNightlyStatusResponse(enabled=False, hour_local=2, min_new_videos=10)


class Audit(Servicer, audit_service_pb2_grpc.AuditServiceServicer):
    def ListAuditTrail(self, request, context):
        answer = audit_service_pb2.ListAuditTrailResponse()
        for item in exports.entries()[: request.limit or 100]:
            now = Timestamp()
            now.FromJsonString(item["created_at"])
            answer.items.add(
                job_id=item["job_id"],
                job_type=item["job_type"],
                status=item["status"],
                requested_by=item["requested_by"],
                created_at=now,
                sequence=item["sequence"],
                entry_hash=item["entry_hash"],
            )
        return answer

    def ExportAudit(self, request, context):
        data = exports.export_file(request.limit or 500)
        export_id = f"20260208_12000{len(self.state.exports)}"
        self.state.exports[export_id] = data
        answer = audit_service_pb2.ExportAuditResponse(export_id=export_id, item_count=len(exports.entries()))
        answer.signature.key_id, answer.signature.algorithm = exports.KEY_ID, "hmac-sha256"
        return answer

    def DownloadAuditExport(self, request, context):
        data = self.state.exports.get(request.export_id)
        if data is None:
            fail(context, NOT_FOUND, "EXPORT_NOT_FOUND", f"There is no export {request.export_id}.")
        yield from pieces(data, "application/json")

    def VerifyAuditTrail(self, request, context):
        newest = exports.entries()[0]
        return audit_service_pb2.VerifyAuditTrailResponse(
            intact=True, entry_count=newest["sequence"], head_hash=newest["entry_hash"]
        )


class Operations(Servicer, operations_service_pb2_grpc.OperationsServiceServicer):
    def GetQueueMetrics(self, request, context):
        answer = operations_service_pb2.GetQueueMetricsResponse(runtime_mode="api")
        answer.queue.backend, answer.queue.redis_ok = "dbos", True
        answer.queue.queues.add(key="sopilot_ingest", name="ingest", queued=len(self.state.work))
        return answer


class Monitoring(Servicer, monitoring_service_pb2_grpc.MonitoringServiceServicer):
    def GetHealth(self, request, context):
        return monitoring_service_pb2.GetHealthResponse(status="ok", db=True)

    def GetMetrics(self, request, context):
        return HttpBody(content_type="text/plain", data=b"sopilot_ingest_jobs_total 1\n")


def pieces(data: bytes, content_type: str) -> Iterator[HttpBody]:
    for start in range(0, len(data), PIECE):
        yield HttpBody(content_type=content_type, data=data[start : start + PIECE])
