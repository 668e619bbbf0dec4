"""The composition root: the only place that knows every part."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from reelops import errors
from reelops.api.jobs.v1 import jobs_service_pb2, jobs_service_pb2_grpc
from reelops.api.sopilot.v1 import (
    audit_service_pb2,
    audit_service_pb2_grpc,
    ingest_service_pb2,
    ingest_service_pb2_grpc,
    monitoring_service_pb2,
    monitoring_service_pb2_grpc,
    operations_service_pb2,
    operations_service_pb2_grpc,
    scoring_service_pb2,
    scoring_service_pb2_grpc,
    search_service_pb2,
    search_service_pb2_grpc,
    step_service_pb2,
    step_service_pb2_grpc,
    training_service_pb2,
    training_service_pb2_grpc,
    video_service_pb2,
    video_service_pb2_grpc,
)
from reelops.configured import identity, makes_credentials, media_limits, signing_key
from reelops.core.audit.exports import AuditExports
from reelops.core.audit.logins import RefusedLogins
from reelops.core.audit.service import Audit
from reelops.core.fleet.measuring import Measured
from reelops.core.fleet.service import QUEUES, Fleet
from reelops.core.library.jobs import Embedding, IngestHandler
from reelops.core.library.reembedding import KIND as REEMBED_KIND
from reelops.core.library.reembedding import Reembedding, ReembedHandler
from reelops.core.library.removal import sweep_orphans
from reelops.core.library.service import Library
from reelops.core.library.uploads import KIND as INGEST_KIND
from reelops.core.library.uploads import Uploads
from reelops.core.scoring.jobs import ScoreHandler
from reelops.core.scoring.reporting import ReportHandler
from reelops.core.scoring.service import KIND as SCORE_KIND
from reelops.core.scoring.service import REPORT_KIND, Scoring
from reelops.core.scoring.steps.service import StepBook
from reelops.core.scoring.steps.store import detach_steps
from reelops.core.scoring.store import detach_artifacts
from reelops.core.scoring.sweeping import sweep_score_files
from reelops.core.search.building import SnapshotBuilder
from reelops.core.search.indexes import Indexes
from reelops.core.search.loading import IndexLoader
from reelops.core.search.service import Search
from reelops.core.search.snapshots import IndexSnapshots
from reelops.core.training.adapters import Adapters
from reelops.core.training.jobs import TrainingHandler
from reelops.core.training.model import KIND as TRAINING_KIND
from reelops.core.training.model import NightlyPlan
from reelops.core.training.service import TrainingService
from reelops.infra.blobs import BlobStore, Staging, open_blobs
from reelops.infra.database import Database, migrate
from reelops.infra.inference import InferenceClient
from reelops.infra.jobs import Handler, JobQueue, Worker, WorkerSettings
from reelops.infra.security.credentials import create_credentials
from reelops.rpc.guard import Guard
from reelops.rpc.rules import read_rules
from reelops.rpc.server import Limits, Service, running
from reelops.settings import Settings
from reelops.surfaces.jobs.jobs import JobsServicer
from reelops.surfaces.sopilot.audit import AuditServicer
from reelops.surfaces.sopilot.ingest import IngestServicer
from reelops.surfaces.sopilot.monitoring import MonitoringServicer
from reelops.surfaces.sopilot.operations import OperationsServicer
from reelops.surfaces.sopilot.scoring import ScoringServicer
from reelops.surfaces.sopilot.search import SearchServicer
from reelops.surfaces.sopilot.steps import StepServicer
from reelops.surfaces.sopilot.training import TrainingServicer
from reelops.surfaces.sopilot.videos import VideoServicer

_log = structlog.get_logger("reelops.app")
_STAGED_SEC = 24 * 3600.0
_UNFINISHED_SEC = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """What server and worker share."""

    db: Database
    blobs: BlobStore
    queue: JobQueue
    audit: Audit
    library: Library
    inference: InferenceClient
    steps: StepBook
    adapters: Adapters
    training: TrainingService
    loader: IndexLoader
    snapshots: IndexSnapshots


async def prepare(settings: Settings) -> None:
    """Brings the database's schema up to date and makes credentials where nobody configured any."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(migrate, settings.database)
    if makes_credentials(settings):
        create_credentials(settings.credentials_file)


@asynccontextmanager
async def open_core(settings: Settings) -> AsyncIterator[Core]:
    """Opens the database, the files and the queue. The schema has to be up to date."""
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(Database.open(settings.database))
        queue = await stack.enter_async_context(JobQueue.open(db))
        inference = await stack.enter_async_context(InferenceClient.connect(settings.triton))
        blobs = open_blobs(settings.blobs)
        audit = Audit(db=db)
        library = Library(db=db, blobs=blobs, audit=audit, detach=[detach_artifacts, detach_steps])
        yield Core(
            db=db,
            blobs=blobs,
            queue=queue,
            audit=audit,
            library=library,
            inference=inference,
            steps=StepBook(db=db, library=library, audit=audit, inference=inference),
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
        )


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
            rules=read_rules(service.descriptor for service in served),
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


