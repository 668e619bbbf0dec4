"""The same service for gRPC callers, on the server's own port and through the edge."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status
from reelops.api.jobs.v1 import job_pb2, jobs_service_pb2_grpc
from reelops.api.jobs.v1 import jobs_service_pb2 as jobs
from reelops.api.sopilot.v1 import (
    audit_service_pb2,
    audit_service_pb2_grpc,
    ingest_service_pb2,
    ingest_service_pb2_grpc,
    monitoring_service_pb2,
    monitoring_service_pb2_grpc,
    operations_service_pb2,
    operations_service_pb2_grpc,
    score_pb2,
    scoring_service_pb2,
    scoring_service_pb2_grpc,
    search_service_pb2,
    search_service_pb2_grpc,
    training_service_pb2,
    training_service_pb2_grpc,
    video_pb2,
    video_service_pb2,
    video_service_pb2_grpc,
)

from tests.documents.conftest import TASK, Stock
from tests.service_fixture import BASIC, RunningService

pytestmark = [pytest.mark.edge, pytest.mark.triton]

_PACKAGE = "reelops.api.sopilot.v1"
_SERVICES = {
    f"{_PACKAGE}.{name}Service"
    for name in ("Monitoring", "Ingest", "Video", "Scoring", "Search", "Training", "Audit", "Operations")
} | {"reelops.api.jobs.v1.JobsService"}
Metadata = tuple[tuple[str, str | bytes], ...]


@pytest.fixture(scope="module", params=["server", "edge"])
def channel(service: RunningService, request: pytest.FixtureRequest) -> Iterator[grpc.Channel]:
    """A channel to the server's own port, then one through the edge."""
    address = service.grpc_address if request.param == "server" else service.edge_address
    with grpc.insecure_channel(address) as made:
        yield made


def as_role(service: RunningService, role: str) -> Metadata:
    """Makes the metadata that a caller of a role sends."""
    return (("authorization", f"Bearer {service.tokens[role]}"),)


def refusal(call: Callable[[], Any]) -> tuple[grpc.StatusCode, str, error_details_pb2.BadRequest | None]:
    """Makes a call that has to be refused and returns its code, its reason and its field violations."""
    with pytest.raises(grpc.RpcError) as caught:
        answer = call()
        if hasattr(answer, "__next__"):
            list(answer)
    status = rpc_status.from_call(caught.value)
    assert status is not None, caught.value
    assert len(status.message) > 8
    info, bad = error_details_pb2.ErrorInfo(), None
    for detail in status.details:
        detail.Unpack(info)
        if detail.Is(error_details_pb2.BadRequest.DESCRIPTOR):
            bad = error_details_pb2.BadRequest()
            detail.Unpack(bad)
    assert info.domain == "reelops.dev"
    return caught.value.code(), info.reason, bad


def pieces(data: bytes, **fields: Any) -> Iterator[ingest_service_pb2.UploadVideoRequest]:
    """Makes the messages of an upload."""
    yield ingest_service_pb2.UploadVideoRequest(description=ingest_service_pb2.UploadDescription(**fields))
    for at in range(0, len(data), 10_000):
        yield ingest_service_pb2.UploadVideoRequest(chunk=data[at : at + 10_000])


def test_an_upload_is_watched_to_its_end(service: RunningService, channel: grpc.Channel, stock: Stock) -> None:
    operator = as_role(service, "operator")
    ingest, jobs_stub = (
        ingest_service_pb2_grpc.IngestServiceStub(channel),
        jobs_service_pb2_grpc.JobsServiceStub(channel),
    )
    told = {"task_id": "grpc 日本", "role": video_pb2.Video.gold, "site_id": "🎬", "filename": "a.mp4"}
    answer = ingest.UploadVideo(pieces(stock.tiny_file.read_bytes(), **told), metadata=operator)
    assert answer.status == ingest_service_pb2.IngestJob.queued
    watched = list(jobs_stub.WatchJob(jobs.WatchJobRequest(job_id=answer.ingest_job_id), metadata=operator, timeout=60))
    states = [step.job.state for step in watched]
    assert states[-1] == job_pb2.Job.STATE_COMPLETED
    assert states == sorted(states)
    assert watched[-1].job.progress == 1
    job = ingest.GetIngestJob(
        ingest_service_pb2.GetIngestJobRequest(ingest_job_id=answer.ingest_job_id), metadata=operator
    ).job
    shown = video_service_pb2_grpc.VideoServiceStub(channel).GetVideo(
        video_service_pb2.GetVideoRequest(video_id=job.video_id), metadata=operator
    )
    assert (shown.video.task_id, shown.video.site_id, shown.video.role) == ("grpc 日本", "🎬", video_pb2.Video.gold)
    assert not shown.video.HasField("camera_id")


