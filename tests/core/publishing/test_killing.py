"""Timers outlive the processes that keep them: workers are killed, and items are published late, never early."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from reelops.core.publishing.model import ItemState

from tests.core.publishing.conftest import Desk, later, wanted

pytestmark = [pytest.mark.faults, pytest.mark.slow]

Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal"
    path.touch()
    return path


@pytest.fixture
def start(database_url: str, journal: Path) -> Iterator[Start]:
    """Gives a starter of worker processes; those that are left are killed at the end."""
    running: list[subprocess.Popen[bytes]] = []

    def begin() -> subprocess.Popen[bytes]:
        arguments = json.dumps({"url": database_url, "journal": str(journal)})
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        program = [sys.executable, "-m", "tests.core.publishing.publishing_process", arguments]
        running.append(subprocess.Popen(program, env=environment))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.wait()


async def test_items_are_published_after_their_time_whoever_is_killed(desk: Desk, journal: Path, start: Start) -> None:
    seed = random.SystemRandom().randrange(2**31)
    print(f"seed {seed}")
    rng = random.Random(seed)
    asset = await desk.add_asset()
    begun = later()
    items = {}
    for number in range(12):
        moment = later(seconds=rng.uniform(0.0, 6.0))
        item = await desk.create(wanted(str(number), asset_id=asset.asset_id, schedule_at=moment))
        items[item.item_id] = item
    first = start()
    while not journal.read_text():  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0.02)
    await asyncio.sleep(rng.uniform(0.0, 1.0))
    first.kill()
    first.wait()
    start()
    for item in items.values():
        assert (await desk.outcome(item)).state is ItemState.published
    lines = [line.split() for line in journal.read_text().splitlines()]
    assert {item_id for item_id, _ in lines} == set(items)
    for item_id, published_at in lines:
        due = items[item_id].schedule_at or begun
        assert (datetime.fromisoformat(published_at) - due).total_seconds() > -0.005


async def test_what_fell_due_while_nobody_worked_is_published_then(desk: Desk, journal: Path, start: Start) -> None:
    asset = await desk.add_asset()
    item = await desk.create(wanted(asset_id=asset.asset_id, schedule_at=later(seconds=0.1)))
    await asyncio.sleep(0.2)
    start()
    assert (await desk.outcome(item)).state is ItemState.published
    # Two platforms, once each: nobody was killed.
    assert [line.split()[0] for line in journal.read_text().splitlines()] == [item.item_id] * 2
