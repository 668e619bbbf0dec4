"""Regions in shared memory, and what becomes of those whose owner was killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from reelops.infra.inference import shared_memory
from reelops.infra.inference.shared_memory import MEMORY, Region

SERVER = Path(shared_memory.__file__).resolve().parents[3]
ABANDON = """
import os, signal
from reelops.infra.inference.shared_memory import Region
region = Region(4096)
print(region.name, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def abandoned_region() -> str:
    done = subprocess.run(
        [sys.executable, "-c", ABANDON], env={**os.environ, "PYTHONPATH": str(SERVER)}, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_what_is_written_is_there_under_the_key() -> None:
    region = Region(1 << 16)
    values = np.arange(100, dtype=np.int32)
    try:
        assert region.write(values, 64) == 400
        raw = (MEMORY / region.key.removeprefix("/")).read_bytes()
        assert len(raw) == 1 << 16
        np.testing.assert_array_equal(np.frombuffer(raw, np.int32, 100, offset=64), values)
    finally:
        region.close()
    assert not (MEMORY / region.name).exists()


def test_a_view_that_is_not_contiguous_is_written_in_order() -> None:
    region = Region(4096)
    turned = np.arange(12, dtype=np.uint8).reshape(3, 4).T
    try:
        region.write(turned, 0)
        assert (MEMORY / region.name).read_bytes()[:12] == turned.tobytes()
    finally:
        region.close()


def test_the_regions_of_a_killed_process_are_swept_and_those_of_the_living_stay() -> None:
    stale, mine = abandoned_region(), Region(4096)
    try:
        assert (MEMORY / stale).exists()
        assert not shared_memory.owner_is_alive(stale)
        assert shared_memory.owner_is_alive(mine.name)
        shared_memory.sweep()
        assert not (MEMORY / stale).exists()
        assert (MEMORY / mine.name).exists()
    finally:
        mine.close()


def test_a_later_process_with_the_same_pid_is_another_owner() -> None:
    assert not shared_memory.owner_is_alive(f"reelops-{os.getpid()}-1-0")


def test_what_is_not_ours_is_left_alone() -> None:
    assert shared_memory.owner_is_alive("psm_1234")
    assert shared_memory.owner_is_alive("reelops-triton-9101-abc-def")
