"""What client tests stand on: a service to speak to, and two takes to upload.

`service` is the fake unless REELOPS_TEST_SERVICE names a real one, as JSON: {"grpc_address": "127.0.0.1:50051",
"tokens": {"viewer": "...", "operator": "...", "admin": "..."}, "gold": "gold.mp4", "trainee": "trainee.mp4"}.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients import sopilot_fake


@dataclass(frozen=True, slots=True)
class Service:
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
def service(request: pytest.FixtureRequest) -> Service:
    named = os.environ.get("REELOPS_TEST_SERVICE")
    if named:
        said = json.loads(named)
        return Service(said["grpc_address"], said["tokens"])
    fake: sopilot_fake.FakeService = request.getfixturevalue("fake")
    return Service(fake.grpc_address, fake.tokens)


@pytest.fixture
def takes(tmp_path: Path) -> Takes:
    named = os.environ.get("REELOPS_TEST_SERVICE")
    if named:
        said = json.loads(named)
        return Takes(Path(said["gold"]), Path(said["trainee"]))
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    noise = random.Random(seed)
    gold, trainee = tmp_path / "gold ゴールド.mp4", tmp_path / "trainee.mp4"
    gold.write_bytes(noise.randbytes(2_500_000))
    trainee.write_bytes(noise.randbytes(300_000))
    return Takes(gold, trainee)
