"""Files that are still being received: they become blobs when they are whole, or vanish."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import os
import re
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from reelops import errors
from reelops.infra.blobs.store import storage_error

BLOCK_BYTES = 1024 * 1024
# Also what a program writes beside such a file before it puts its own in the place.
_NAME = re.compile(r"\.?(\d+)-[0-9a-f]+\..*")


class StagedFile:
    """One file that is being received. `size` is in bytes, `sha256` in hexadecimal once it is closed.

    Bytes are written in a thread, a block at a time, while the next block comes in: memory holds two blocks.
    """

    def __init__(self, path: Path, file: BinaryIO, max_bytes: int, reserve_bytes: int = 0) -> None:
        self.path = path
        self.size = 0
        self.sha256 = ""
        self._file = file
        self._digest = hashlib.sha256()
        self._max_bytes = max_bytes
        self._reserve_bytes = reserve_bytes
        self._block: list[bytes] = []
        self._block_bytes = 0
        self._writing: asyncio.Task[None] | None = None

    async def write(self, chunk: bytes) -> None:
        """Adds bytes. Raises `TooLarge("UPLOAD_TOO_LARGE")`; `Unavailable("STORAGE_FULL")` may come a block later."""
        self.size += len(chunk)
        self.check_size(self.size)
        self._block.append(chunk)
        self._block_bytes += len(chunk)
        if self._block_bytes >= BLOCK_BYTES:
            await self._begin_writing()

    def check_size(self, size: int) -> None:
        """Passes a size that may come, such as one that is announced. Raises `TooLarge("UPLOAD_TOO_LARGE")`."""
        if size > self._max_bytes:
            limit = self._max_bytes // (1024 * 1024)
            raise errors.TooLarge("UPLOAD_TOO_LARGE", f"the file is larger than the limit of {limit} MB")

    async def close(self) -> None:
        """Ends the receiving."""
        await self._begin_writing()
        await self._written()
        try:
            await asyncio.to_thread(self._file.close)
        except OSError as error:
            raise storage_error(error) from error
        self.sha256 = self._digest.hexdigest()

    async def discard(self) -> None:
        """Ends the receiving and removes what was not moved away."""
        if self._writing is not None:
            # The file must not be closed while a thread writes it.
            await asyncio.gather(self._writing, return_exceptions=True)
        await asyncio.to_thread(_discard, self._file, self.path)

    async def _begin_writing(self) -> None:
        await self._written()
        block, self._block, self._block_bytes = self._block, [], 0
        self._writing = asyncio.create_task(asyncio.to_thread(self._write, block))

    async def _written(self) -> None:
        if self._writing is None:
            return
        try:
            await asyncio.shield(self._writing)
        except OSError as error:
            raise storage_error(error) from error

    def _write(self, block: list[bytes]) -> None:
        if not _has_room(self.path.parent, self._reserve_bytes):
            raise OSError(errno.ENOSPC, "no room but what is kept free")
        for chunk in block:
            _write_whole(self._file, chunk)
            self._digest.update(chunk)


class Staging:
    """A folder on the file system of the blobs, so that a whole file is moved and not copied.

    `reserve_bytes` of the file system are left to others: a file that would need them is refused as on a full disk.
    """

    def __init__(self, folder: Path, *, max_bytes: int, reserve_bytes: int = 0) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._reserve_bytes = reserve_bytes
        folder.mkdir(parents=True, exist_ok=True)

    def has_room(self) -> bool:
        """Says whether more is free than what is left to others; blocking, and quick."""
        return _has_room(self._folder, self._reserve_bytes)

    @contextlib.asynccontextmanager
    async def receive(self) -> AsyncIterator[StagedFile]:
        """Opens a file to receive into; what was not moved away is removed at the end, whatever happens."""
        path = self._folder / f"{os.getpid()}-{uuid4().hex}.part"
        staged = StagedFile(path, await _create(path), self._max_bytes, self._reserve_bytes)
        try:
            yield staged
        finally:
            # A cancelled await would take the removal back while it waits for a thread.
            removing = asyncio.create_task(staged.discard())
            try:
                await asyncio.shield(removing)
            except asyncio.CancelledError:
                await asyncio.wait([removing])
                raise

    def sweep(self, *, older_than_sec: float) -> int:
        """Removes what killed processes left behind and returns how many files that were."""
        count = 0
        for path in self._folder.glob("*.part"):
            with contextlib.suppress(FileNotFoundError):
                if _is_abandoned(path, older_than_sec):
                    path.unlink()
                    count += 1
        return count


async def _create(path: Path) -> BinaryIO:
    """Makes the file. A sender who leaves meanwhile cannot stop the thread, so what it made is removed after it."""
    opening = asyncio.create_task(asyncio.to_thread(path.open, "wb", 0))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        await asyncio.wait([opening])
        if opening.exception() is None:
            _discard(opening.result(), path)
        raise
    except OSError as error:
        raise storage_error(error) from error


def _write_whole(file: BinaryIO, chunk: bytes) -> None:
    """Writes all of it: an unbuffered file may take less at a time."""
    written = file.write(chunk)
    while written < len(chunk):
        written += file.write(memoryview(chunk)[written:])


def _has_room(folder: Path, reserve_bytes: int) -> bool:
    return reserve_bytes <= 0 or shutil.disk_usage(folder).free > reserve_bytes


def _discard(file: BinaryIO, path: Path) -> None:
    with contextlib.suppress(OSError):
        file.close()
    path.unlink(missing_ok=True)


def _is_abandoned(path: Path, older_than_sec: float) -> bool:
    """Says whether the receiving process is gone, or has not written for long (it may be on another machine)."""
    if time.time() - path.stat().st_mtime > older_than_sec:
        return True
    match = _NAME.fullmatch(path.name)
    if match is None:
        return False
    pid = int(match[1])
    return not Path(f"/proc/{pid}").exists() and Path("/proc/self").exists()
