"""The fake's gRPC server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import grpc
from reelops.api.jobs.v1 import jobs_service_pb2_grpc as jobs
from reelops.api.sopilot.v1 import accepted_take_service_pb2_grpc as accepted
from reelops.api.sopilot.v1 import audit_service_pb2_grpc as audit
from reelops.api.sopilot.v1 import ingest_service_pb2_grpc as ingest
from reelops.api.sopilot.v1 import monitoring_service_pb2_grpc as monitoring
from reelops.api.sopilot.v1 import operations_service_pb2_grpc as operations
from reelops.api.sopilot.v1 import scoring_service_pb2_grpc as scoring
from reelops.api.sopilot.v1 import search_service_pb2_grpc as search
from reelops.api.sopilot.v1 import step_service_pb2_grpc as step
from reelops.api.sopilot.v1 import training_service_pb2_grpc as training
from reelops.api.sopilot.v1 import video_service_pb2_grpc as video

from tests.clients.sopilot_fake import acceptance, servicers
from tests.clients.sopilot_fake.guard import PASSWORD, TOKENS, Guard
from tests.clients.sopilot_fake.state import Fault, State


@dataclass(slots=True)
class FakeService:
    """A running fake: where it is, who may call it, and what it remembers."""

    grpc_address: str
    tokens: Mapping[str, str]
    basic: tuple[str, str]
    state: State

    def plan(self, method: str, *codes: grpc.StatusCode, after: int = 0) -> None:
        """Lets the next calls of a method fail, one for each code, after so many messages of a stream."""
        self.state.faults[method].extend(Fault(code, after) for code in codes)


@contextmanager
def running(address: str = "127.0.0.1:0") -> Iterator[FakeService]:
    """Serves until the block ends, and fails when a planned fault did not happen."""
    state = State()
    server = grpc.server(
        ThreadPoolExecutor(16),
        interceptors=[Guard(state)],
        options=[("grpc.so_reuseport", 0)],
        maximum_concurrent_rpcs=64,
    )
    register(server, state)
    port = server.add_insecure_port(address)
    server.start()
    try:
        yield FakeService(f"127.0.0.1:{port}", TOKENS, PASSWORD, state)
    finally:
        server.stop(0).wait()
    unused = {method: list(planned) for method, planned in state.faults.items() if planned}
    assert not unused, f"these calls were expected and never made: {unused}"


def register(server: grpc.Server, state: State) -> None:
    jobs.add_JobsServiceServicer_to_server(servicers.Jobs(state), server)
    # The two forms belong to REST and stay out.
    ingest.add_IngestServiceServicer_to_server(servicers.Ingest(state), server)  # type: ignore[abstract]
    scoring.add_ScoringServiceServicer_to_server(servicers.Scoring(state), server)
    step.add_StepServiceServicer_to_server(servicers.Steps(state), server)
    accepted.add_AcceptedTakeServiceServicer_to_server(acceptance.AcceptedTakes(state), server)
    video.add_VideoServiceServicer_to_server(servicers.Videos(state), server)
    search.add_SearchServiceServicer_to_server(servicers.Search(state), server)
    training.add_TrainingServiceServicer_to_server(servicers.Training(state), server)
    audit.add_AuditServiceServicer_to_server(servicers.Audit(state), server)
    operations.add_OperationsServiceServicer_to_server(servicers.Operations(state), server)
    monitoring.add_MonitoringServiceServicer_to_server(servicers.Monitoring(state), server)
