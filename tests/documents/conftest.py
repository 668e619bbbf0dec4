"""What the tests of the documents share: a few videos, made once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from reelops.infra.media.synthesis import make_demo_pair, make_procedure

from tests.flow import ingest, upload, wait
from tests.service_fixture import RunningService

TASK, OTHER_TASK = "replay 作業", "replay other"


@dataclass(frozen=True, slots=True)
class Stock:
    """Videos of the service and their files. `trainee_job` is the ingest of the trainee's video."""

    gold: int
    trainee: int
    trainee_job: str
    foreign: int
    short: int
    gold_file: Path
    trainee_file: Path
    tiny_file: Path


@pytest.fixture(scope="session")
def stock(service: RunningService, tmp_path_factory: pytest.TempPathFactory) -> Stock:
    """A gold and a trainee video of one task, another task's video, and one that is too short to score."""
    folder = tmp_path_factory.mktemp("stock")
    gold, trainee = make_demo_pair(folder, seconds_per_step=4.0)
    tiny = make_procedure(folder / "tiny.mp4", steps=("plate",), seconds_per_step=2.0, size=(320, 180))
    with service.client("operator") as client:
        job = upload(client, trainee, TASK, site_id="工場 A", camera_id="cam_01", operator_id_hash="abc123")
        return Stock(
            gold=ingest(client, gold, TASK, gold=True),
            trainee=int(wait(client, f"/videos/jobs/{job}")["video_id"]),
            trainee_job=job,
            foreign=ingest(client, gold, OTHER_TASK, gold=True),
            short=ingest(client, tiny, TASK),
            gold_file=gold,
            trainee_file=trainee,
            tiny_file=tiny,
        )


@pytest.fixture
def admin(service: RunningService) -> Iterator[httpx2.Client]:
    """A client that may do everything."""
    with service.client("admin") as client:
        yield client


@pytest.fixture
def operator(service: RunningService) -> Iterator[httpx2.Client]:
    """A client that may upload and score."""
    with service.client("operator") as client:
        yield client


@pytest.fixture
def viewer(service: RunningService) -> Iterator[httpx2.Client]:
    """A client that may look."""
    with service.client("viewer") as client:
        yield client


@pytest.fixture
def nobody(service: RunningService) -> Iterator[httpx2.Client]:
    """A client without credentials."""
    with service.client(None) as client:
        yield client
