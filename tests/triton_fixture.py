"""A real Triton for tests, on free ports."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from reelops.infra.inference import process

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "models"
START_SEC = 120.0


@dataclass(frozen=True, slots=True)
class RunningTriton:
    """Where the server answers, and its process."""

    ports: process.TritonPorts
    pid: int
    log: Path

    @property
    def address(self) -> str:
        return f"{self.ports.address}:{self.ports.grpc}"


@pytest.fixture(scope="session")
def triton() -> Iterator[RunningTriton]:
    """The shipped model repository in one Triton for the whole run; for tests marked `triton`."""
    with running_triton() as running:
        yield running


def triton_venv() -> Path:
    """Gives Triton's own venv: REELOPS_TRITON_VENV, else .venv-triton of the repository."""
    return Path(os.environ.get("REELOPS_TRITON_VENV", ROOT / ".venv-triton"))


def free_ports() -> process.TritonPorts:
    """Gives ports that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(3)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        http, grpc, metrics = (int(each.getsockname()[1]) for each in sockets)
    return process.TritonPorts(http=http, grpc=grpc, metrics=metrics)


@contextlib.contextmanager
def running_triton(
    *,
    repository: Path = MODELS,
    ports: process.TritonPorts | None = None,
    environment: Mapping[str, str] | None = None,
    cache_dir: Path | None = None,
) -> Iterator[RunningTriton]:
    """Starts Triton on `repository`, waits until it is ready, and ends it.

    Compiled kernels go to `cache_dir`, by default one that all runs of this machine's user share: to compile them
    takes longer than most tests.
    """
    chosen = ports or free_ports()
    venv = triton_venv()
    process.install_stub(venv)
    command = process.triton_command(
        venv=venv,
        repository=repository,
        ports=chosen,
        cache_dir=cache_dir or Path(tempfile.gettempdir()) / f"reelops-tests-{os.getuid()}" / "triton",
        overrides=environment,
    )
    with tempfile.TemporaryDirectory(prefix="reelops-triton-") as folder:
        log = Path(folder) / "triton.log"
        with log.open("wb") as output:
            server = subprocess.Popen(command.argv, env=dict(command.env), stdout=output, stderr=output)
        try:
            _wait_ready(server, chosen, log)
            yield RunningTriton(ports=chosen, pid=server.pid, log=log)
        finally:
            _end(server)
            process.sweep_memory(chosen)


def _wait_ready(server: subprocess.Popen[bytes], ports: process.TritonPorts, log: Path) -> None:
    deadline = time.monotonic() + START_SEC
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"Triton ended with {server.returncode}:\n{log.read_text()}")
        if _answers(f"http://{ports.address}:{ports.http}/v2/health/ready"):
            return
        time.sleep(0.1)
    raise RuntimeError(f"Triton was not ready after {START_SEC} s:\n{log.read_text()}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
