"""The composition root: the only place that knows every part."""

from __future__ import annotations

import asyncio
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
    training_service_pb2,
    training_service_pb2_grpc,
    video_service_pb2,
    video_service_pb2_grpc,
)
from reelops.core.audit.exports import AuditExports
from reelops.core.audit.logins import RefusedLogins
from reelops.core.audit.service import Audit
from reelops.core.audit.signing import SigningKey
from reelops.core.fleet.measuring import Measured
from reelops.core.fleet.service import QUEUES, Fleet
from reelops.core.identity import BasicAccount, Identity, Role, parse_role_tokens
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
from reelops.core.scoring.store import detach_artifacts
from reelops.infra.blobs import BlobStore, Staging, open_blobs
from reelops.infra.database import Database, migrate
from reelops.infra.inference import InferenceClient
from reelops.infra.jobs import Handler, JobQueue, Periodic, Worker, WorkerSettings
from reelops.infra.media import MediaLimits
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
# from reelops.surfaces.sopilot.search import SearchServicer
# from reelops.surfaces.sopilot.training import TrainingServicer
from reelops.surfaces.sopilot.videos import VideoServicer

_log = structlog.get_logger("reelops.app")
_STAGED_SEC = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """What server and worker share."""

    db: Database
    blobs: BlobStore
    queue: JobQueue
    audit: Audit
    library: Library


async def prepare(settings: Settings) -> None:
    """Brings the database's schema up to date and makes credentials where nobody configured any."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(migrate, settings.database)
    if _needs_credentials(settings):
        create_credentials(settings.credentials_file)


@asynccontextmanager
async def open_core(settings: Settings) -> AsyncIterator[Core]:
    """Opens the database, the files and the queue. The schema has to be up to date."""
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(Database.open(settings.database))
        queue = await stack.enter_async_context(JobQueue.open(db))
        blobs = open_blobs(settings.blobs)
        audit = Audit(db=db)
        yield Core(
            db=db,
            blobs=blobs,
            queue=queue,
            audit=audit,
            library=Library(db=db, blobs=blobs, audit=audit, detach=[detach_artifacts]),
        )


async def serve(settings: Settings, *, stopped: asyncio.Event) -> None:
    """Runs the gRPC server until `stopped` is set, then lets its calls end."""
    async with open_core(settings) as core, asyncio.TaskGroup() as group:
        logins = RefusedLogins(core.audit)
        keeper = group.create_task(logins.run())
        served = services(core, settings)
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
    async with open_core(settings) as core, InferenceClient.connect(settings.triton) as inference:
        worker = Worker(
            core.db,
            core.queue,
            handlers(core, inference, settings),
            dict.fromkeys(QUEUES, settings.worker_slots),
            settings=WorkerSettings(slot=settings.slot, grace_sec=settings.drain_sec),
            periodics=periodics(core, settings),
        )
        async with asyncio.TaskGroup() as group:
            sweeper = group.create_task(_sweep(core, settings))
            try:
                await worker.run()
            finally:
                sweeper.cancel()


def services(core: Core, settings: Settings) -> list[Service]:
    """Makes every service of every surface."""
    fleet = Fleet(db=core.db, queue=core.queue, triton_metrics_url=settings.triton_metrics_url)
    exports = AuditExports(db=core.db, audit=core.audit, blobs=core.blobs, key=signing_key(settings))
    ingest = IngestServicer(
        uploads=Uploads(db=core.db, blobs=core.blobs, queue=core.queue, audit=core.audit),
        staging=Staging(settings.folder / "staging", max_bytes=settings.upload_max_mb << 20),
        queue=core.queue,
        reembedding=Reembedding(db=core.db, queue=core.queue, audit=core.audit),
    )
    scoring = Scoring(db=core.db, blobs=core.blobs, queue=core.queue, audit=core.audit)
    return [
        _service(monitoring_service_pb2, monitoring_service_pb2_grpc, MonitoringServicer(fleet=fleet)),
        _service(ingest_service_pb2, ingest_service_pb2_grpc, ingest),
        _service(video_service_pb2, video_service_pb2_grpc, VideoServicer(library=core.library)),
        _service(scoring_service_pb2, scoring_service_pb2_grpc, ScoringServicer(scoring=scoring)),
        # _service(search_service_pb2, search_service_pb2_grpc, SearchServicer(search=core.search)),
        # _service(training_service_pb2, training_service_pb2_grpc, TrainingServicer(training=core.training)),
        _service(audit_service_pb2, audit_service_pb2_grpc, AuditServicer(audit=core.audit, exports=exports)),
        _service(operations_service_pb2, operations_service_pb2_grpc, OperationsServicer(fleet=fleet)),
        _service(jobs_service_pb2, jobs_service_pb2_grpc, JobsServicer(queue=core.queue)),
    ]


def handlers(core: Core, inference: InferenceClient, settings: Settings) -> dict[str, Handler]:
    """Makes what runs each kind of job."""
    limits = media_limits(settings)
    embedding = Embedding(inference=inference, limits=limits)
    ingest = IngestHandler(blobs=core.blobs, embedding=embedding, audit=core.audit)
    score = ScoreHandler(
        library=core.library,
        adapters=_NoAdapters(),
        inference=inference,
        blobs=core.blobs,
        queue=core.queue,
        audit=core.audit,
    )
    return {
        INGEST_KIND: Measured(ingest, "ingest"),
        SCORE_KIND: Measured(score, "score"),
        REPORT_KIND: Measured(
            ReportHandler(db=core.db, library=core.library, blobs=core.blobs, queue=core.queue, limits=limits), "report"
        ),
        REEMBED_KIND: Measured(
            ReembedHandler(db=core.db, blobs=core.blobs, embedding=embedding, audit=core.audit), "reembed"
        ),
    }


def periodics(core: Core, settings: Settings) -> list[Periodic]:
    """Gives what is done by the clock."""
    return []


def identity(settings: Settings) -> Identity:
    """Gives who may call: as configured, or with the credentials that the embedded run made."""
    if _needs_credentials(settings) and not settings.has_credentials:
        return Identity(create_credentials(settings.credentials_file).role_tokens)
    basic = None
    if settings.basic_user:
        basic = BasicAccount(
            settings.basic_user, settings.basic_password.get_secret_value(), Role.named(settings.basic_role)
        )
    return Identity(parse_role_tokens(settings.role_tokens.get_secret_value()), basic)


def signing_key(settings: Settings) -> SigningKey | None:
    """Gives the key of audit exports: the configured one, the embedded run's own, or none."""
    secret = settings.audit_signing_key.get_secret_value()
    if secret:
        return SigningKey(secret.encode(), settings.audit_signing_key_id)
    if not _needs_credentials(settings):
        return None
    made = create_credentials(settings.credentials_file)
    return SigningKey(made.audit_signing_key.encode(), made.audit_signing_key_id)


