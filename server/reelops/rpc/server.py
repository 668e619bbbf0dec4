"""The gRPC server: its limits, its health, its reflection, and how it stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import structlog
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from reelops import errors

_log = structlog.get_logger("reelops.rpc")
_HEALTH_SECONDS = 1.0
_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@dataclass(frozen=True, slots=True)
class Service:
    """One service: its descriptor, and what adds its implementation to a server."""

    descriptor: ServiceDescriptor
    register: Callable[[grpc.aio.Server], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of the server: `message_bytes` of one message either way, `drain_sec` of the wait for calls at the end."""

    message_bytes: int
    drain_sec: float
    concurrent_calls: int = 2000


def options(limits: Limits) -> list[tuple[str, Any]]:
    """Gives the channel arguments, each set on purpose."""
    return [
        ("grpc.max_receive_message_length", limits.message_bytes),
        ("grpc.max_send_message_length", limits.message_bytes),
        # More than the edge lets through and adds (an address is sent twice), so that what is no token meets the guard;
        # between two limits that differ gRPC refuses by chance.
        ("grpc.max_metadata_size", 160 * 1024),
        ("grpc.absolute_max_metadata_size", 160 * 1024),
        # A dead peer is noticed within 80 s, and peers may ask as often as every 10 s.
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.max_concurrent_streams", 1000),
        # What one upload may pile up here while it waits to be written; a window that grows by itself has no bound.
        ("grpc.http2.bdp_probe", 0),
        ("grpc.http2.lookahead_bytes", 4 * 1024 * 1024),
        # Several server processes share the port; a single one finds out when it is taken.
        ("grpc.so_reuseport", 0),
    ]


@asynccontextmanager
async def running(
    *,
    address: str,
    services: Sequence[Service],
    interceptors: Sequence[grpc.aio.ServerInterceptor],
    limits: Limits,
    healthy: Callable[[], Any],
) -> AsyncIterator[int]:
    """Serves until the block ends and gives the port; then refuses new calls and lets the others end.

    `healthy` is an async function that says whether the parts that every service needs answer. Raises
    `Unavailable("PORT_TAKEN")`.
    """
    server = grpc.aio.server(
        interceptors=list(interceptors), options=options(limits), maximum_concurrent_rpcs=limits.concurrent_calls
    )
    for service in services:
        service.register(server)
    names = [service.descriptor.full_name for service in services]
    checks = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    reflection.enable_server_reflection((*names, health.SERVICE_NAME, reflection.SERVICE_NAME), server)
    try:
        port = server.add_insecure_port(address)
    except RuntimeError:
        raise errors.Unavailable("PORT_TAKEN", f"{address} is taken by another program") from None
    await server.start()
    reporter = asyncio.create_task(_report_health(checks, ["", *names], healthy))
    _log.info("serving", address=address, port=port)
    try:
        yield port
    finally:
        reporter.cancel()
        await checks.enter_graceful_shutdown()
        await server.stop(limits.drain_sec)


async def _report_health(checks: Any, names: Sequence[str], healthy: Callable[[], Any]) -> None:
    known = None
    while True:
        state = _SERVING if await healthy() else _NOT_SERVING
        if state != known:
            for name in names:
                await checks.set(name, state)
            known = state
        await asyncio.sleep(_HEALTH_SECONDS)
