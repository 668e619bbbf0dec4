"""SOPilot: uploading, scoring, searching and training on recorded procedures."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from reelops.api.jobs.v1.job_pb2 import Job
from reelops.api.sopilot.v1 import ingest_service_pb2 as ingest_pb
from reelops.api.sopilot.v1 import monitoring_service_pb2 as monitoring_pb
from reelops.api.sopilot.v1 import operations_service_pb2 as operations_pb
from reelops.api.sopilot.v1 import scoring_service_pb2 as scoring_pb
from reelops.api.sopilot.v1 import search_service_pb2 as search_pb
from reelops.api.sopilot.v1 import training_service_pb2 as training_pb
from reelops.api.sopilot.v1 import video_service_pb2 as video_pb
from reelops.api.sopilot.v1.score_pb2 import ScoreJob
from reelops.api.sopilot.v1.video_pb2 import Video

from . import downloading, rpcs, uploading
from .accepting import AsyncAcceptedTakes
from .auditing import AsyncAudit
from .calls import Caller
from .jobs import AsyncJobHandle, AsyncJobs
from .stepping import AsyncSteps

StrPath = str | os.PathLike[str]


class AsyncSOPilot:
    """Takes videos of procedures in, and scores a trainee's take against a gold one."""

    def __init__(self, caller: Caller, jobs: AsyncJobs) -> None:
        self._caller = caller
        self._jobs = jobs
        self.videos = AsyncVideos(caller)
        self.scores = AsyncScores(caller)
        self.steps = AsyncSteps(caller)
        self.accepted = AsyncAcceptedTakes(caller)
        self.audit = AsyncAudit(caller)

    async def upload(
        self,
        source: uploading.Source,
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
    ) -> AsyncJobHandle[ingest_pb.IngestJob]:
        """Uploads a video, `role` gold or trainee, and returns its ingest job.

        Memory does not grow with the video. Is never repeated by itself: a failed upload leaves nothing behind, so
        calling it again is safe. Raises Invalid, Forbidden, and Exhausted past the service's size limit.
        """
        description = ingest_pb.UploadDescription(
            task_id=task_id,
            role=_role(role),
            site_id=site_id,
            camera_id=camera_id,
            operator_id_hash=operator_id_hash,
            filename=uploading.filename_of(source) if filename is None else filename,
            privacy_mask=privacy_mask,
            privacy_mode=privacy_mode,
        )
        requests = uploading.requests(self._caller.transport, source, description, on_progress)
        answer = await self._caller.transport.send(
            rpcs.UPLOAD_VIDEO, requests, timeout=self._caller.limits.transfer_sec
        )
        return self.ingest(answer.ingest_job_id)

    def ingest(self, ingest_job_id: str) -> AsyncJobHandle[ingest_pb.IngestJob]:
        """Returns the handle of an ingest that was started before."""
        return AsyncJobHandle(self._jobs, ingest_job_id, self._get_ingest)

    async def score(self, *, gold: int, trainee: int, profile: str | None = None) -> AsyncJobHandle[ScoreJob]:
        """Starts the comparison of two videos of a task. Raises Invalid where they cannot be compared."""
        request = scoring_pb.CreateScoreRequest(gold_video_id=gold, trainee_video_id=trainee, scoring_profile=profile)
        answer = await self._caller.call(rpcs.CREATE_SCORE, request)
        return AsyncJobHandle(self._jobs, answer.score_job_id, self.scores.get)

    async def search(
        self, *, task_id: str, video_id: int, clip: int, limit: int | None = None
    ) -> Sequence[search_pb.SearchClipsResponse.Item]:
        """Returns the clips of the task that look most like a clip, best first."""
        request = search_pb.SearchClipsRequest(task_id=task_id, video_id=video_id, clip_idx=clip, k=limit)
        return list((await self._caller.call(rpcs.SEARCH_CLIPS, request)).items)

    async def train(self) -> AsyncJobHandle[training_pb.TrainingJob]:
        """Starts a training now. What comes of it may be `skipped`, with the reason in its result."""
        answer = await self._caller.call(rpcs.TRAIN_NIGHTLY, training_pb.TrainNightlyRequest())
        return self.training(answer.training_job_id)

    def training(self, training_job_id: str) -> AsyncJobHandle[training_pb.TrainingJob]:
        """Returns the handle of a training that was started before."""
        return AsyncJobHandle(self._jobs, training_job_id, self._get_training)

    async def nightly(self) -> training_pb.GetNightlyStatusResponse:
        return await self._caller.call(rpcs.GET_NIGHTLY, training_pb.GetNightlyStatusRequest())

    async def reembed(self, task_id: str) -> AsyncJobHandle[Job]:
        """Starts embedding every video of a task by the model that is configured now."""
        answer = await self._caller.call(rpcs.REEMBED_TASK, ingest_pb.ReembedTaskRequest(task_id=task_id))
        return AsyncJobHandle(self._jobs, answer.job_id, self._jobs.get)

    async def queues(self) -> operations_pb.GetQueueMetricsResponse:
        return await self._caller.call(rpcs.GET_QUEUES, operations_pb.GetQueueMetricsRequest())

    async def health(self) -> monitoring_pb.GetHealthResponse:
        return await self._caller.call(rpcs.GET_HEALTH, monitoring_pb.GetHealthRequest())

    async def metrics(self) -> str:
        """Returns the metrics of all processes as Prometheus text."""
        body = await self._caller.call(rpcs.GET_METRICS, monitoring_pb.GetMetricsRequest())
        return str(body.data, "utf-8")

    async def _get_ingest(self, job_id: str) -> ingest_pb.IngestJob:
        request = ingest_pb.GetIngestJobRequest(ingest_job_id=job_id)
        return (await self._caller.call(rpcs.GET_INGEST_JOB, request)).job

    async def _get_training(self, job_id: str) -> training_pb.TrainingJob:
        request = training_pb.GetTrainingJobRequest(training_job_id=job_id)
        return (await self._caller.call(rpcs.GET_TRAINING, request)).job


