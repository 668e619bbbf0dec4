"""The SDKs of WaveStack, each under the same hand, and a server that does what it is told."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import toolchains
from tests.clients.wavestack import speakers
from tests.clients.wavestack.scripted import Scripted, scripted

TYPESCRIPT = toolchains.TYPESCRIPT / "wavestack"


@pytest.fixture(scope="session")
def sdk() -> Path:
    """The folder of the TypeScript SDK, built."""
    compiler = toolchains.typescript_package() / "node_modules" / "typescript" / "bin" / "tsc"
    built = toolchains.run("node", str(compiler), "--project", "tsconfig.json", cwd=TYPESCRIPT)
    assert built.returncode == 0, built.stdout + built.stderr
    return TYPESCRIPT


@pytest.fixture(scope="session")
def node(sdk: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that makes calls of the TypeScript SDK."""
    driver = Path(__file__).with_name("driver.mjs")
    command = ("node", str(driver), str(sdk / "dist" / "src" / "index.js"))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)


@pytest.fixture(params=["python", "python-asyncio", "typescript"])
def speak(request: pytest.FixtureRequest) -> speakers.Speak:
    """Makes clients of each SDK in turn."""
    if request.param == "typescript":
        return speakers.typescript(request.getfixturevalue("node"))
    return {"python": speakers.blocking, "python-asyncio": speakers.asynchronous}[request.param]


@pytest.fixture
def server() -> Iterator[Scripted]:
    """A server that answers what the test says, and nothing else."""
    with scripted() as script:
        yield script
        script.check()
