"""Health of the clipper and of the thumbnail generator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from reelops import __version__, errors
from reelops.api.wavestack.v1 import health_service_pb2 as pb
from reelops.api.wavestack.v1 import health_service_pb2_grpc
from reelops.surfaces.context import Context

Healthy = Callable[[], Awaitable[bool]]
"""Says whether the database answers."""


class ClipperHealthServicer(health_service_pb2_grpc.ClipperHealthServiceServicer):
    """Says whether the clipper works."""

    def __init__(self, *, healthy: Healthy) -> None:
        self._healthy = healthy

    async def GetClipperHealth(
        self, request: pb.GetClipperHealthRequest, context: Context
    ) -> pb.GetClipperHealthResponse:
        await _check(self._healthy)
        return pb.GetClipperHealthResponse(status="ok")


class ThumbnailHealthServicer(health_service_pb2_grpc.ThumbnailHealthServiceServicer):
    """Says whether the thumbnail generator works."""

    def __init__(self, *, healthy: Healthy) -> None:
        self._healthy = healthy

    async def GetThumbnailHealth(
        self, request: pb.GetThumbnailHealthRequest, context: Context
    ) -> pb.GetThumbnailHealthResponse:
        await _check(self._healthy)
        return pb.GetThumbnailHealthResponse(status="healthy", service="thumbnail-generator", version=__version__)


async def _check(healthy: Healthy) -> None:
    if not await healthy():
        raise errors.Unavailable("DATABASE_UNAVAILABLE", "The database does not answer.")
