"""The server process: every surface behind one guard."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from reelops.api.jobs.v1 import jobs_service_pb2, jobs_service_pb2_grpc
from reelops.app import sopilot, wavestack
from reelops.app.core import Core, open_core
from reelops.app.registering import service
from reelops.configured import identity
from reelops.core.audit.logins import RefusedLogins
from reelops.core.search.indexes import Indexes
from reelops.rpc.guard import Guard
from reelops.rpc.rules import read_rules
from reelops.rpc.server import Limits, Service, running
from reelops.settings import Settings
from reelops.surfaces.jobs.jobs import JobsServicer


async def serve(settings: Settings, *, stopped: asyncio.Event) -> None:
    """Runs the gRPC server until `stopped` is set, then lets its calls end."""
    async with AsyncExitStack() as stack:
        core = await stack.enter_async_context(open_core(settings))
        group = await stack.enter_async_context(asyncio.TaskGroup())
        logins = RefusedLogins(core.audit)
        keeper = group.create_task(logins.run())
        indexes = await stack.enter_async_context(Indexes(loader=core.loader, snapshots=core.snapshots).open())
        served = services(core, settings, indexes)
        guard = Guard(
            rules=read_rules(one.descriptor for one in served),
            identity=identity(settings),
            refused_login=logins.record,
        )
        async with running(
            address=f"{settings.bind}:{settings.port('grpc_port')}",
            services=served,
            interceptors=[guard],
            limits=Limits(message_bytes=settings.max_message_mb << 20, drain_sec=settings.drain_sec),
            healthy=core.db.ping,
        ):
            await stopped.wait()
        keeper.cancel()


def services(core: Core, settings: Settings, indexes: Indexes) -> list[Service]:
    """Makes every service of every surface."""
    return [
        *sopilot.services(core, settings, indexes),
        *wavestack.services(core, settings),
        service(jobs_service_pb2, jobs_service_pb2_grpc, JobsServicer(queue=core.queue)),
    ]
