"""Keeps encoders from putting themselves before everything else on the machine.

Run by root, SVT-AV1 gives its threads and the one that opens it the highest priority of real time (`SCHED_FIFO`, 99):
while they work nothing else runs, and every process that is started from there inherits it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_THREADS = Path("/proc/self/task")
_ONE_AT_A_TIME = threading.RLock()  # or another would take what an encoder has just set for what was there before


@contextmanager
def priorities_kept() -> Iterator[None]:
    """Leaves this process's threads with the scheduling that they had; those started within get the caller's.

    One thread at a time; another waits. Has no effect where the system has no `/proc` (macOS): encoders do not set
    priorities there.
    """
    with _ONE_AT_A_TIME:
        before = _schedules()
        own = before.get(threading.get_native_id())
        try:
            yield
        finally:
            for thread, now in _schedules().items():
                wanted = before.get(thread, own)
                if wanted is not None and now != wanted:
                    with suppress(ProcessLookupError):  # it has ended meanwhile
                        os.sched_setscheduler(thread, wanted[0], os.sched_param(wanted[1]))


def _schedules() -> dict[int, tuple[int, int]]:
    """Gives the policy and priority of each thread of this process, by its number."""
    found: dict[int, tuple[int, int]] = {}
    for entry in _THREADS.iterdir() if _THREADS.exists() else ():
        thread = int(entry.name)
        with suppress(ProcessLookupError):
            found[thread] = os.sched_getscheduler(thread), os.sched_getparam(thread).sched_priority
    return found
