"""Blobs by key, over obstore: `raw/video_42.mp4`, `reports/score_….pdf`."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from reelops import errors

CHUNK_BYTES = 1024 * 1024
# What a writer that was killed leaves in a folder: obstore's `name#1`, and our own copies.
_UNFINISHED = re.compile(r".+#\d+|\..+\.part")
_FULL = (28, 122)


@dataclass(frozen=True, slots=True)
class BlobInfo:
    """What is known of a blob without reading it. `size` is in bytes."""

    key: str
    size: int
    modified_at: datetime
    etag: str


def open_blobs(location: str) -> BlobStore:
    """Opens a folder's path (made when it is missing) or a URL such as `s3://bucket/prefix`."""
    if "://" in location:
        return BlobStore(from_url(location), location.rstrip("/"), folder=None)
    folder = Path(location).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return BlobStore(LocalStore(prefix=folder), str(folder), folder=folder)


class BlobStore:
    """Blobs of one folder or bucket. A blob is seen whole or not at all. Keys are made by us, never by callers."""

    def __init__(self, store: ObjectStore, location: str, *, folder: Path | None) -> None:
        self._store = store
        self._location = location
        self._folder = folder

    def describe(self, key: str) -> str:
        """Returns the path or URL by which a person finds the blob."""
        return f"{self._location}/{key}"

    async def put_bytes(self, key: str, data: bytes) -> None:
        """Writes a blob, replacing one of the same key."""
        with _translated():
            await obstore.put_async(self._store, key, data)

    async def put_file(self, key: str, path: Path) -> None:
        """Moves a local file into the store; in a folder on the same file system nothing is copied."""
        with _translated():
            if self._folder is not None:
                await asyncio.to_thread(_move, path, self._folder / key)
                return
            await obstore.put_async(self._store, key, path)
            await asyncio.to_thread(path.unlink)

    async def get_bytes(self, key: str) -> bytes:
        """Reads a blob whole. Raises `NotFound("BLOB_NOT_FOUND")`."""
        with _translated():
            answer = await obstore.get_async(self._store, key)
            return bytes(await answer.bytes_async())

    async def stream(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Reads bytes `start` up to but not including `end`, in chunks of at most 1 MiB."""
        with _translated():
            if self._folder is not None:
                async for chunk in _read_file(self._folder / key, start, end):
                    yield chunk
                return
            size = end if end is not None else (await self.head(key)).size
            for at in range(start, size, CHUNK_BYTES):
                yield bytes(await obstore.get_range_async(self._store, key, start=at, end=min(size, at + CHUNK_BYTES)))

    async def head(self, key: str) -> BlobInfo:
        """Tells size, time and entity tag. Raises `NotFound("BLOB_NOT_FOUND")`."""
        with _translated():
            found = await obstore.head_async(self._store, key)
        tag = str(found["e_tag"] or f"{found['size']:x}-{found['last_modified'].timestamp():.6f}").strip('"')
        return BlobInfo(key, found["size"], found["last_modified"], tag)

    async def exists(self, key: str) -> bool:
        """Says whether the blob is there."""
        try:
            await self.head(key)
        except errors.NotFound:
            return False
        return True

    async def delete(self, keys: Iterable[str]) -> list[str]:
        """Deletes blobs and returns the keys of those that were there."""
        removed = []
        for key in keys:
            if not await self.exists(key):
                continue
            with contextlib.suppress(errors.NotFound), _translated():
                await obstore.delete_async(self._store, key)
                removed.append(key)
        return removed

    async def list(self, prefix: str) -> list[BlobInfo]:
        """Lists the blobs whose keys begin with the folder `prefix`."""
        return [info async for page in self.pages(prefix) for info in page]

    async def pages(self, prefix: str, *, size: int = 500) -> AsyncIterator[Sequence[BlobInfo]]:
        """Lists the same in pages of at most `size`, so that a folder of any length takes little memory."""
        with _translated():
            async for batch in obstore.list(self._store, prefix=prefix.rstrip("/"), chunk_size=size):
                yield [_info(entry) for entry in batch]

    async def sweep_unfinished(self, *, older_than_sec: float) -> int:
        """Removes what writers that were killed left in the folder and returns how many files that were.

        A bucket has nothing of the kind: there an object appears whole or not at all.
        """
        if self._folder is None:
            return 0
        return await asyncio.to_thread(_sweep_unfinished, self._folder, time.time() - older_than_sec)

    @contextlib.asynccontextmanager
    async def local(self, key: str) -> AsyncIterator[Path]:
        """Gives a local file with the blob's bytes, for programs that need a path. Not to be written to."""
        if self._folder is not None:
            if not await asyncio.to_thread((self._folder / key).is_file):
                raise errors.NotFound("BLOB_NOT_FOUND", f"there is no file {key}")
            yield self._folder / key
            return
        with tempfile.TemporaryDirectory(prefix="reelops-") as folder:
            copy = Path(folder) / Path(key).name
            with copy.open("wb") as file:
                async for chunk in self.stream(key):
                    await asyncio.to_thread(file.write, chunk)
            yield copy


def _info(entry: Any) -> BlobInfo:
    return BlobInfo(entry["path"], entry["size"], entry["last_modified"], str(entry["e_tag"] or ""))


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != 18:  # another file system
            raise
        beside = target.with_name(f".{target.name}.part")
        try:
            with source.open("rb") as reader, beside.open("wb") as writer:
                while chunk := reader.read(CHUNK_BYTES):
                    writer.write(chunk)
            beside.replace(target)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        source.unlink()


def _sweep_unfinished(folder: Path, before: float) -> int:
    count = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            if _UNFINISHED.fullmatch(path.name) and path.is_file() and path.stat().st_mtime < before:
                path.unlink()
                count += 1
    return count


async def _read_file(path: Path, start: int, end: int | None) -> AsyncIterator[bytes]:
    """Reads a file in threads, one chunk ahead of the one that is being sent."""
    file = await asyncio.to_thread(path.open, "rb", 0)
    pending: asyncio.Task[bytes] | None = None
    try:
        left = (end if end is not None else sys.maxsize) - start
        await asyncio.to_thread(file.seek, start)
        pending = asyncio.create_task(asyncio.to_thread(file.read, min(CHUNK_BYTES, left)))
        while chunk := await pending:
            left -= len(chunk)
            pending = asyncio.create_task(asyncio.to_thread(file.read, min(CHUNK_BYTES, left)))
            yield chunk
    finally:
        if pending is not None:
            # The file must not be closed while a thread reads it.
            await asyncio.wait([pending])
        await asyncio.to_thread(file.close)


@contextlib.contextmanager
def _translated() -> Any:
    """Turns what stores raise into errors of ours."""
    try:
        yield
    except FileNotFoundError as error:
        raise errors.NotFound("BLOB_NOT_FOUND", "the file is gone") from error
    except (OSError, BaseError) as error:
        raise storage_error(error) from error


def storage_error(error: OSError | BaseError) -> errors.ReelOpsError:
    """Says in our words why the storage refused: full, read-only, or away."""
    # obstore tells the system's number in its text alone.
    number = error.errno if isinstance(error, OSError) else _system_error(str(error))
    if number in _FULL:
        return errors.Unavailable("STORAGE_FULL", "there is no space left to store files")
    return errors.Unavailable("STORAGE_UNAVAILABLE", "the file storage does not answer")


def _system_error(text: str) -> int | None:
    match = re.search(r"\(os error (\d+)\)", text)
    return int(match.group(1)) if match else None
