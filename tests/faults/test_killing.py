"""kill -9, twenty times, of worker, server and Envoy at random moments while uploads and scores go on."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from tests.faults.tidiness import await_tidy
from tests.flow import ingest, wait
from tests.service_fixture import RunningService

pytestmark = [pytest.mark.faults, pytest.mark.edge, pytest.mark.triton, pytest.mark.timeout(300)]

KILLS = 20
_PARTS = ("work", "serve", "envoy")
_PAUSE_SEC = (0.3, 2.0)


@dataclass(slots=True)
class Load:
    """Callers who upload and score, and take refusals and broken connections as they come."""

    service: RunningService
    film: Path
    gold: int
    trainee: int
    jobs: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self, seed: int) -> None:
        """Asks for one thing after another until it is stopped."""
        chance = random.Random(seed)
        while not self.stopped.is_set():
            with contextlib.suppress(httpx2.TransportError), self.service.client("operator") as client:
                self._upload(client) if chance.random() < 0.5 else self._score(client)
            time.sleep(chance.uniform(0.05, 0.4))

    def _upload(self, client: httpx2.Client) -> None:
        with self.film.open("rb") as file:
            answer = client.post("/videos", data={"task_id": "killing"}, files={"file": file})
        if self._is_taken(answer):
            self.jobs.append(f"/videos/jobs/{answer.json()['ingest_job_id']}")

    def _score(self, client: httpx2.Client) -> None:
        answer = client.post("/score", json={"gold_video_id": self.gold, "trainee_video_id": self.trainee})
        if self._is_taken(answer):
            self.jobs.append(f"/score/{answer.json()['score_job_id']}")

    def _is_taken(self, answer: httpx2.Response) -> bool:
        if answer.status_code not in (200, 502, 503, 504):
            self.wrong.append(f"{answer.status_code}: {answer.text[:200]}")
        return answer.status_code == 200


def test_everything_ends_whatever_is_killed(victim: RunningService, pair: tuple[Path, Path], film: Path) -> None:
    seed = int(os.environ.get("REELOPS_TEST_SEED") or random.SystemRandom().randrange(10_000))
    print(f"REELOPS_TEST_SEED={seed}")
    chance = random.Random(seed)
    with victim.client("operator") as client:
        gold, trainee = ingest(client, pair[0], "killing", gold=True), ingest(client, pair[1], "killing")
    load = Load(victim, film, gold, trainee)
    callers = [threading.Thread(target=load.run, args=(seed + number,)) for number in range(2)]
    for caller in callers:
        caller.start()
    try:
        for _ in range(KILLS):
            time.sleep(chance.uniform(*_PAUSE_SEC))
            _kill(victim, chance.choice(_PARTS))
    finally:
        load.stopped.set()
        for caller in callers:
            caller.join()
    assert not load.wrong
    assert load.jobs, "nothing was ever taken"
    _await_well(victim)
    with victim.client("operator") as client:
        ended = [wait(client, path, timeout_sec=150) for path in load.jobs]
        listed = client.get("/videos", params={"task_id": "killing", "limit": "500"}).json()["items"]
        trail = client.get("/audit/trail", params={"limit": "1"}).json()["items"]
    # Jobs that were answered for are never lost, and none fails: a killed worker is no reason.
    assert [job for job in ended if job["status"] != "completed"] == []
    made = [job["video_id"] for job in ended if "video_id" in job]
    assert len(set(made)) == len(made)
    assert set(made) <= {video["video_id"] for video in listed}
    assert trail
    await_tidy(victim.data, timeout_sec=100)


def _kill(service: RunningService, part: str) -> None:
    # It may be away already, from the time before.
    with contextlib.suppress(LookupError, ProcessLookupError):
        os.kill(service.pid_of(part), signal.SIGKILL)


def _await_well(service: RunningService) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx2.TransportError), service.client(None) as client:
            if client.get("/health").status_code == 200:
                return
        time.sleep(0.2)
    raise TimeoutError(service.output.read_text("utf-8", "replace")[-2000:])
