"""A real Envoy, started once for the folder, in front of a scripted gRPC server."""

from __future__ import annotations

import contextlib
import secrets
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
import pytest
from reelops.infra.processes import Command
from reelops.rpc.edge import Gateway, Limits, documented_listeners, envoy_command, write_gateway

from tests.rpc.edge.servicer import EdgeServer, Script


@dataclass(slots=True)
class Edge:
    """Where a running gateway is, and what its server was told and asked."""

    server: EdgeServer
    gateway: Gateway
    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def script(self) -> Script:
        return self.server.script

    @property
    def port(self) -> int:
        return self.gateway.listeners[0].port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def all_hosts_url(self) -> str:
        return self.url_of("edge")

    def url_of(self, listener: str) -> str:
        """The base URL of a listener: sopilot, core, thumbnail or edge."""
        return f"http://127.0.0.1:{self.port_of(listener)}"

    def port_of(self, listener: str) -> int:
        return next(one.port for one in self.gateway.listeners if one.name == listener)


def free_ports(count: int) -> list[int]:
    """Finds ports below those that outgoing connections take, so that none is gone when Envoy binds it."""
    found: set[int] = set()
    while len(found) < count:
        port = secrets.randbelow(12_000) + 20_000
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            found.add(port)
    return sorted(found)


def wait_until_live(admin_port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{admin_port}/ready", timeout=1):
                return
        except OSError:
            if process.poll() is not None:
                raise AssertionError(log.read_text()) from None
            time.sleep(0.05)
    raise AssertionError(f"Envoy is not live: {log.read_text()}")


@contextmanager
def running_envoy(command: Command, admin_port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command.argv, env=dict(command.env), stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        wait_until_live(admin_port, process, log)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        finally:
            process.kill()


@contextmanager
def running_edge(
    folder: Path, *, limits: Limits | None = None, more_servers: tuple[str, ...] = (), **settings: object
) -> Iterator[Edge]:
    server = EdgeServer()
    servers = (f"127.0.0.1:{server.start()}", *more_servers)
    sopilot, core, thumbnail, edge, admin = free_ports(5)
    gateway = Gateway(
        listeners=documented_listeners(sopilot_port=sopilot, core_port=core, thumbnail_port=thumbnail, edge_port=edge),
        servers=servers,
        admin_port=admin,
        access_log=folder / "access.log",
        limits=limits or Limits(),
        concurrency=1,
        **settings,  # type: ignore[arg-type]
    )
    log = folder / "envoy.log"
    command = envoy_command(write_gateway(folder, gateway), gateway, log_file=log)
    try:
        with running_envoy(command, admin, log) as process:
            yield Edge(server, gateway, process, folder)
        assert "script log" not in log.read_text(), f"the filter failed: {log.read_text()}"
    finally:
        server.close()


@pytest.fixture(scope="session")
def shared_edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    limits = Limits(upload_bytes=64 << 20)
    with running_edge(tmp_path_factory.mktemp("edge"), limits=limits, cors_origins=("https://app.example",)) as edge:
        yield edge


@pytest.fixture
def edge(shared_edge: Edge) -> Edge:
    shared_edge.script.clear()
    return shared_edge


@pytest.fixture
def script(edge: Edge) -> Script:
    return edge.script


@pytest.fixture
def client(edge: Edge) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=edge.url, timeout=20, trust_env=False) as client:
        yield client