def media_limits(settings: Settings) -> MediaLimits:
    """Gives the bounds of decoding."""
    return MediaLimits(
        max_pixels=settings.media_max_pixels,
        max_duration_sec=settings.media_max_duration_sec,
        total_timeout_sec=settings.media_timeout_sec,
    )


def _needs_credentials(settings: Settings) -> bool:
    """Whether this is an embedded run that nobody configured: only then it may make secrets of its own."""
    return settings.is_loopback and not settings.has_credentials


async def _sweep(core: Core, settings: Settings) -> None:
    """Removes what killed processes left: half-received files, and files without a row."""
    staging = Staging(settings.folder / "staging", max_bytes=settings.upload_max_mb << 20)
    grace = timedelta(seconds=settings.sweep_grace_sec)
    while True:
        try:
            await asyncio.to_thread(staging.sweep, older_than_sec=_STAGED_SEC)
            removed = await sweep_orphans(db=core.db, blobs=core.blobs, queue=core.queue, grace=grace)
            if removed:
                _log.warning("removed files without a row", files=removed)
        except errors.ReelOpsError as error:
            _log.warning("could not sweep", reason=error.message)
        await asyncio.sleep(max(1.0, min(60.0, settings.sweep_grace_sec)))


def _service(messages: Any, stubs: Any, servicer: Any) -> Service:
    """Finds the descriptor and the registering function of a generated module with one service."""
    (name, descriptor), *_ = messages.DESCRIPTOR.services_by_name.items()
    return Service(descriptor, partial(getattr(stubs, f"add_{name}Servicer_to_server"), servicer))


class _NoAdapters:
    async def active(self, model: str) -> None:
        return None
