"""Reading what is uploaded, a piece at a time."""

from __future__ import annotations

import io
import os
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable
from contextlib import aclosing
from pathlib import Path
from typing import BinaryIO, cast

from reelops.api.sopilot.v1 import ingest_service_pb2 as pb

from .transport import Transport

Source = str | os.PathLike[str] | bytes | BinaryIO | Iterable[bytes] | AsyncIterable[bytes]
"""A path, the bytes themselves, an open binary file, or something that yields bytes."""
OnProgress = Callable[[int, int | None], None]
"""Gets the bytes sent so far and their total, None where that is not known."""
CHUNK_BYTES = 1024 * 1024


def filename_of(source: Source) -> str:
    """Returns the name that the source has, "" where it has none."""
    name = source if isinstance(source, str | os.PathLike) else getattr(source, "name", "")
    return Path(name).name if isinstance(name, str | os.PathLike) else ""


async def requests(
    transport: Transport, source: Source, description: pb.UploadDescription, on_progress: OnProgress | None
) -> AsyncGenerator[pb.UploadVideoRequest, None]:
    """Yields the description, then the source's bytes in pieces of at most 1 MiB, never holding more than one."""
    sent, total = 0, await transport.blocking(lambda: _size(source))
    if total is not None:
        description.size_bytes = total
    yield pb.UploadVideoRequest(description=description)
    async with aclosing(_pieces(transport, source)) as pieces:
        async for piece in pieces:
            yield pb.UploadVideoRequest(chunk=piece)
            sent += len(piece)
            if on_progress:
                on_progress(sent, total)


def _size(source: Source) -> int | None:
    if isinstance(source, str | os.PathLike):
        return Path(source).stat().st_size
    if isinstance(source, bytes):
        return len(source)
    if isinstance(source, io.IOBase) and source.seekable():
        here = source.tell()
        end = source.seek(0, os.SEEK_END)
        source.seek(here)
        return end - here
    return None


async def _pieces(transport: Transport, source: Source) -> AsyncGenerator[bytes, None]:
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        file = await transport.blocking(lambda: path.open("rb"))
        try:
            async for piece in _read(transport, file):
                yield piece
        finally:
            file.close()
    elif isinstance(source, bytes):
        for piece in _cut(source):
            yield piece
    elif isinstance(source, AsyncIterable):
        async for block in source:
            for piece in _cut(block):
                yield piece
    elif hasattr(source, "read"):
        async for piece in _read(transport, cast(BinaryIO, source)):
            yield piece
    else:
        async for piece in _draw(transport, source):
            yield piece


async def _read(transport: Transport, file: BinaryIO) -> AsyncIterator[bytes]:
    while piece := await transport.blocking(lambda: file.read(CHUNK_BYTES)):
        if not isinstance(piece, bytes):
            raise TypeError("the file to upload must be opened in binary mode")
        yield piece


async def _draw(transport: Transport, blocks: Iterable[bytes]) -> AsyncIterator[bytes]:
    following = iter(blocks)
    while (block := await transport.blocking(lambda: next(following, None))) is not None:
        for piece in _cut(block):
            yield piece


def _cut(block: bytes) -> Iterable[bytes]:
    if len(block) <= CHUNK_BYTES:
        return (block,) if block else ()
    view = memoryview(block)
    return (bytes(view[start : start + CHUNK_BYTES]) for start in range(0, len(block), CHUNK_BYTES))
