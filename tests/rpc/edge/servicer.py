"""A gRPC server with the real stubs whose answers each test says."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
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
from reelops.api.wavestack.v1 import (
    asset_service_pb2,
    asset_service_pb2_grpc,
    auth_service_pb2,
    auth_service_pb2_grpc,
    clip_service_pb2,
    clip_service_pb2_grpc,
    documentation_service_pb2,
    documentation_service_pb2_grpc,
    health_service_pb2,
    health_service_pb2_grpc,
    project_service_pb2,
    project_service_pb2_grpc,
    queue_service_pb2,
    queue_service_pb2_grpc,
    thumbnail_service_pb2,
    thumbnail_service_pb2_grpc,
)

MODULES = (
    (audit_service_pb2, audit_service_pb2_grpc),
    (ingest_service_pb2, ingest_service_pb2_grpc),
    (monitoring_service_pb2, monitoring_service_pb2_grpc),
    (operations_service_pb2, operations_service_pb2_grpc),
    (scoring_service_pb2, scoring_service_pb2_grpc),
    (search_service_pb2, search_service_pb2_grpc),
    (training_service_pb2, training_service_pb2_grpc),
    (video_service_pb2, video_service_pb2_grpc),
    (jobs_service_pb2, jobs_service_pb2_grpc),
    (asset_service_pb2, asset_service_pb2_grpc),
    (auth_service_pb2, auth_service_pb2_grpc),
    (clip_service_pb2, clip_service_pb2_grpc),
    (documentation_service_pb2, documentation_service_pb2_grpc),
    (health_service_pb2, health_service_pb2_grpc),
    (project_service_pb2, project_service_pb2_grpc),
    (queue_service_pb2, queue_service_pb2_grpc),
    (thumbnail_service_pb2, thumbnail_service_pb2_grpc),
)

OPTIONS = (("grpc.max_receive_message_length", 16 << 20), ("grpc.so_reuseport", 0))


@dataclass(slots=True)
class Call:
    """What the server got: the request (a list of them for a client stream) and its metadata."""

    method: str
    request: Any
    metadata: dict[str, str]


@dataclass(slots=True)
class Script:
    """What the server answers, by method name, and what it was asked."""

    answers: dict[str, Callable[..., Any]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    def answer(self, method: str, answer: Callable[..., Any] | Any) -> None:
        """Makes `method` answer: a message, or `async (request, context) -> message`, or an async generator."""

        async def fixed(_request: Any, _context: Any) -> Any:
            return answer

        self.answers[method] = answer if callable(answer) else fixed

    def clear(self) -> None:
        self.answers.clear()
        self.calls.clear()

    @property
    def last(self) -> Call:
        return self.calls[-1]


def metadata_of(context: Any) -> dict[str, str]:
    return dict(context.invocation_metadata())


class EdgeServer:
    """Runs on a loop and a thread of its own, so that tests may block."""

    def __init__(self) -> None:
        self.script = Script()
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: grpc.aio.Server | None = None

    def start(self, port: int = 0) -> int:
        asyncio.run_coroutine_threadsafe(self._start(port), self._loop).result(10)
        return self.port

    def stop(self) -> None:
        if self._server is not None:
            asyncio.run_coroutine_threadsafe(self._server.stop(0), self._loop).result(10)
            self._server = None

    def close(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _start(self, port: int) -> None:
        server = grpc.aio.server(options=OPTIONS)
        names = [reflection.SERVICE_NAME, health.SERVICE_NAME]
        for messages, stubs in MODULES:
            for name, service in messages.DESCRIPTOR.services_by_name.items():
                servicer = self._servicer(service, getattr(stubs, f"{name}Servicer"))
                getattr(stubs, f"add_{name}Servicer_to_server")(servicer, server)
                names.append(service.full_name)
        health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), server)
        reflection.enable_server_reflection(names, server)
        self.port = server.add_insecure_port(f"127.0.0.1:{port}")
        await server.start()
        self._server = server

    def _servicer(self, service: Any, base: type) -> Any:
        methods = {method.name: self._method(method) for method in service.methods}
        return type(f"Scripted{service.name}", (base,), methods)()

    def _method(self, method: Any) -> Callable[..., Any]:
        script = self.script

        async def unary(_self: Any, request: Any, context: Any) -> Any:
            script.calls.append(Call(method.name, request, metadata_of(context)))
            return await script.answers[method.name](request, context)

        async def stream(_self: Any, request: Any, context: Any) -> AsyncIterator[Any]:
            script.calls.append(Call(method.name, request, metadata_of(context)))
            async for message in script.answers[method.name](request, context):
                yield message

        return stream if method.server_streaming else unary
