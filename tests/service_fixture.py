"""The whole service, really running: `reelops up` in a process of its own, on free ports, with its own data folder."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from reelops.infra.media.synthesis import make_demo_pair

ROOT = Path(__file__).resolve().parent.parent
START_SEC = 180.0
TOKENS = {"admin": "test-admin-token", "operator": "test-operator-token", "viewer": "test-viewer-token"}
BASIC = ("ann", "test-password")
ORGANISATIONS = {
    org_id: {"client_id": f"client-of-{org_id}", "client_secret": f"test-secret-of-{org_id}", "org_id": org_id}
    for org_id in ("org_123", "org_999", "default")
}
"""Clients of organisations, as WAVESTACK_SERVICE_CLIENTS has them."""
_PORTS = (50051, 3000, 8000, 8080, 8400, 9100, 9101, 9102, 9901)


@dataclass(slots=True)
class RunningService:
    """Where the service answers. `up` is the process of `reelops up`."""

    data: Path
    offset: int
    up: subprocess.Popen[bytes]
    output: Path
    tokens: Mapping[str, str] = field(default_factory=lambda: dict(TOKENS))

    @property
    def media(self) -> Path:
        """The folder whose files callers may name as sources."""
        return self.data.parent / "media"

    @property
    def url(self) -> str:
        """The documented base URL of SOPilot."""
        return f"http://127.0.0.1:{8000 + self.offset}"

    @property
    def core_url(self) -> str:
        """The documented base URL of WaveStack's core."""
        return f"http://127.0.0.1:{3000 + self.offset}"

    @property
    def clipper_url(self) -> str:
        """Where the clipper answers, but at `/health`; send `clipper_host` as Host to have the clipper alone."""
        return self.url

    @property
    def clipper_host(self) -> str:
        """The Host under which the clipper alone answers at `clipper_url`."""
        return f"clipper.localhost:{8000 + self.offset}"

    @property
    def thumbnail_url(self) -> str:
        """The documented base URL of the thumbnail generator."""
        return f"http://127.0.0.1:{8400 + self.offset}"

    @property
    def all_hosts_url(self) -> str:
        """The listener of all systems."""
        return f"http://127.0.0.1:{8080 + self.offset}"

    @property
    def grpc_address(self) -> str:
        """host:port of the gRPC server itself."""
        return f"127.0.0.1:{50051 + self.offset}"

    @property
    def triton_address(self) -> str:
        """host:port of Triton's gRPC."""
        return f"127.0.0.1:{9101 + self.offset}"

    @property
    def edge_address(self) -> str:
        """host:port at which gRPC passes through the edge."""
        return f"127.0.0.1:{8000 + self.offset}"

    def client(self, role: str | None = "admin", **kwargs: Any) -> httpx2.Client:
        """Makes an HTTP client with the token of a role."""
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role else {}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=60.0, **kwargs)

    def token(self, org_id: str = "org_123") -> str:
        """Gets a token of an organisation."""
        answer = httpx2.post(f"{self.core_url}/api/auth/token", json=ORGANISATIONS[org_id], timeout=60.0)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def organisation(self, org_id: str = "org_123", **kwargs: Any) -> httpx2.Client:
        """Makes an HTTP client of WaveStack's core for an organisation."""
        headers = {"Authorization": f"Bearer {self.token(org_id)}", "X-Org-Id": org_id}
        return httpx2.Client(base_url=self.core_url, headers=headers, timeout=60.0, **kwargs)

    def pid_of(self, part: str) -> int:
        """Finds the process of a part: triton, serve, work or envoy."""
        for child in _children(self.up.pid):
            command = Path(f"/proc/{child}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
            if part in command or Path(command[0]).name.startswith(part):
                return child
        raise LookupError(f"no {part} among the processes of `reelops up`")


@pytest.fixture(scope="session")
def demo_pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A gold and a trainee take; the trainee leaves one step out and exchanges two. Made once for the whole run."""
    return make_demo_pair(tmp_path_factory.mktemp("pair"), seconds_per_step=4.0)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One service for the whole run. Tests keep apart by the names of their tasks."""
    small = {"SOPILOT_UPLOAD_MAX_MB": "16", "SOPILOT_NIGHTLY_MIN_NEW_VIDEOS": "2"}
    with running_service(tmp_path_factory.mktemp("service"), **small) as running:
        yield running


@contextlib.contextmanager
def running_service(folder: Path, **environment: str) -> Iterator[RunningService]:
    """Runs the service with a data folder until the block ends; further settings as environment variables."""
    offset = free_offset()
    output = folder / "up.log"
    (folder / "media").mkdir(exist_ok=True)
    given = {
        **os.environ,
        "SOPILOT_API_ROLE_TOKENS": ",".join(f"{role}:{token}" for role, token in TOKENS.items()),
        "SOPILOT_BASIC_USER": BASIC[0],
        "SOPILOT_BASIC_PASSWORD": BASIC[1],
        "SOPILOT_AUDIT_SIGNING_KEY": "test-signing-key",
        "SOPILOT_AUDIT_SIGNING_KEY_ID": "test",
        "WAVESTACK_SERVICE_CLIENTS": json.dumps(list(ORGANISATIONS.values())),
        # Tests call more often than callers may; those of the limits set their own.
        **{f"WAVESTACK_RATE_LIMIT_{name}": "1000000" for name in ("CORE", "CLIPPER", "THUMBNAIL")},
        # Tests serve files on loopback, and put files where callers may name them.
        "REELOPS_FETCH_ALLOW_HOSTS": "127.0.0.1",
        "REELOPS_MEDIA_ROOT": str(folder / "media"),
        "REELOPS_TRITON_VENV": os.environ.get("REELOPS_TRITON_VENV", str(ROOT / ".venv-triton")),
        "REELOPS_MODEL_REPOSITORY": str(ROOT / "models"),
        **environment,
    }
    with output.open("wb") as log:
        up = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "reelops.cli.main",
                "up",
                "--data",
                str(folder / "data"),
                "--port-offset",
                str(offset),
            ],
            env=given,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    running = RunningService(data=folder / "data", offset=offset, up=up, output=output)
    try:
        _await_ready(running)
        yield running
    finally:
        stop(running)


def stop(running: RunningService) -> None:
    """Ends the service as an operator would, and by force when it does not end."""
    if running.up.poll() is None:
        running.up.send_signal(signal.SIGTERM)
        try:
            running.up.wait(60)
        except subprocess.TimeoutExpired:
            children = _children(running.up.pid)
            running.up.kill()
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            running.up.wait()


def free_offset() -> int:
    """Finds an offset at which every port of the service is free."""
    for _ in range(200):
        offset = random.SystemRandom().randrange(1000, 14000)
        if all(_is_free(port + offset) for port in _PORTS):
            return offset
    raise RuntimeError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _await_ready(running: RunningService) -> None:
    deadline = time.monotonic() + START_SEC
    while time.monotonic() < deadline:
        text = running.output.read_text("utf-8", "replace")
        if "ready" in text.split():
            return
        if running.up.poll() is not None:
            raise RuntimeError(f"`reelops up` ended with {running.up.returncode}:\n{text}")
        time.sleep(0.1)
    raise TimeoutError(f"`reelops up` is not ready:\n{running.output.read_text('utf-8', 'replace')}")


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []
