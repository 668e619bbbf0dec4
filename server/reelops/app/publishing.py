"""WaveStack's core over the core: queue, projects and assets of organisations."""

from __future__ import annotations

from datetime import timedelta

from reelops.api.wavestack.v1 import (
    asset_service_pb2,
    asset_service_pb2_grpc,
    project_service_pb2,
    project_service_pb2_grpc,
    queue_service_pb2,
    queue_service_pb2_grpc,
)
from reelops.app.core import Core, open_staging
from reelops.app.registering import service
from reelops.configured import media_limits
from reelops.core.fleet.measuring import Measured
from reelops.core.library.assets.service import Assets, AssetUploads
from reelops.core.library.assets.sweeping import sweep_asset_files
from reelops.core.publishing.jobs import Publisher, PublishHandler
from reelops.core.publishing.model import Platform
from reelops.core.publishing.projects.service import Projects
from reelops.core.publishing.service import KIND as PUBLISH_KIND
from reelops.core.publishing.service import Publishing
from reelops.infra.jobs import Handler
from reelops.rpc.server import Service
from reelops.settings import Settings
from reelops.surfaces.wavestack.assets import AssetServicer
from reelops.surfaces.wavestack.projects import ProjectServicer
from reelops.surfaces.wavestack.queue import QueueServicer


def services(core: Core, settings: Settings) -> list[Service]:
    """Makes the services of WaveStack's core."""
    publishing = Publishing(db=core.db, queue=core.queue, audit=core.audit)
    projects = Projects(db=core.db, audit=core.audit)
    assets = AssetServicer(
        assets=Assets(db=core.db, blobs=core.blobs),
        uploads=AssetUploads(db=core.db, blobs=core.blobs, audit=core.audit, limits=media_limits(settings)),
        staging=open_staging(settings),
    )
    return [
        service(queue_service_pb2, queue_service_pb2_grpc, QueueServicer(publishing=publishing)),
        service(project_service_pb2, project_service_pb2_grpc, ProjectServicer(projects=projects)),
        service(asset_service_pb2, asset_service_pb2_grpc, assets),
    ]


def handlers(core: Core, settings: Settings) -> dict[str, Handler]:
    """Makes what runs the jobs of WaveStack's core."""
    # Nothing here publishes yet: an item that is due says so.
    publishers: dict[Platform, Publisher] = {}
    publish = PublishHandler(db=core.db, audit=core.audit, publishers=publishers)
    return {PUBLISH_KIND: Measured(publish, "publish")}


async def sweep(core: Core, grace: timedelta) -> list[str]:
    """Removes files without a row and returns their keys."""
    return await sweep_asset_files(db=core.db, blobs=core.blobs, grace=grace)
