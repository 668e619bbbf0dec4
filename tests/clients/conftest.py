"""What client tests stand on: somewhere to speak to, and two takes. A fake, unless a test class says otherwise."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients import sopilot_fake, toolchains


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A service that clients can speak to."""

    grpc_address: str
    tokens: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Takes:
    """Two videos of one task."""

    gold: Path
    trainee: Path


@pytest.fixture
def fake() -> Iterator[sopilot_fake.FakeService]:
    with sopilot_fake.running() as service:
        yield service


@pytest.fixture
def endpoint(fake: sopilot_fake.FakeService) -> Endpoint:
    return Endpoint(fake.grpc_address, fake.tokens)


@pytest.fixture
def takes(tmp_path: Path) -> Takes:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    noise = random.Random(seed)
    gold, trainee = tmp_path / "gold ゴールド.mp4", tmp_path / "trainee.mp4"
    gold.write_bytes(noise.randbytes(2_500_000))
    trainee.write_bytes(noise.randbytes(300_000))
    return Takes(gold, trainee)


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return tmp_path / "Bericht ü.pdf"


@pytest.fixture(scope="session")
def typescript() -> Path:
    package = toolchains.typescript_package()
    built = toolchains.run("node", "node_modules/typescript/bin/tsc", "--project", "tsconfig.json", cwd=package)
    assert built.returncode == 0, built.stdout + built.stderr
    return package


@pytest.fixture(scope="session")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("go") / "score_a_take"
    module = toolchains.go_module()
    built = toolchains.run(
        "go", "build", "-o", str(program), "./examples/score_a_take", cwd=module, GOTOOLCHAIN="local"
    )
    assert built.returncode == 0, built.stderr
    return program
