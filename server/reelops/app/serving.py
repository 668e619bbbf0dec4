"""The server process: every surface behind one guard."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import structlog

from reelops import errors
from reelops.api.jobs.v1 import jobs_service_pb2, jobs_service_pb2_grpc
from reelops.app import sopilot, wavestack
from reelops.app.core import Core, open_core
from reelops.app.registering import service
from reelops.configured import identity, trusted_networks
from reelops.core.audit.logins import RefusedLogins
from reelops.core.identity.limits import WINDOW_SEC
from reelops.core.search.indexes import Indexes
from reelops.rpc.admission import Admission
from reelops.rpc.guard import Guard
from reelops.rpc.rules import read_rules
from reelops.rpc.server import Limits, Service, running
from reelops.settings import Settings
from reelops.surfaces.jobs.jobs import JobsServicer

_log = structlog.get_logger("reelops.app")


async def serve(settings: Settings, *, stopped: asyncio.Event) -> None:
    """Runs the gRPC server until `stopped` is set, then lets its calls end."""
    async with AsyncExitStack() as stack:
        core = await stack.enter_async_context(open_core(settings))
        group = await stack.enter_async_context(asyncio.TaskGroup())
        logins = RefusedLogins(core.audit)
        keepers = [group.create_task(logins.run()), group.create_task(_tidy(core))]
        indexes = await stack.enter_async_context(Indexes(loader=core.loader, snapshots=core.snapshots).open())
        served = services(core, settings, indexes)
        guard = Guard(
            rules=read_rules(one.descriptor for one in served),
            admission=Admission(
                identity=identity(settings),
                organisations=core.organisations,
                networks=trusted_networks(settings),
                limits=core.rate_limits,
            ),
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
        for keeper in keepers:
            keeper.cancel()


def services(core: Core, settings: Settings, indexes: Indexes) -> list[Service]:
    """Makes every service of every surface."""
    return [
        *sopilot.services(core, settings, indexes),
        *wavestack.services(core, settings),
        service(jobs_service_pb2, jobs_service_pb2_grpc, JobsServicer(queue=core.queue)),
    ]


async def _tidy(core: Core) -> None:
    """Forgets, every minute, what callers did in windows that have ended, and keys whose tokens have expired."""
    while True:
        await asyncio.sleep(WINDOW_SEC)
        try:
            await core.rate_limits.sweep()
            await core.keys.purge()
        except errors.ReelOpsError as error:
            _log.warning("could not forget what has ended", reason=error.message)
