"""SearchService: clips that look alike."""

from __future__ import annotations

from reelops.api.sopilot.v1 import search_service_pb2 as pb
from reelops.api.sopilot.v1 import search_service_pb2_grpc
from reelops.core.search.service import Search
from reelops.surfaces.context import Context
from reelops.surfaces.sopilot import convert

_K = 5


class SearchServicer(search_service_pb2_grpc.SearchServiceServicer):
    """Finds clips that look like a clip."""

    def __init__(self, *, search: Search) -> None:
        self._search = search

    async def SearchClips(self, request: pb.SearchClipsRequest, context: Context) -> pb.SearchClipsResponse:
        hits = await self._search.similar(request.task_id, request.video_id, request.clip_idx, request.k or _K)
        return pb.SearchClipsResponse(
            task_id=request.task_id,
            query_video_id=request.video_id,
            query_clip_idx=request.clip_idx,
            items=[convert.hit(hit) for hit in hits],
        )
