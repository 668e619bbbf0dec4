"""VideoService: list, look, download, delete."""

from __future__ import annotations

from collections.abc import AsyncIterator

from google.api import httpbody_pb2

from reelops.api.sopilot.v1 import video_service_pb2 as pb
from reelops.api.sopilot.v1 import video_service_pb2_grpc
from reelops.core.identity.caller import principal
from reelops.core.library.service import Library
from reelops.surfaces.context import Context
from reelops.surfaces.files import send_file
from reelops.surfaces.sopilot import convert

_LIMIT = 50


class VideoServicer(video_service_pb2_grpc.VideoServiceServicer):
    """Lists, serves and deletes videos."""

    def __init__(self, *, library: Library) -> None:
        self._library = library

    async def ListVideos(self, request: pb.ListVideosRequest, context: Context) -> pb.ListVideosResponse:
        task_id = request.task_id if request.HasField("task_id") else None
        videos = await self._library.list(task_id=task_id, limit=request.limit or _LIMIT)
        return pb.ListVideosResponse(items=[convert.video(video) for video in videos])

    async def GetVideo(self, request: pb.GetVideoRequest, context: Context) -> pb.GetVideoResponse:
        return pb.GetVideoResponse(video=convert.video(await self._library.get(request.video_id)))

    async def DownloadVideoFile(
        self, request: pb.DownloadVideoFileRequest, context: Context
    ) -> AsyncIterator[httpbody_pb2.HttpBody]:
        video, info = await self._library.file(request.video_id)
        await self._library.record_download(video, by=principal().name)
        async for part in send_file(
            context,
            info,
            lambda start, end: self._library.read_file(info.key, start, end),
            content_type=video.content_type,
            filename=info.key.rsplit("/", 1)[-1],
        ):
            yield part

    async def DeleteVideo(self, request: pb.DeleteVideoRequest, context: Context) -> pb.DeleteVideoResponse:
        removal = await self._library.delete(request.video_id, by=principal().name)
        return pb.DeleteVideoResponse(
            video_id=removal.video.video_id,
            task_id=removal.video.task_id,
            removed_files=removal.files,
            reindexed_clips=removal.clips_left,
        )
