"""The clients on the whole service: straight to the gRPC server, and through the edge."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from reelops_client import Job, ReelOps, Unavailable, verify_export

from tests.clients import test_examples
from tests.clients.conftest import Endpoint, Takes
from tests.clients.contract import ClientContract, a_task
from tests.media import write_video
from tests.service_fixture import RunningService

pytestmark = [pytest.mark.slow, pytest.mark.triton, pytest.mark.edge, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Takes:
    """Two takes of twenty seconds, a bar that moves across the picture, the second one with its halves exchanged."""
    folder = tmp_path_factory.mktemp("takes")
    frames = [bar(number, 500) for number in range(500)]
    gold = write_video(folder / "gold ゴールド.mp4", count=500, frames=frames)
    trainee = write_video(folder / "trainee.mp4", count=500, frames=frames[250:] + frames[:250])
    return Takes(gold, trainee)


def bar(number: int, count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    picture = np.full((180, 320, 3), 90, np.uint8)
    left = number * 280 // count
    picture[60 + (number // 60 % 2) * 40 :, left : left + 40] = (220, 30 + number * 200 // count, 60)
    return picture


class OnTheService:
    @pytest.fixture(params=["server", "edge"])
    def endpoint(self, request: pytest.FixtureRequest, service: RunningService) -> Endpoint:
        address = service.grpc_address if request.param == "server" else service.edge_address
        return Endpoint(address, service.tokens)

    @pytest.fixture
    def takes(self, filmed: Takes) -> Takes:
        return filmed


class TestClient(OnTheService, ClientContract):
    def test_an_export_of_the_service_is_checked_without_it(self, endpoint: Endpoint, tmp_path: Path) -> None:
        with ReelOps(endpoint.grpc_address, token=endpoint.tokens["admin"]) as reelops:
            made = reelops.sopilot.audit.export(limit=20)
            data = reelops.sopilot.audit.download(made.export_id, tmp_path / "audit.json").read_bytes()
        check = verify_export(data, "test-signing-key")
        assert check.problems == ()
        assert (check.key_id, check.item_count) == (made.signature.key_id, made.item_count)
        assert not verify_export(data, "another key").genuine


def await_health(reelops: ReelOps) -> None:
    """Waits until the parts that were killed are back."""
    for _ in range(30):
        try:
            reelops.sopilot.health()
        except Unavailable:
            continue
        return
    pytest.fail("the service did not come back")


@pytest.mark.faults
@pytest.mark.parametrize("part", ["serve", "envoy"])
def test_waiting_goes_on_when_a_part_of_the_service_is_killed(
    service: RunningService, filmed: Takes, part: str
) -> None:
    with ReelOps(service.edge_address, token=service.tokens["operator"]) as reelops:
        killed: list[int] = []

        def kill(job: Job) -> None:
            if not killed:
                killed.append(service.pid_of(part))
                os.kill(killed[0], signal.SIGKILL)

        await_health(reelops)
        handle = reelops.sopilot.upload(filmed.gold, task_id=a_task())
        ingested = handle.wait(timeout=120, on_update=kill)
        videos = reelops.sopilot.videos.list(task_id=ingested.task_id)
        await_health(reelops)
    assert killed
    assert [video.video_id for video in videos] == [ingested.video_id]


class TestPythonExample(OnTheService, test_examples.TestPython):
    pass


class TestTypeScriptExample(OnTheService, test_examples.TestTypeScript):
    pass


class TestGoExample(OnTheService, test_examples.TestGo):
    pass