def test_a_score_and_its_report(service: RunningService, channel: grpc.Channel, stock: Stock) -> None:
    operator = as_role(service, "operator")
    scoring = scoring_service_pb2_grpc.ScoringServiceStub(channel)
    asked = scoring.CreateScore(
        scoring_service_pb2.CreateScoreRequest(gold_video_id=stock.gold, trainee_video_id=stock.trainee),
        metadata=operator,
    )
    assert not asked.HasField("score")
    watch = jobs.WatchJobRequest(job_id=asked.score_job_id)
    last = list(jobs_service_pb2_grpc.JobsServiceStub(channel).WatchJob(watch, metadata=operator, timeout=60))[-1]
    assert last.job.state == job_pb2.Job.STATE_COMPLETED
    get = scoring_service_pb2.GetScoreRequest(score_job_id=asked.score_job_id)
    job = scoring.GetScore(get, metadata=operator).job
    assert job.status == score_pb2.ScoreJob.completed
    assert job.score == job.result.score
    download = scoring_service_pb2.DownloadScoreReportRequest(score_job_id=asked.score_job_id)
    parts = list(scoring.DownloadScoreReport(download, metadata=operator))
    assert parts[0].content_type == "application/pdf"
    assert b"".join(part.data for part in parts).startswith(b"%PDF")


def test_every_other_method_answers(service: RunningService, channel: grpc.Channel, stock: Stock) -> None:
    admin = as_role(service, "admin")
    videos = video_service_pb2_grpc.VideoServiceStub(channel)
    listed = videos.ListVideos(video_service_pb2.ListVideosRequest(task_id=TASK, limit=1), metadata=admin)
    assert len(listed.items) == 1
    file = videos.DownloadVideoFile(video_service_pb2.DownloadVideoFileRequest(video_id=stock.trainee), metadata=admin)
    assert b"".join(part.data for part in file) == stock.trainee_file.read_bytes()
    search = search_service_pb2.SearchClipsRequest(task_id=TASK, video_id=stock.gold, clip_idx=0, k=2)
    found = search_service_pb2_grpc.SearchServiceStub(channel).SearchClips(search, metadata=admin)
    assert len(found.items) == 2
    health = monitoring_service_pb2_grpc.MonitoringServiceStub(channel)
    assert health.GetHealth(monitoring_service_pb2.GetHealthRequest()).db
    assert b"sopilot_queue_depth" in health.GetMetrics(monitoring_service_pb2.GetMetricsRequest()).data
    queues = operations_service_pb2_grpc.OperationsServiceStub(channel)
    assert queues.GetQueueMetrics(operations_service_pb2.GetQueueMetricsRequest(), metadata=admin).queue.redis_ok
    plan = training_service_pb2.GetNightlyStatusRequest()
    training = training_service_pb2_grpc.TrainingServiceStub(channel)
    assert training.GetNightlyStatus(plan, metadata=admin).min_new_videos == 2
    audit = audit_service_pb2_grpc.AuditServiceStub(channel)
    checked = audit.VerifyAuditTrail(audit_service_pb2.VerifyAuditTrailRequest(), metadata=admin)
    assert checked.intact
    assert checked.entry_count > 4
    assert len(checked.head_hash) == 64
    assert not checked.HasField("first_broken_sequence")


