"""The example of each language, run as a person would run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients import toolchains
from tests.clients.conftest import Endpoint, Takes
from tests.clients.contract import a_task

EXAMPLE_SEC = 150


def assert_scored(done: subprocess.CompletedProcess[str], report: Path) -> None:
    assert done.returncode == 0, done.stderr + done.stdout
    assert "score: " in done.stdout
    assert f"report: {report}" in done.stdout
    assert report.read_bytes().startswith(b"%PDF")
    assert [path.name for path in report.parent.iterdir() if path.name.endswith(".part")] == []


def assert_refused(done: subprocess.CompletedProcess[str], report: Path) -> None:
    assert done.returncode == 1
    assert "failed: " in done.stderr
    assert "Traceback" not in done.stderr
    assert not report.exists()


class TestPython:
    def run(self, endpoint: Endpoint, token: str, takes: Takes, report: Path) -> subprocess.CompletedProcess[str]:
        return toolchains.run(
            sys.executable,
            "clients/python/examples/score_a_take.py",
            *(str(takes.gold), str(takes.trainee), "--task", a_task(), "--report", str(report)),
            cwd=toolchains.ROOT,
            timeout=EXAMPLE_SEC,
            PYTHONPATH=os.pathsep.join(("server", "clients/python")),
            REELOPS_ADDRESS=endpoint.grpc_address,
            REELOPS_TOKEN=token,
        )

    def test_a_take_is_scored(self, endpoint: Endpoint, takes: Takes, report: Path) -> None:
        assert_scored(self.run(endpoint, endpoint.tokens["operator"], takes, report), report)

    def test_a_refusal_is_a_sentence(self, endpoint: Endpoint, takes: Takes, report: Path) -> None:
        assert_refused(self.run(endpoint, endpoint.tokens["viewer"], takes, report), report)


@pytest.mark.slow
class TestTypeScript:
    def run(
        self, package: Path, endpoint: Endpoint, token: str, takes: Takes, report: Path
    ) -> subprocess.CompletedProcess[str]:
        return toolchains.run(
            "node",
            "dist/examples/score_a_take.js",
            *(str(takes.gold), str(takes.trainee), a_task(), str(report)),
            cwd=package,
            timeout=EXAMPLE_SEC,
            REELOPS_URL=f"http://{endpoint.grpc_address}",
            REELOPS_TOKEN=token,
        )

    def test_a_take_is_scored(self, typescript: Path, endpoint: Endpoint, takes: Takes, report: Path) -> None:
        assert_scored(self.run(typescript, endpoint, endpoint.tokens["operator"], takes, report), report)

    def test_a_refusal_is_a_sentence(self, typescript: Path, endpoint: Endpoint, takes: Takes, report: Path) -> None:
        assert_refused(self.run(typescript, endpoint, endpoint.tokens["viewer"], takes, report), report)


@pytest.mark.slow
@pytest.mark.timeout(900)
class TestGo:
    def run(
        self, program: Path, endpoint: Endpoint, token: str, takes: Takes, report: Path
    ) -> subprocess.CompletedProcess[str]:
        return toolchains.run(
            str(program),
            *("-task", a_task(), "-report", str(report), str(takes.gold), str(takes.trainee)),
            cwd=report.parent,
            timeout=EXAMPLE_SEC,
            REELOPS_ADDRESS=endpoint.grpc_address,
            REELOPS_TOKEN=token,
        )

    def test_a_take_is_scored(self, go: Path, endpoint: Endpoint, takes: Takes, report: Path) -> None:
        assert_scored(self.run(go, endpoint, endpoint.tokens["operator"], takes, report), report)

    def test_a_refusal_is_a_sentence(self, go: Path, endpoint: Endpoint, takes: Takes, report: Path) -> None:
        assert_refused(self.run(go, endpoint, endpoint.tokens["viewer"], takes, report), report)
