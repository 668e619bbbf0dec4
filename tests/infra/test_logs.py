"""What goes into logs, and what does not."""

from __future__ import annotations

import json
import subprocess
import sys

_PROGRAM = """
import logging
import structlog
from reelops.infra.logs import configure

configure("info")

def log_in(secret):
    raise RuntimeError("a fault of ours")

try:
    log_in("very-secret")
except RuntimeError as error:
    structlog.get_logger("reelops.rpc").error("unexpected error", method="/x", exc_info=error)
logging.getLogger("grpc._cython.cygrpc").error("Invalid encoding on %s", b"Bearer very-secret")
logging.getLogger("grpc._cython.cygrpc").error("something else")
"""


def test_a_fault_is_logged_with_its_place_and_without_secrets() -> None:
    command = [sys.executable, "-c", _PROGRAM]
    environment = {"PYTHONPATH": ":".join(sys.path)}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=environment)
    line = next(line for line in ended.stderr.splitlines() if line.startswith("{"))
    entry = json.loads(line)
    assert entry["event"] == "unexpected error"
    assert "a fault of ours" in line
    assert entry["exception"][0]["frames"][-1]["name"] == "log_in"
    assert "something else" in ended.stderr
    assert "very-secret" not in ended.stderr.replace('log_in("very-secret")', "")
