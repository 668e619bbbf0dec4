"""The methods that the client calls."""

from __future__ import annotations

from google.api import httpbody_pb2
from reelops.api.jobs.v1 import jobs_service_pb2 as jobs
from reelops.api.sopilot.v1 import (
    accepted_take_service_pb2 as accepted,
)
from reelops.api.sopilot.v1 import (
    audit_service_pb2 as audit,
)
from reelops.api.sopilot.v1 import (
    ingest_service_pb2 as ingest,
)
from reelops.api.sopilot.v1 import (
    monitoring_service_pb2 as monitoring,
)
from reelops.api.sopilot.v1 import (
    operations_service_pb2 as operations,
)
from reelops.api.sopilot.v1 import (
    scoring_service_pb2 as scoring,
)
from reelops.api.sopilot.v1 import (
    search_service_pb2 as search,
)
from reelops.api.sopilot.v1 import (
    step_service_pb2 as step,
)
from reelops.api.sopilot.v1 import (
    training_service_pb2 as training,
)
from reelops.api.sopilot.v1 import (
    video_service_pb2 as video,
)

from .transport import Rpc

JOBS = "reelops.api.jobs.v1.JobsService"
GET_JOB = Rpc(JOBS, "GetJob", jobs.GetJobRequest, jobs.GetJobResponse, safe=True)
LIST_JOBS = Rpc(JOBS, "ListJobs", jobs.ListJobsRequest, jobs.ListJobsResponse, safe=True)
WATCH_JOB = Rpc(JOBS, "WatchJob", jobs.WatchJobRequest, jobs.WatchJobResponse, safe=True)
CANCEL_JOB = Rpc(JOBS, "CancelJob", jobs.CancelJobRequest, jobs.CancelJobResponse)

INGEST = "reelops.api.sopilot.v1.IngestService"
UPLOAD_VIDEO = Rpc(INGEST, "UploadVideo", ingest.UploadVideoRequest, ingest.UploadVideoResponse)
GET_INGEST_JOB = Rpc(INGEST, "GetIngestJob", ingest.GetIngestJobRequest, ingest.GetIngestJobResponse, safe=True)
REEMBED_TASK = Rpc(INGEST, "ReembedTask", ingest.ReembedTaskRequest, ingest.ReembedTaskResponse)

SCORING = "reelops.api.sopilot.v1.ScoringService"
CREATE_SCORE = Rpc(SCORING, "CreateScore", scoring.CreateScoreRequest, scoring.CreateScoreResponse)
GET_SCORE = Rpc(SCORING, "GetScore", scoring.GetScoreRequest, scoring.GetScoreResponse, safe=True)
DOWNLOAD_REPORT = Rpc(
    SCORING, "DownloadScoreReport", scoring.DownloadScoreReportRequest, httpbody_pb2.HttpBody, safe=True
)
GET_FAULT_FRAME = Rpc(SCORING, "GetFaultFrame", scoring.GetFaultFrameRequest, httpbody_pb2.HttpBody, safe=True)

STEPS = "reelops.api.sopilot.v1.StepService"
LIST_STEPS = Rpc(STEPS, "ListSteps", step.ListStepsRequest, step.ListStepsResponse, safe=True)
SET_STEPS = Rpc(STEPS, "SetSteps", step.SetStepsRequest, step.SetStepsResponse)
RESET_STEPS = Rpc(STEPS, "ResetSteps", step.ResetStepsRequest, step.ResetStepsResponse)

ACCEPTED = "reelops.api.sopilot.v1.AcceptedTakeService"
LIST_ACCEPTED = Rpc(
    ACCEPTED, "ListAcceptedTakes", accepted.ListAcceptedTakesRequest, accepted.ListAcceptedTakesResponse, safe=True
)
ACCEPT_TAKE = Rpc(ACCEPTED, "AcceptTake", accepted.AcceptTakeRequest, accepted.AcceptTakeResponse)
WITHDRAW_TAKE = Rpc(ACCEPTED, "WithdrawTake", accepted.WithdrawTakeRequest, accepted.WithdrawTakeResponse)

VIDEOS = "reelops.api.sopilot.v1.VideoService"
LIST_VIDEOS = Rpc(VIDEOS, "ListVideos", video.ListVideosRequest, video.ListVideosResponse, safe=True)
GET_VIDEO = Rpc(VIDEOS, "GetVideo", video.GetVideoRequest, video.GetVideoResponse, safe=True)
DOWNLOAD_VIDEO = Rpc(VIDEOS, "DownloadVideoFile", video.DownloadVideoFileRequest, httpbody_pb2.HttpBody, safe=True)
DELETE_VIDEO = Rpc(VIDEOS, "DeleteVideo", video.DeleteVideoRequest, video.DeleteVideoResponse)

SEARCH = "reelops.api.sopilot.v1.SearchService"
SEARCH_CLIPS = Rpc(SEARCH, "SearchClips", search.SearchClipsRequest, search.SearchClipsResponse, safe=True)

TRAINING = "reelops.api.sopilot.v1.TrainingService"
TRAIN_NIGHTLY = Rpc(TRAINING, "TrainNightly", training.TrainNightlyRequest, training.TrainNightlyResponse)
GET_TRAINING = Rpc(
    TRAINING, "GetTrainingJob", training.GetTrainingJobRequest, training.GetTrainingJobResponse, safe=True
)
GET_NIGHTLY = Rpc(
    TRAINING, "GetNightlyStatus", training.GetNightlyStatusRequest, training.GetNightlyStatusResponse, safe=True
)

AUDIT = "reelops.api.sopilot.v1.AuditService"
LIST_AUDIT = Rpc(AUDIT, "ListAuditTrail", audit.ListAuditTrailRequest, audit.ListAuditTrailResponse, safe=True)
EXPORT_AUDIT = Rpc(AUDIT, "ExportAudit", audit.ExportAuditRequest, audit.ExportAuditResponse)
DOWNLOAD_EXPORT = Rpc(AUDIT, "DownloadAuditExport", audit.DownloadAuditExportRequest, httpbody_pb2.HttpBody, safe=True)
VERIFY_AUDIT = Rpc(AUDIT, "VerifyAuditTrail", audit.VerifyAuditTrailRequest, audit.VerifyAuditTrailResponse, safe=True)

OPERATIONS = "reelops.api.sopilot.v1.OperationsService"
GET_QUEUES = Rpc(
    OPERATIONS, "GetQueueMetrics", operations.GetQueueMetricsRequest, operations.GetQueueMetricsResponse, safe=True
)

MONITORING = "reelops.api.sopilot.v1.MonitoringService"
GET_HEALTH = Rpc(MONITORING, "GetHealth", monitoring.GetHealthRequest, monitoring.GetHealthResponse, safe=True)
GET_METRICS = Rpc(MONITORING, "GetMetrics", monitoring.GetMetricsRequest, httpbody_pb2.HttpBody, safe=True)
