"""What server and worker share: the database, the files, the queue, and the core that stands on them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from reelops.configured import open_keys, rate_limits, service_clients
from reelops.core.audit.service import Audit
from reelops.core.identity.clients import ServiceClients
from reelops.core.identity.keys import SigningKeys
from reelops.core.identity.limits import RateLimits
from reelops.core.identity.organisations import Organisations
from reelops.core.library.assets.store import detach_asset
from reelops.core.library.service import Library
from reelops.core.scoring.references.service import AcceptedTakes
from reelops.core.scoring.references.store import detach_references
from reelops.core.scoring.steps.outlines import Outlines
from reelops.core.scoring.steps.service import StepBook
from reelops.core.scoring.steps.store import detach_steps
from reelops.core.scoring.store import detach_artifacts
from reelops.core.search.loading import IndexLoader
from reelops.core.search.snapshots import IndexSnapshots
from reelops.core.training.adapters import Adapters
from reelops.core.training.model import NightlyPlan
from reelops.core.training.service import TrainingService
from reelops.infra.blobs import BlobStore, Staging, open_blobs
from reelops.infra.database import Database
from reelops.infra.inference import InferenceClient
from reelops.infra.jobs import JobQueue
from reelops.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """What server and worker share."""

    db: Database
    blobs: BlobStore
    queue: JobQueue
    audit: Audit
    library: Library
    inference: InferenceClient
    outlines: Outlines
    steps: StepBook
    accepted: AcceptedTakes
    adapters: Adapters
    training: TrainingService
    loader: IndexLoader
    snapshots: IndexSnapshots
    keys: SigningKeys
    organisations: Organisations
    rate_limits: RateLimits


@asynccontextmanager
async def open_core(settings: Settings) -> AsyncIterator[Core]:
    """Opens the database, the files and the queue. The schema has to be up to date."""
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(Database.open(settings.database))
        queue = await stack.enter_async_context(JobQueue.open(db))
        inference = await stack.enter_async_context(InferenceClient.connect(settings.triton))
        blobs = open_blobs(settings.blobs)
        audit = Audit(db=db)
        library = Library(
            db=db, blobs=blobs, audit=audit, detach=[detach_artifacts, detach_steps, detach_references, detach_asset]
        )
        outlines = Outlines(db=db, library=library, inference=inference)
        keys = open_keys(db, settings)
        clients = ServiceClients(db=db, configured=service_clients(settings))
        stack.callback(clients.close)
        yield Core(
            db=db,
            blobs=blobs,
            queue=queue,
            audit=audit,
            library=library,
            inference=inference,
            outlines=outlines,
            accepted=AcceptedTakes(db=db, library=library, audit=audit),
            steps=StepBook(db=db, library=library, audit=audit, outlines=outlines),
            adapters=Adapters(db=db, blobs=blobs),
            training=TrainingService(
                db=db,
                queue=queue,
                audit=audit,
                nightly=NightlyPlan(enabled=settings.nightly_enabled, hour_local=settings.nightly_hour_local),
                min_new_videos=settings.nightly_min_new_videos,
            ),
            loader=IndexLoader(db=db, blobs=blobs),
            snapshots=IndexSnapshots(blobs=blobs, scratch=settings.folder / "run" / "scratch"),
            keys=keys,
            organisations=Organisations(keys=keys, clients=clients, lifetime_sec=settings.token_lifetime_sec),
            rate_limits=RateLimits(db=db, limits=rate_limits(settings)),
        )


def open_staging(settings: Settings) -> Staging:
    """Opens the folder of files that are still being received."""
    return Staging(settings.folder / "staging", max_bytes=settings.upload_max_mb << 20)
