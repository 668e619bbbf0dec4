"""MonitoringService: health and metrics."""

from __future__ import annotations

from google.api import httpbody_pb2

from reelops.api.sopilot.v1 import monitoring_service_pb2 as pb
from reelops.api.sopilot.v1 import monitoring_service_pb2_grpc
from reelops.core.fleet.service import Fleet
from reelops.surfaces.context import Context

_PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class MonitoringServicer(monitoring_service_pb2_grpc.MonitoringServiceServicer):
    """Tells whether the service is well."""

    def __init__(self, *, fleet: Fleet) -> None:
        self._fleet = fleet

    async def GetHealth(self, request: pb.GetHealthRequest, context: Context) -> pb.GetHealthResponse:
        db = await self._fleet.is_database_up()
        if not db:
            await context.send_initial_metadata((("x-http-status", "503"),))
        return pb.GetHealthResponse(status="ok" if db else "degraded", db=db)

    async def GetMetrics(self, request: pb.GetMetricsRequest, context: Context) -> httpbody_pb2.HttpBody:
        return httpbody_pb2.HttpBody(content_type=_PROMETHEUS_TEXT, data=await self._fleet.metrics_text())
