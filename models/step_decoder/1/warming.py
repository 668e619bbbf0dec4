"""Compiles every kernel, or loads it from the cache, so that no request pays for it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from reelops.core.scoring.reading import Scope, read_takes
from reelops.core.scoring.windows import Layout

LAYOUT = Layout(windows=4, channels=2, grid=(3, 4), colours=3, glimpses=16, tones=4)
STEPS, WINDOWS, DIMENSIONS = 4, 40, 31
SEEN = (3, 12)  # channels and cells of a frame
CACHE = "NUMBA_CACHE_DIR"  # environment: the folder of the compiled kernels, and of the lock
LOCK = "step_decoder.lock"


def warm() -> None:
    """Has one instance compile what none has yet, and the others load it once it is there."""
    with _alone():
        _read_made_up_takes()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Waits for other instances of one cache; the system lets go of the lock of one that ends."""
    cache = os.environ.get(CACHE)
    if not cache:
        yield
        return
    Path(cache).mkdir(parents=True, exist_ok=True)
    with (Path(cache) / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read_made_up_takes() -> None:
    """Reads a made-up take: its steps taken for plain ones, for ones that are made of phases, and as flat vectors."""
    rng = np.random.default_rng(1)
    gold = np.repeat(rng.normal(size=(STEPS, DIMENSIONS)), WINDOWS // STEPS, axis=0)
    gold += 0.1 * rng.normal(size=gold.shape)
    trainee = gold + 0.1 * rng.normal(size=gold.shape)
    sides = [side.astype(np.float32) for side in (gold, trainee)]
    for side in sides:
        for part in (LAYOUT.moving(side), LAYOUT.palette(side)):
            part[...] **= 2  # no colour moves less than not at all
    takes = [side.reshape(WINDOWS // LAYOUT.windows, -1) for side in sides]
    # Each step looks another way, so that there are changes to tell pauses from phases among.
    seen = np.repeat(rng.normal(size=(STEPS, *SEEN)), WINDOWS // STEPS * LAYOUT.glimpses // LAYOUT.windows, axis=0)
    glimpses = (seen + 0.1 * rng.normal(size=seen.shape)).astype(np.float32).reshape(-1, LAYOUT.glimpses, *SEEN)
    phased = Scope(WINDOWS, WINDOWS, steps=np.arange(STEPS + 1) * (WINDOWS // STEPS), phased=True)
    for scope in (Scope(WINDOWS, WINDOWS), phased):
        read_takes(*takes, scope=scope, layout=LAYOUT, glimpses=glimpses)
    for take in takes:  # as a request's tensors are; where a vector is one map, that is what kernels are given
        take.flags.writeable = False
    read_takes(*takes, scope=Scope(len(takes[0]), len(takes[1])), layout=Layout())
