"""SOPilot over the core."""

from __future__ import annotations

from datetime import timedelta

from reelops.api.sopilot.v1 import (
    accepted_take_service_pb2,
    accepted_take_service_pb2_grpc,
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
from reelops.app.core import Core, open_staging
from reelops.app.registering import service
from reelops.configured import media_limits, signing_key
from reelops.core.audit.exports import AuditExports
from reelops.core.fleet.measuring import Measured
from reelops.core.fleet.service import Fleet
from reelops.core.library.embedding import Embedding
from reelops.core.library.jobs import IngestHandler
from reelops.core.library.looking import CloseLooks
from reelops.core.library.reembedding import KIND as REEMBED_KIND
from reelops.core.library.reembedding import Reembedding, ReembedHandler
from reelops.core.library.removal import sweep_orphans
from reelops.core.library.uploads import KIND as INGEST_KIND
from reelops.core.library.uploads import Uploads
from reelops.core.scoring.jobs import ScoreHandler
from reelops.core.scoring.recordings import Recordings
from reelops.core.scoring.references.calibrating import References
from reelops.core.scoring.reporting import ReportHandler
from reelops.core.scoring.service import KIND as SCORE_KIND
from reelops.core.scoring.service import REPORT_KIND, Scoring
from reelops.core.scoring.sweeping import sweep_score_files
from reelops.core.search.building import SnapshotBuilder
from reelops.core.search.indexes import Indexes
from reelops.core.search.service import Search
from reelops.core.training.jobs import TrainingHandler
from reelops.core.training.model import KIND as TRAINING_KIND
from reelops.infra.jobs import Handler
from reelops.rpc.server import Service
from reelops.settings import Settings
from reelops.surfaces.sopilot.accepted_takes import AcceptedTakeServicer
from reelops.surfaces.sopilot.audit import AuditServicer
from reelops.surfaces.sopilot.ingest import IngestServicer
from reelops.surfaces.sopilot.monitoring import MonitoringServicer
from reelops.surfaces.sopilot.operations import OperationsServicer
from reelops.surfaces.sopilot.scoring import ScoringServicer
from reelops.surfaces.sopilot.search import SearchServicer
from reelops.surfaces.sopilot.steps import StepServicer
from reelops.surfaces.sopilot.training import TrainingServicer
from reelops.surfaces.sopilot.videos import VideoServicer


def services(core: Core, settings: Settings, indexes: Indexes) -> list[Service]:
    """Makes the services of SOPilot."""
    fleet = Fleet(db=core.db, queue=core.queue, triton_metrics_url=settings.triton_metrics_url)
    exports = AuditExports(db=core.db, audit=core.audit, blobs=core.blobs, key=signing_key(settings))
    ingest = IngestServicer(
        uploads=Uploads(db=core.db, blobs=core.blobs, queue=core.queue, audit=core.audit, org_id=settings.default_org),
        staging=open_staging(settings),
        queue=core.queue,
        reembedding=Reembedding(db=core.db, queue=core.queue, audit=core.audit),
    )
    search = Search(db=core.db, adapters=core.adapters, indexes=indexes)
    scoring = Scoring(db=core.db, blobs=core.blobs, queue=core.queue, audit=core.audit)
    return [
        service(monitoring_service_pb2, monitoring_service_pb2_grpc, MonitoringServicer(fleet=fleet)),
        service(ingest_service_pb2, ingest_service_pb2_grpc, ingest),
        service(video_service_pb2, video_service_pb2_grpc, VideoServicer(library=core.library)),
        service(scoring_service_pb2, scoring_service_pb2_grpc, ScoringServicer(scoring=scoring)),
        service(step_service_pb2, step_service_pb2_grpc, StepServicer(steps=core.steps)),
        service(
            accepted_take_service_pb2, accepted_take_service_pb2_grpc, AcceptedTakeServicer(accepted=core.accepted)
        ),
        service(search_service_pb2, search_service_pb2_grpc, SearchServicer(search=search)),
        service(training_service_pb2, training_service_pb2_grpc, TrainingServicer(training=core.training)),
        service(audit_service_pb2, audit_service_pb2_grpc, AuditServicer(audit=core.audit, exports=exports)),
        service(operations_service_pb2, operations_service_pb2_grpc, OperationsServicer(fleet=fleet)),
    ]


def handlers(core: Core, settings: Settings) -> dict[str, Handler]:
    """Makes what runs SOPilot's jobs."""
    limits = media_limits(settings)
    embedding = Embedding(inference=core.inference, limits=limits)
    ingest = IngestHandler(
        db=core.db,
        blobs=core.blobs,
        embedding=embedding,
        audit=core.audit,
        accompany=[core.outlines.accompany],
        org_id=settings.default_org,
    )
    recordings = Recordings(
        library=core.library,
        steps=core.steps,
        outlines=core.outlines,
        adapters=core.adapters,
        looks=CloseLooks(library=core.library, blobs=core.blobs, embedding=embedding),
    )
    score = ScoreHandler(
        recordings=recordings,
        references=References(db=core.db, recordings=recordings, inference=core.inference),
        inference=core.inference,
        blobs=core.blobs,
        queue=core.queue,
        audit=core.audit,
    )
    builder = SnapshotBuilder(db=core.db, loader=core.loader, snapshots=core.snapshots)
    training = TrainingHandler(db=core.db, blobs=core.blobs, audit=core.audit, index=builder)
    report = ReportHandler(db=core.db, library=core.library, blobs=core.blobs, queue=core.queue, limits=limits)
    reembed = ReembedHandler(
        db=core.db, blobs=core.blobs, embedding=embedding, audit=core.audit, accompany=[core.outlines.accompany]
    )
    return {
        INGEST_KIND: Measured(ingest, "ingest"),
        TRAINING_KIND: Measured(training, "training"),
        SCORE_KIND: Measured(score, "score"),
        REPORT_KIND: Measured(report, "report"),
        REEMBED_KIND: Measured(reembed, "reembed"),
    }


async def sweep(core: Core, grace: timedelta) -> list[str]:
    """Removes files without a row and returns their keys."""
    removed = await sweep_orphans(db=core.db, blobs=core.blobs, queue=core.queue, grace=grace)
    return removed + await sweep_score_files(db=core.db, blobs=core.blobs, queue=core.queue, grace=grace)
