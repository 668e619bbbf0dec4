"""The lock of a data folder: one `reelops up` works in it at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reelops import errors


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Holds the data folder for this process. Raises `Unavailable("DATA_IN_USE")`."""
    path = _path(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise errors.Unavailable("DATA_IN_USE", f"another `reelops up` uses {folder}") from None
        yield
    finally:
        os.close(handle)


def is_held(folder: Path) -> bool:
    """Says whether a `reelops up` works in the data folder now."""
    try:
        handle = os.open(_path(folder), os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def is_part(process: int, folder: Path) -> bool:
    """Says whether a process is, or was started by, the `reelops up` that holds the data folder."""
    if not is_held(folder):
        return False
    path = _path(folder).resolve()
    while process > 1:
        with contextlib.suppress(OSError):
            if any(link.readlink() == path for link in Path(f"/proc/{process}/fd").iterdir()):
                return True
        process = _parent(process)
    return False


def _parent(process: int) -> int:
    """Finds the process that started another, 0 where this system does not tell."""
    try:
        # The name in brackets may itself hold brackets and spaces.
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def _path(folder: Path) -> Path:
    return folder / "run" / "lock"