async def work(settings: Settings) -> None:
    """Runs a worker until it is cancelled; jobs that do not end in time are given back."""
    async with open_core(settings) as core:
        worker = Worker(
            core.db,
            core.queue,
            handlers(core, settings),
            dict.fromkeys(QUEUES, settings.worker_slots),
            settings=WorkerSettings(slot=settings.slot, grace_sec=settings.drain_sec),
            periodics=core.training.periodics(),
        )
        async with asyncio.TaskGroup() as group:
            sweeper = group.create_task(_sweep(core, settings))
            try:
                await worker.run()
            finally:
                sweeper.cancel()


def services(core: Core, settings: Settings, indexes: Indexes) -> list[Service]:
    """Makes every service of every surface."""
    fleet = Fleet(db=core.db, queue=core.queue, triton_metrics_url=settings.triton_metrics_url)
    exports = AuditExports(db=core.db, audit=core.audit, blobs=core.blobs, key=signing_key(settings))
    ingest = IngestServicer(
        uploads=Uploads(db=core.db, blobs=core.blobs, queue=core.queue, audit=core.audit),
        staging=Staging(settings.folder / "staging", max_bytes=settings.upload_max_mb << 20),
        queue=core.queue,
        reembedding=Reembedding(db=core.db, queue=core.queue, audit=core.audit),
    )
    search = Search(db=core.db, adapters=core.adapters, indexes=indexes)
    scoring = Scoring(db=core.db, blobs=core.blobs, queue=core.queue, audit=core.audit)
    return [
        _service(monitoring_service_pb2, monitoring_service_pb2_grpc, MonitoringServicer(fleet=fleet)),
        _service(ingest_service_pb2, ingest_service_pb2_grpc, ingest),
        _service(video_service_pb2, video_service_pb2_grpc, VideoServicer(library=core.library)),
        _service(scoring_service_pb2, scoring_service_pb2_grpc, ScoringServicer(scoring=scoring)),
        _service(step_service_pb2, step_service_pb2_grpc, StepServicer(steps=core.steps)),
        _service(search_service_pb2, search_service_pb2_grpc, SearchServicer(search=search)),
        _service(training_service_pb2, training_service_pb2_grpc, TrainingServicer(training=core.training)),
        _service(audit_service_pb2, audit_service_pb2_grpc, AuditServicer(audit=core.audit, exports=exports)),
        _service(operations_service_pb2, operations_service_pb2_grpc, OperationsServicer(fleet=fleet)),
        _service(jobs_service_pb2, jobs_service_pb2_grpc, JobsServicer(queue=core.queue)),
    ]


def handlers(core: Core, settings: Settings) -> dict[str, Handler]:
    """Makes what runs each kind of job."""
    limits = media_limits(settings)
    embedding = Embedding(inference=core.inference, limits=limits)
    ingest = IngestHandler(blobs=core.blobs, embedding=embedding, audit=core.audit)
    score = ScoreHandler(
        library=core.library,
        steps=core.steps,
        adapters=core.adapters,
        inference=core.inference,
        blobs=core.blobs,
        queue=core.queue,
        audit=core.audit,
    )
    builder = SnapshotBuilder(db=core.db, loader=core.loader, snapshots=core.snapshots)
    training = TrainingHandler(db=core.db, blobs=core.blobs, audit=core.audit, index=builder)
    return {
        INGEST_KIND: Measured(ingest, "ingest"),
        TRAINING_KIND: Measured(training, "training"),
        SCORE_KIND: Measured(score, "score"),
        REPORT_KIND: Measured(
            ReportHandler(db=core.db, library=core.library, blobs=core.blobs, queue=core.queue, limits=limits), "report"
        ),
        REEMBED_KIND: Measured(
            ReembedHandler(db=core.db, blobs=core.blobs, embedding=embedding, audit=core.audit), "reembed"
        ),
    }


async def _sweep(core: Core, settings: Settings) -> None:
    """Removes what killed processes left: half-received files, and files without a row."""
    staging = Staging(settings.folder / "staging", max_bytes=settings.upload_max_mb << 20)
    grace = timedelta(seconds=settings.sweep_grace_sec)
    while True:
        begun = time.monotonic()
        try:
            await asyncio.to_thread(staging.sweep, older_than_sec=_STAGED_SEC)
            await core.blobs.sweep_unfinished(older_than_sec=max(_UNFINISHED_SEC, settings.sweep_grace_sec))
            removed = await sweep_orphans(db=core.db, blobs=core.blobs, queue=core.queue, grace=grace)
            removed += await sweep_score_files(db=core.db, blobs=core.blobs, queue=core.queue, grace=grace)
            if removed:
                _log.warning("removed files without a row", files=removed)
        except errors.ReelOpsError as error:
            _log.warning("could not sweep", reason=error.message)
        # However many files there are, looking through them takes a twentieth of the time at most.
        took = time.monotonic() - begun
        await asyncio.sleep(max(1.0, min(60.0, settings.sweep_grace_sec), 20 * took))


def _service(messages: Any, stubs: Any, servicer: Any) -> Service:
    """Finds the descriptor and the registering function of a generated module with one service."""
    (name, descriptor), *_ = messages.DESCRIPTOR.services_by_name.items()
    return Service(descriptor, partial(getattr(stubs, f"add_{name}Servicer_to_server"), servicer))
