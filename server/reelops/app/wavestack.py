"""WaveStack over the core."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from reelops.api.wavestack.v1 import (
    auth_service_pb2,
    auth_service_pb2_grpc,
    clip_service_pb2,
    clip_service_pb2_grpc,
    documentation_service_pb2,
    documentation_service_pb2_grpc,
    health_service_pb2,
    health_service_pb2_grpc,
    thumbnail_service_pb2,
    thumbnail_service_pb2_grpc,
)
from reelops.app import editing, publishing
from reelops.app.core import Core
from reelops.app.registering import service
from reelops.infra.jobs import Handler
from reelops.rpc.openapi import openapi_document, surfaces
from reelops.rpc.server import Service
from reelops.settings import Settings
from reelops.surfaces.wavestack.auth import AuthServicer
from reelops.surfaces.wavestack.clips import ClipServicer
from reelops.surfaces.wavestack.documentation import DocumentationServicer
from reelops.surfaces.wavestack.health import ClipperHealthServicer, ThumbnailHealthServicer
from reelops.surfaces.wavestack.thumbnails import ThumbnailServicer
from reelops.surfaces.wavestack.urls import Urls

_PORTS = {"sopilot": "sopilot_port", "clipper": "sopilot_port", "core": "core_port", "thumbnail": "thumbnail_port"}


def services(core: Core, settings: Settings) -> list[Service]:
    """Makes the services of WaveStack."""
    auth = AuthServicer(organisations=core.organisations, keys=core.keys)
    edited = editing.open_editing(core, settings)
    clips = ClipServicer(clips=edited.clips, urls=_urls(settings, "clipper"))
    thumbnails = ThumbnailServicer(thumbnails=edited.thumbnails, urls=_urls(settings, "thumbnail"))
    documentation = DocumentationServicer(surfaces=surfaces(), make=partial(_document, settings))
    return [
        *publishing.services(core, settings),
        service(auth_service_pb2, auth_service_pb2_grpc, auth),
        service(clip_service_pb2, clip_service_pb2_grpc, clips),
        service(thumbnail_service_pb2, thumbnail_service_pb2_grpc, thumbnails),
        service(documentation_service_pb2, documentation_service_pb2_grpc, documentation),
        service(health_service_pb2, health_service_pb2_grpc, ClipperHealthServicer(healthy=core.db.ping)),
        service(health_service_pb2, health_service_pb2_grpc, ThumbnailHealthServicer(healthy=core.db.ping)),
    ]


def handlers(core: Core, settings: Settings) -> dict[str, Handler]:
    """Makes what runs WaveStack's jobs."""
    return {**publishing.handlers(core, settings), **editing.handlers(core, settings)}


async def sweep(core: Core, settings: Settings, grace: timedelta) -> list[str]:
    """Removes what is over its time, and files without a row, and returns the keys of these."""
    files = editing.made_files(core, settings)
    await files.expire()
    return await files.sweep(grace) + await publishing.sweep(core, grace)


def _document(settings: Settings, surface: str) -> Mapping[str, Any]:
    urls = _urls(settings, surface)
    return openapi_document(surface, url=urls.configured or urls.local)


def _urls(settings: Settings, surface: str) -> Urls:
    configured = {"clipper": settings.clipper_url, "thumbnail": settings.thumbnail_url}
    return Urls(configured=configured.get(surface, ""), local=f"http://localhost:{settings.port(_PORTS[surface])}")
