"""A service that is there to be hurt, apart from the one that all other tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from reelops.infra.media.synthesis import make_demo_pair, make_procedure

from tests.service_fixture import RunningService, running_service

SETTINGS = {
    "REELOPS_SWEEP_GRACE_SEC": "2",
    "REELOPS_DRAIN_SEC": "2",
    "SOPILOT_UPLOAD_MAX_MB": "16",
    "REELOPS_MEDIA_MAX_DURATION_SEC": "600",
}


@pytest.fixture(scope="package")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """The service that these tests share: whatever one does to it, the next must find it well."""
    with running_service(tmp_path_factory.mktemp("victim"), **SETTINGS) as running:
        yield running


@pytest.fixture(scope="package")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The files of a gold and a trainee video."""
    return make_demo_pair(tmp_path_factory.mktemp("pair"), seconds_per_step=4.0)


@pytest.fixture(scope="package")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small video of two clips."""
    steps = ("plate", "gear")
    return make_procedure(
        tmp_path_factory.mktemp("film") / "film.mp4", steps=steps, seconds_per_step=4.0, size=(320, 180)
    )
