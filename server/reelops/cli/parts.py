"""The parts of one machine: how each is started and how it is known to answer."""

from __future__ import annotations

import sys
from functools import partial

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from reelops.cli.supervisor import Part
from reelops.infra.inference.process import TritonPorts, install_stub, lost_models, sweep_memory, triton_command
from reelops.infra.inference.process import is_ready as triton_ready
from reelops.infra.processes import Command
from reelops.rpc.edge import Gateway, documented_listeners, drain, envoy_command, is_ready, write_gateway
from reelops.rpc.edge import Limits as EdgeLimits
from reelops.settings import Settings

_TIMEOUT_SEC = 2.0


def parts(settings: Settings) -> list[Part]:
    """Gives the parts in the order in which they start."""
    logs = settings.folder / "logs"
    triton = Part(
        "triton",
        lambda: triton_part(settings),
        lambda: triton_ready(triton_ports(settings)),
        logs / "triton.log",
        start_sec=180.0,
        broken=_lost_models,
    )
    server = Part("server", lambda: own_part(settings, "serve"), lambda: _server_ready(settings), logs / "server.log")
    workers = [
        Part(
            f"worker-{number}",
            partial(own_part, settings, "work", slot=f"worker-{number}"),
            lambda: _workers_ready(settings),
            logs / f"worker-{number}.log",
        )
        for number in range(1, settings.workers + 1)
    ]
    gateway = Part(
        "gateway",
        lambda: gateway_part(settings),
        lambda: is_ready(settings.port("envoy_admin_port")),
        logs / "gateway.log",
        before_stop=lambda: drain(settings.port("envoy_admin_port"), timeout_sec=settings.drain_sec),
    )
    return [*([] if settings.triton_address else [triton]), server, *workers, gateway]


def triton_part(settings: Settings) -> Command:
    """Gives the command of Triton."""
    install_stub(settings.triton_venv)
    ports = triton_ports(settings)
    sweep_memory(ports)
    overrides = {"REELOPS_EMBEDDER_ONNX": str(settings.embedder_onnx)} if settings.embedder_onnx else {}
    return triton_command(
        venv=settings.triton_venv,
        repository=settings.model_repository,
        ports=ports,
        cache_dir=settings.folder / "run" / "triton-cache",
        overrides=overrides,
    )


def triton_ports(settings: Settings) -> TritonPorts:
    """Gives Triton's ports. It listens on loopback only: it has no credentials of its own."""
    return TritonPorts(
        http=settings.port("triton_http_port"),
        grpc=settings.port("triton_grpc_port"),
        metrics=settings.port("triton_metrics_port"),
    )


def gateway_of(settings: Settings) -> Gateway:
    """Gives what Envoy is told."""
    return Gateway(
        listeners=documented_listeners(
            sopilot_port=settings.port("sopilot_port"),
            core_port=settings.port("core_port"),
            thumbnail_port=settings.port("thumbnail_port"),
            edge_port=settings.port("edge_port"),
        ),
        servers=(settings.grpc,),
        admin_port=settings.port("envoy_admin_port"),
        bind=settings.bind,
        cors_origins=_origins(settings),
        trusted_proxies=settings.trusted_proxies,
        concurrency=settings.edge_threads,
        access_log=settings.folder / "logs" / "access.log",
        limits=EdgeLimits(upload_bytes=(settings.upload_max_mb + 1) << 20),
    )


def _origins(settings: Settings) -> tuple[str, ...]:
    """Gives the origins whose pages may call: the listed ones, and on loopback our own pages that show the API."""
    listed = [origin.strip() for origin in settings.cors_origins.split(",") if origin.strip()]
    if settings.is_loopback:
        hosts = ("localhost", "127.0.0.1", "clipper.localhost")
        listed += [f"http://{host}:{settings.port('sopilot_port')}" for host in hosts]
    return tuple(listed)


def gateway_part(settings: Settings) -> Command:
    """Writes Envoy's configuration and gives its command."""
    gateway = gateway_of(settings)
    (settings.folder / "logs").mkdir(parents=True, exist_ok=True)
    config = write_gateway(settings.folder / "run" / "gateway", gateway)
    command = envoy_command(config, gateway)
    return Command(command.name, command.argv, {**settings.environment(), **command.env})


def own_part(settings: Settings, name: str, **environment: str) -> Command:
    """Gives the command of a part that is a subcommand of ours."""
    given = settings.environment() | {f"REELOPS_{key.upper()}": value for key, value in environment.items()}
    return Command(name, (sys.executable, "-m", "reelops.cli.main", name), given)


def _lost_models(pid: int) -> str | None:
    """Notices model processes that died: Triton neither restarts them nor says so."""
    lost = lost_models(pid)
    return f"{lost} of its model processes died" if lost else None


async def _server_ready(settings: Settings) -> bool:
    async with grpc.aio.insecure_channel(settings.grpc) as channel:
        try:
            answer = await health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(), timeout=_TIMEOUT_SEC
            )
        except grpc.aio.AioRpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


async def _workers_ready(settings: Settings) -> bool:
    """Asks the server how many workers it sees: they share the database, so one that is seen works."""
    from reelops.api.sopilot.v1 import monitoring_service_pb2, monitoring_service_pb2_grpc

    async with grpc.aio.insecure_channel(settings.grpc) as channel:
        try:
            body = await monitoring_service_pb2_grpc.MonitoringServiceStub(channel).GetMetrics(
                monitoring_service_pb2.GetMetricsRequest(), timeout=_TIMEOUT_SEC
            )
        except grpc.aio.AioRpcError:
            return False
    for line in body.data.decode().splitlines():
        if line.startswith('sopilot_active_workers{queue="ingest"}'):
            return int(float(line.rsplit(" ", 1)[1])) >= settings.workers
    return False
