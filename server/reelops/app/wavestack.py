"""WaveStack over the core."""

from __future__ import annotations

from datetime import timedelta

from reelops.api.wavestack.v1 import auth_service_pb2, auth_service_pb2_grpc
from reelops.app import publishing
from reelops.app.core import Core
from reelops.app.registering import service
from reelops.infra.jobs import Handler
from reelops.rpc.server import Service
from reelops.settings import Settings
from reelops.surfaces.wavestack.auth import AuthServicer


def services(core: Core, settings: Settings) -> list[Service]:
    """Makes the services of WaveStack."""
    auth = AuthServicer(organisations=core.organisations, keys=core.keys)
    return [
        *publishing.services(core, settings),
        service(auth_service_pb2, auth_service_pb2_grpc, auth),
    ]


def handlers(core: Core, settings: Settings) -> dict[str, Handler]:
    """Makes what runs WaveStack's jobs."""
    return publishing.handlers(core, settings)


async def sweep(core: Core, grace: timedelta) -> list[str]:
    """Removes files without a row and returns their keys."""
    return await publishing.sweep(core, grace)
