"""System shared memory whose names say who owns it, so that nothing outlives a killed process for long.

A region is a file in /dev/shm named `reelops-<pid>-<start>-<number>`, where start is the owner's start time: a later
process with the same pid is another owner.
"""

from __future__ import annotations

import contextlib
import itertools
import mmap
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps POSIX shared memory, not a temporary file
PREFIX = "reelops-"
_numbers = itertools.count()


class Region:
    """A mapped piece of shared memory of a fixed size."""

    def __init__(self, size: int) -> None:
        self.name = f"{PREFIX}{os.getpid()}-{_start_time(os.getpid())}-{next(_numbers)}"
        self.size = size
        descriptor = os.open(MEMORY / self.name, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            # Reserves the pages now: a full memory file system is an error here and not a SIGBUS later.
            os.posix_fallocate(descriptor, 0, size)
            self._map = mmap.mmap(descriptor, size)
        except BaseException:
            (MEMORY / self.name).unlink()
            raise
        finally:
            os.close(descriptor)

    @property
    def key(self) -> str:
        """The name that another process opens the region by."""
        return f"/{self.name}"

    def write(self, array: NDArray[np.generic], offset: int) -> int:
        """Copies the array to `offset`, and gives the number of bytes written."""
        target = np.ndarray(array.shape, array.dtype, buffer=self._map, offset=offset)
        np.copyto(target, array, casting="no")
        return array.nbytes

    def unlink(self) -> None:
        """Removes the name. Whoever has mapped the region keeps it until they let go."""
        (MEMORY / self.name).unlink(missing_ok=True)

    def close(self) -> None:
        self.unlink()
        with contextlib.suppress(BufferError):  # a view is still alive; the map goes with it
            self._map.close()


def available() -> bool:
    """Says whether this machine has shared memory that can be used."""
    return MEMORY.is_dir() and os.access(MEMORY, os.W_OK)


def owner_is_alive(name: str) -> bool:
    """Says whether the process that a region's name names still runs."""
    parts = name.removeprefix(PREFIX).split("-")
    if len(parts) != 3 or not parts[0].isdigit():
        return True  # not one of ours
    return _start_time(int(parts[0])) == parts[1]


def sweep() -> list[str]:
    """Removes the regions of processes that are gone, and gives their names."""
    stale = [path.name for path in MEMORY.glob(f"{PREFIX}[0-9]*") if not owner_is_alive(path.name)]
    for name in stale:
        (MEMORY / name).unlink(missing_ok=True)
    return stale


def sweep_prefix(prefix: str) -> list[str]:
    """Removes every region whose name begins with `prefix`, and gives the names."""
    names = [path.name for path in MEMORY.glob(f"{prefix}*")]
    for name in names:
        (MEMORY / name).unlink(missing_ok=True)
    return names


def _start_time(pid: int) -> str:
    """Gives when a process started, in clock ticks since boot, or "" when there is no such process."""
    try:
        # The second field is the program's name in brackets and may hold anything.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""
