"""ClipService: clips of videos."""

from __future__ import annotations

from collections.abc import AsyncIterator

from google.api import httpbody_pb2

from reelops.api.wavestack.v1 import clip_service_pb2 as pb
from reelops.api.wavestack.v1 import clip_service_pb2_grpc
from reelops.core.editing.clips.model import ClipResult
from reelops.core.editing.clips.service import Clips
from reelops.core.editing.keeping import fresh_sec
from reelops.infra.jobs import Job, JobState
from reelops.infra.media.cutting import Container
from reelops.surfaces.context import Context
from reelops.surfaces.files import send_file
from reelops.surfaces.moments import timestamp
from reelops.surfaces.wavestack.clients import client, reader
from reelops.surfaces.wavestack.urls import Urls

_STATUSES = {
    JobState.queued: pb.Clip.queued,
    JobState.running: pb.Clip.processing,
    JobState.completed: pb.Clip.complete,
    JobState.failed: pb.Clip.failed,
    JobState.cancelled: pb.Clip.failed,
}


class ClipServicer(clip_service_pb2_grpc.ClipServiceServicer):
    """Cuts clips."""

    def __init__(self, *, clips: Clips, urls: Urls) -> None:
        self._clips = clips
        self._urls = urls

    async def CreateClip(self, request: pb.CreateClipRequest, context: Context) -> pb.CreateClipResponse:
        job = await self._clips.request(
            request.source,
            start_sec=request.start_sec,
            duration_sec=request.duration_sec,
            container=Container(request.out_ext or "mp4"),
            org_id=client().org_id,
            by=client().name,
        )
        return pb.CreateClipResponse(job_id=job.job_id, status=pb.Clip.queued, message="Clip job created")

    async def GetClip(self, request: pb.GetClipRequest, context: Context) -> pb.GetClipResponse:
        job = await self._clips.get(request.job_id, client().org_id)
        return pb.GetClipResponse(clip=to_message(job, self._urls.base(context)))

    async def DownloadClip(
        self, request: pb.DownloadClipRequest, context: Context
    ) -> AsyncIterator[httpbody_pb2.HttpBody]:
        asset, info = await self._clips.file(request.name, reader())
        async for part in send_file(
            context,
            info,
            lambda start, end: self._clips.read(asset, start, end),
            content_type=asset.content_type or "application/octet-stream",
            filename=asset.name,
            fresh_sec=fresh_sec(asset),
        ):
            yield part


def to_message(job: Job, base_url: str) -> pb.Clip:
    """Converts a clip's job; its file is below `base_url`."""
    clip = pb.Clip(job_id=job.job_id, status=_STATUSES[job.state], progress=_percent(job))
    result = ClipResult.of(job)
    if job.state is JobState.completed and result is not None:
        clip.result.CopyFrom(
            pb.Clip.Result(
                url=f"{base_url}/files/{result.name}",
                duration=result.duration_sec,
                size_bytes=result.size_bytes,
                created_at=timestamp(result.made_at),
                asset_id=result.asset_id,
                copied_frames=result.copied_frames,
                encoded_frames=result.encoded_frames,
                expires_at=timestamp(result.expires_at),
            )
        )
    if clip.status == pb.Clip.failed:
        clip.error.code = job.error_code or "CANCELLED"
        clip.error.message = job.error_message or "it was cancelled"
    return clip


def _percent(job: Job) -> int:
    # 100 says that the clip is there.
    return 100 if job.state is JobState.completed else min(99, int(job.progress * 100))