class AsyncVideos:
    """Ingested videos."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def list(self, *, task_id: str | None = None, limit: int | None = None) -> Sequence[Video]:
        """Returns videos, newest first, at most `limit` (1 to 500; 50 where absent)."""
        request = video_pb.ListVideosRequest(task_id=task_id, limit=limit)
        return list((await self._caller.call(rpcs.LIST_VIDEOS, request)).items)

    async def get(self, video_id: int) -> Video:
        return (await self._caller.call(rpcs.GET_VIDEO, video_pb.GetVideoRequest(video_id=video_id))).video

    async def delete(self, video_id: int) -> video_pb.DeleteVideoResponse:
        """Deletes a video with its files, vectors and reports, and says what was removed."""
        return await self._caller.call(rpcs.DELETE_VIDEO, video_pb.DeleteVideoRequest(video_id=video_id))

    async def download(
        self, video_id: int, path: StrPath, *, on_progress: downloading.OnProgress | None = None
    ) -> Path:
        """Writes the video as it was uploaded to `path`, whole or not at all."""
        request = video_pb.DownloadVideoFileRequest(video_id=video_id)
        return await downloading.download(
            self._caller, rpcs.DOWNLOAD_VIDEO, request, path, on_progress=on_progress, resume=True
        )


class AsyncScores:
    """Comparisons of two videos."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def get(self, score_job_id: str) -> ScoreJob:
        request = scoring_pb.GetScoreRequest(score_job_id=score_job_id)
        return (await self._caller.call(rpcs.GET_SCORE, request)).job

    async def report(self, score_job_id: str, path: StrPath) -> Path:
        """Writes the PDF report of a completed score to `path`, whole or not at all."""
        request = scoring_pb.DownloadScoreReportRequest(score_job_id=score_job_id)
        return await downloading.download(self._caller, rpcs.DOWNLOAD_REPORT, request, path)

    async def fault_frame(self, score_job_id: str, deviation: int, *, video: str = "trainee") -> bytes:
        """Returns a small JPEG of a fault, by its position in the result, in the `gold` or the `trainee` video.

        Raises NotFound where the fault has no place in that video.
        """
        request = scoring_pb.GetFaultFrameRequest(score_job_id=score_job_id, deviation=deviation, video=_role(video))
        return bytes((await self._caller.call(rpcs.GET_FAULT_FRAME, request)).data)


def _role(name: str) -> Video.Role.ValueType:
    if name not in ("gold", "trainee"):
        raise ValueError(f"a video's role is gold or trainee, not {name!r}")
    return Video.Role.Value(name)