def test_jobs_are_listed_page_by_page(service: RunningService, channel: grpc.Channel, stock: Stock) -> None:
    viewer, stub = as_role(service, "viewer"), jobs_service_pb2_grpc.JobsServiceStub(channel)
    seen: list[str] = []
    token = ""
    while True:
        request = jobs.ListJobsRequest(kind="sopilot.ingest", task_id=TASK, page_size=2, page_token=token)
        page = stub.ListJobs(request, metadata=viewer)
        assert len(page.jobs) <= 2
        seen += [job.job_id for job in page.jobs]
        token = page.next_page_token
        if not token:
            break
    whole = stub.ListJobs(jobs.ListJobsRequest(kind="sopilot.ingest", task_id=TASK, page_size=500), metadata=viewer)
    assert seen == [job.job_id for job in whole.jobs]
    assert len(set(seen)) == len(seen) >= 3
    bad = jobs.ListJobsRequest(page_token="nonsense")
    assert refusal(lambda: stub.ListJobs(bad, metadata=viewer))[:2] == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "PAGE_TOKEN_INVALID",
    )
    narrow = jobs.ListJobsRequest(kind="sopilot.ingest", state=job_pb2.Job.STATE_FAILED, task_id=TASK)
    assert not stub.ListJobs(narrow, metadata=viewer).jobs


