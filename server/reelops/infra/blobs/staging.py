"""Files that are still being received: they become blobs when they are whole, or vanish."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from reelops import errors
from reelops.infra.blobs.store import storage_error


class StagedFile:
    """One file that is being received. `size` is in bytes, `sha256` in hexadecimal once it is closed."""

    def __init__(self, path: Path, file: BinaryIO, max_bytes: int) -> None:
        self.path = path
        self.size = 0
        self.sha256 = ""
        self._file = file
        self._digest = hashlib.sha256()
        self._max_bytes = max_bytes

    async def write(self, chunk: bytes) -> None:
        """Adds bytes. Raises `TooLarge("UPLOAD_TOO_LARGE")` and `Unavailable("STORAGE_FULL")`."""
        self.size += len(chunk)
        if self.size > self._max_bytes:
            limit = self._max_bytes // (1024 * 1024)
            raise errors.TooLarge("UPLOAD_TOO_LARGE", f"the file is larger than the limit of {limit} MB")
        try:
            await asyncio.to_thread(self._write, chunk)
        except OSError as error:
            raise storage_error(error) from error

    async def close(self) -> None:
        """Ends the receiving."""
        try:
            await asyncio.to_thread(self._file.close)
        except OSError as error:
            raise storage_error(error) from error
        self.sha256 = self._digest.hexdigest()

    def _write(self, chunk: bytes) -> None:
        self._file.write(chunk)
        self._digest.update(chunk)


class Staging:
    """A folder on the file system of the blobs, so that a whole file is moved and not copied."""

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        folder.mkdir(parents=True, exist_ok=True)

    @contextlib.asynccontextmanager
    async def receive(self) -> AsyncIterator[StagedFile]:
        """Opens a file to receive into; what was not moved away is removed at the end, whatever happens."""
        path = self._folder / f"{os.getpid()}-{uuid4().hex}.part"
        try:
            file = await asyncio.to_thread(path.open, "wb", 0)
        except OSError as error:
            raise storage_error(error) from error
        try:
            yield StagedFile(path, file, self._max_bytes)
        finally:
            await asyncio.to_thread(_discard, file, path)

    def sweep(self, *, older_than_sec: float) -> int:
        """Removes what killed processes left behind and returns how many files that were."""
        count = 0
        for path in self._folder.glob("*.part"):
            with contextlib.suppress(FileNotFoundError):
                if _is_abandoned(path, older_than_sec):
                    path.unlink()
                    count += 1
        return count


def _discard(file: BinaryIO, path: Path) -> None:
    with contextlib.suppress(OSError):
        file.close()
    path.unlink(missing_ok=True)


def _is_abandoned(path: Path, older_than_sec: float) -> bool:
    """Says whether the receiving process is gone, or has not written for long (it may be on another machine)."""
    if time.time() - path.stat().st_mtime > older_than_sec:
        return True
    pid = int(path.name.split("-", 1)[0])
    return not Path(f"/proc/{pid}").exists() and Path("/proc/self").exists()
