"""WaveStack's core over the core: queue, projects and assets of organisations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from reelops.api.wavestack.v1 import (
    auth_service_pb2,
    auth_service_pb2_grpc,
    documentation_service_pb2,
    documentation_service_pb2_grpc,
    health_service_pb2,
    health_service_pb2_grpc,
)
from reelops.app.core import Core
from reelops.app.registering import service
from reelops.infra.jobs import Handler
from reelops.rpc.openapi import openapi_document, surfaces
from reelops.rpc.server import Service
from reelops.settings import Settings
from reelops.surfaces.wavestack.auth import AuthServicer
from reelops.surfaces.wavestack.documentation import DocumentationServicer
from reelops.surfaces.wavestack.health import ClipperHealthServicer, ThumbnailHealthServicer

_PORTS = {"sopilot": "sopilot_port", "clipper": "sopilot_port", "core": "core_port", "thumbnail": "thumbnail_port"}


def services(core: Core, settings: Settings) -> list[Service]:
    """Makes the services of WaveStack."""
    auth = AuthServicer(organisations=core.organisations, keys=core.keys)
    documentation = DocumentationServicer(surfaces=surfaces(), make=partial(_document, settings))
    return [
        service(auth_service_pb2, auth_service_pb2_grpc, auth),
        service(documentation_service_pb2, documentation_service_pb2_grpc, documentation),
        service(health_service_pb2, health_service_pb2_grpc, ClipperHealthServicer(healthy=core.db.ping)),
        service(health_service_pb2, health_service_pb2_grpc, ThumbnailHealthServicer(healthy=core.db.ping)),
    ]


def handlers(core: Core, settings: Settings) -> dict[str, Handler]:
    """Makes what runs WaveStack's jobs."""
    return {}


async def sweep(core: Core, grace: timedelta) -> list[str]:
    """Removes files without a row and returns their keys."""
    return []


def _document(settings: Settings, surface: str) -> Mapping[str, Any]:
    configured = {"clipper": settings.clipper_url, "thumbnail": settings.thumbnail_url}.get(surface)
    return openapi_document(surface, url=configured or f"http://localhost:{settings.port(_PORTS[surface])}")