def test_a_job_that_ended_cannot_be_cancelled(service: RunningService, channel: grpc.Channel, stock: Stock) -> None:
    stub, request = jobs_service_pb2_grpc.JobsServiceStub(channel), jobs.CancelJobRequest(job_id=stock.trainee_job)
    code, reason, _ = refusal(lambda: stub.CancelJob(request, metadata=as_role(service, "operator")))
    assert (code, reason) == (grpc.StatusCode.FAILED_PRECONDITION, "JOB_FINISHED")
    code, reason, _ = refusal(lambda: stub.CancelJob(request, metadata=as_role(service, "viewer")))
    assert (code, reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")
    nothing = {"job_id": "nothing"}
    calls: list[Callable[[], Any]] = [
        lambda: stub.CancelJob(jobs.CancelJobRequest(**nothing), metadata=as_role(service, "operator")),
        lambda: stub.GetJob(jobs.GetJobRequest(**nothing), metadata=as_role(service, "viewer")),
        lambda: stub.WatchJob(jobs.WatchJobRequest(**nothing), metadata=as_role(service, "viewer")),
    ]
    for call in calls:
        assert refusal(call)[:2] == (grpc.StatusCode.NOT_FOUND, "JOB_NOT_FOUND")


def test_a_queued_job_is_cancelled(service: RunningService, channel: grpc.Channel, stock: Stock) -> None:
    operator = as_role(service, "operator")
    ingest, stub = (
        ingest_service_pb2_grpc.IngestServiceStub(channel),
        jobs_service_pb2_grpc.JobsServiceStub(channel),
    )
    data = stock.trainee_file.read_bytes()
    ids = [ingest.UploadVideo(pieces(data, task_id="cancel"), metadata=operator).ingest_job_id for _ in range(4)]
    ended = {}
    for job_id in reversed(ids):
        try:
            stub.CancelJob(jobs.CancelJobRequest(job_id=job_id), metadata=operator)
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.FAILED_PRECONDITION
        watched = stub.WatchJob(jobs.WatchJobRequest(job_id=job_id), metadata=operator, timeout=60)
        ended[job_id] = list(watched)[-1].job
    states = {job.state for job in ended.values()}
    assert states <= {job_pb2.Job.STATE_CANCELLED, job_pb2.Job.STATE_COMPLETED}
    videos = video_service_pb2_grpc.VideoServiceStub(channel).ListVideos(
        video_service_pb2.ListVideosRequest(task_id="cancel"), metadata=operator
    )
    completed = [job for job in ended.values() if job.state == job_pb2.Job.STATE_COMPLETED]
    assert len(videos.items) >= len(completed)


@pytest.mark.parametrize(
    ("metadata", "code", "reason"),
    [
        ((), grpc.StatusCode.UNAUTHENTICATED, "CREDENTIALS_MISSING"),
        ((("authorization", "Bearer wrong"),), grpc.StatusCode.UNAUTHENTICATED, "CREDENTIALS_INVALID"),
        ((("authorization", "Basic !!"),), grpc.StatusCode.UNAUTHENTICATED, "CREDENTIALS_INVALID"),
        ((("authorization", "x" * 4000),), grpc.StatusCode.UNAUTHENTICATED, "CREDENTIALS_INVALID"),
    ],
)
def test_unknown_callers_are_refused(
    channel: grpc.Channel, metadata: Metadata, code: grpc.StatusCode, reason: str
) -> None:
    videos = video_service_pb2_grpc.VideoServiceStub(channel)
    request = video_service_pb2.GetVideoRequest(video_id=1)
    assert refusal(lambda: videos.GetVideo(request, metadata=metadata))[:2] == (code, reason)


def test_basic_credentials_work(channel: grpc.Channel, stock: Stock) -> None:
    account = base64.b64encode(":".join(BASIC).encode()).decode()
    metadata = (("authorization", f"Basic {account}"),)
    videos = video_service_pb2_grpc.VideoServiceStub(channel)
    assert videos.GetVideo(video_service_pb2.GetVideoRequest(video_id=stock.gold), metadata=metadata).video.num_clips
    delete = video_service_pb2.DeleteVideoRequest(video_id=stock.gold)
    assert refusal(lambda: videos.DeleteVideo(delete, metadata=metadata))[1] == "ROLE_REQUIRED"


def test_what_breaks_the_rules_is_told_by_field(service: RunningService, channel: grpc.Channel, stock: Stock) -> None:
    admin = as_role(service, "admin")
    search = search_service_pb2_grpc.SearchServiceStub(channel)
    code, reason, bad = refusal(lambda: search.SearchClips(search_service_pb2.SearchClipsRequest(k=51), metadata=admin))
    assert (code, reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert bad is not None
    assert {violation.field for violation in bad.field_violations} == {"task_id", "video_id", "clip_idx", "k"}
    assert all(violation.description for violation in bad.field_violations)


def test_a_stream_that_is_no_upload_is_refused(service: RunningService, channel: grpc.Channel) -> None:
    operator, ingest = as_role(service, "operator"), ingest_service_pb2_grpc.IngestServiceStub(channel)
    request = ingest_service_pb2.UploadVideoRequest
    described = ingest_service_pb2.UploadDescription(task_id="t")
    for messages, reason in (
        ([], "STREAM_INVALID"),
        ([request(chunk=b"x")], "STREAM_INVALID"),
        ([request(description=described), request(description=described)], "STREAM_INVALID"),
        ([request(description=described)], "FILE_MISSING"),
        ([request()], "FIELD_INVALID"),
        ([request(description=ingest_service_pb2.UploadDescription())], "FIELD_INVALID"),
    ):
        code, got, _ = refusal(partial(ingest.UploadVideo, iter(messages), metadata=operator))
        assert (code, got) == (grpc.StatusCode.INVALID_ARGUMENT, reason)
    large = pieces(bytes(17 << 20), task_id="large")
    code, got, _ = refusal(lambda: ingest.UploadVideo(large, metadata=operator))
    assert (code, got) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "UPLOAD_TOO_LARGE")
    assert not list((service.data / "staging").iterdir())


def test_the_services_describe_themselves(channel: grpc.Channel) -> None:
    database = ProtoReflectionDescriptorDatabase(channel)
    assert set(database.get_services()) >= _SERVICES
    file = database.FindFileContainingSymbol(f"{_PACKAGE}.VideoService")
    (described,) = file.service
    assert {"ListVideos", "GetVideo", "DeleteVideo", "DownloadVideoFile"} <= {each.name for each in described.method}


def test_each_service_has_its_health(channel: grpc.Channel) -> None:
    stub = health_pb2_grpc.HealthStub(channel)
    for name in ("", *_SERVICES):
        answer = stub.Check(health_pb2.HealthCheckRequest(service=name))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    with pytest.raises(grpc.RpcError) as caught:
        stub.Check(health_pb2.HealthCheckRequest(service="no.such.Service"))
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
