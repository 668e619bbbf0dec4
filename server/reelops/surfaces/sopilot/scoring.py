"""ScoringService: comparisons and their reports."""

from __future__ import annotations

from collections.abc import AsyncIterator

from google.api import httpbody_pb2

from reelops.api.sopilot.v1 import score_pb2, scoring_service_pb2_grpc
from reelops.api.sopilot.v1 import scoring_service_pb2 as pb
from reelops.core.identity.caller import principal
from reelops.core.scoring.service import Scoring
from reelops.surfaces.context import Context
from reelops.surfaces.files import send_file
from reelops.surfaces.sopilot import convert

_PRIVATE = (("cache-control", "private, no-cache"),)


class ScoringServicer(scoring_service_pb2_grpc.ScoringServiceServicer):
    """Compares a trainee's video with a gold video."""

    def __init__(self, *, scoring: Scoring) -> None:
        self._scoring = scoring

    async def CreateScore(self, request: pb.CreateScoreRequest, context: Context) -> pb.CreateScoreResponse:
        job = await self._scoring.request(
            gold=request.gold_video_id,
            trainee=request.trainee_video_id,
            profile=request.scoring_profile or None,
            by=principal().name,
        )
        return pb.CreateScoreResponse(score_job_id=job.job_id, status=score_pb2.ScoreJob.queued)

    async def GetScore(self, request: pb.GetScoreRequest, context: Context) -> pb.GetScoreResponse:
        return pb.GetScoreResponse(job=convert.score_job(await self._scoring.get(request.score_job_id)))

    async def DownloadScoreReport(
        self, request: pb.DownloadScoreReportRequest, context: Context
    ) -> AsyncIterator[httpbody_pb2.HttpBody]:
        info = await self._scoring.report(request.score_job_id, by=principal().name)
        async for part in send_file(
            context,
            info,
            lambda start, end: self._scoring.read_report(info, start, end),
            content_type="application/pdf",
            filename=f"{request.score_job_id}.pdf",
        ):
            yield part

    async def GetFaultFrame(self, request: pb.GetFaultFrameRequest, context: Context) -> httpbody_pb2.HttpBody:
        frame = await self._scoring.fault_frame(request.score_job_id, request.deviation, convert.role(request.video))
        await context.send_initial_metadata(_PRIVATE)
        return httpbody_pb2.HttpBody(content_type="image/jpeg", data=frame)
