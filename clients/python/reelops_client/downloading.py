"""Writing what is downloaded, so that the file is there whole or not at all."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from google.api.httpbody_pb2 import HttpBody
from google.protobuf.message import Message

from .calls import Caller, Deadline
from .errors import IncompleteTransfer, Unavailable
from .transport import Headers, Rpc

In = TypeVar("In", bound=Message)
OnProgress = Callable[[int, int | None], None]
ATTEMPTS_WITHOUT_PROGRESS = 5


async def download(
    caller: Caller,
    rpc: Rpc[In, HttpBody],
    request: In,
    path: Path | str | os.PathLike[str],
    *,
    on_progress: OnProgress | None = None,
    resume: bool = False,
) -> Path:
    """Writes a streamed body to `path` and returns it.

    The bytes go to a temporary file beside it, which takes the name when all of them are there and on disk. A lost
    connection is taken up again: from where it was with `resume`, where the service can send a range, else from the
    start.
    """
    goal = Path(path)
    file, name = await caller.transport.blocking(lambda: _create(goal))
    try:
        with file:
            await _fetch(caller, rpc, request, _Target(file), on_progress, resume=resume)
            await caller.transport.blocking(lambda: _settle(file))
        await caller.transport.blocking(lambda: name.replace(goal))
    except BaseException:
        name.unlink(missing_ok=True)
        raise
    return goal


@dataclass(slots=True)
class _Target:
    """The file that grows, and what the service said about its length."""

    file: BinaryIO
    written: int = 0
    total: int | None = None

    def begin(self, headers: dict[str, str]) -> None:
        """Reads the headers of an answer: goes on where it was for a range that fits, else starts from nothing."""
        ranged = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", headers.get("content-range", ""))
        if ranged is None or int(ranged[1]) != self.written:
            self.file.seek(0)
            self.file.truncate()
            self.written = 0
        if ranged is not None:
            self.total = None if ranged[2] == "*" else int(ranged[2])
        elif headers.get("x-content-length", "").isdigit():
            # gRPC keeps `content-length` for itself.
            self.total = int(headers["x-content-length"])

    def write(self, data: bytes) -> None:
        self.file.write(data)
        self.written += len(data)


async def _fetch(
    caller: Caller,
    rpc: Rpc[In, HttpBody],
    request: In,
    target: _Target,
    on_progress: OnProgress | None,
    *,
    resume: bool,
) -> None:
    deadline, misses = Deadline(caller.limits.transfer_sec), 0
    while True:
        before = target.written
        headers: Headers = (("range", f"bytes={before}-"),) if resume and before else ()
        try:
            await _stream(caller, rpc, request, target, on_progress, headers=headers, deadline=deadline)
            break
        except Unavailable as failure:
            misses = 1 if target.written > before else misses + 1
            if misses >= ATTEMPTS_WITHOUT_PROGRESS or not await caller.pause(misses, deadline, failure):
                raise
    if target.total is not None and target.written != target.total:
        raise IncompleteTransfer(
            f"{target.written} bytes came where {target.total} were announced", reason="LENGTH_MISMATCH"
        )


async def _stream(
    caller: Caller,
    rpc: Rpc[In, HttpBody],
    request: In,
    target: _Target,
    on_progress: OnProgress | None,
    *,
    headers: Headers,
    deadline: Deadline,
) -> None:
    stream = caller.transport.receive(
        rpc,
        request,
        timeout=deadline.left(caller.limits.transfer_sec),
        headers=headers,
        on_headers=target.begin,
    )
    async with aclosing(stream) as bodies:
        async for body in bodies:
            data = body.data
            await caller.transport.blocking(lambda data=data: target.write(data))  # type: ignore[misc]
            if on_progress:
                on_progress(target.written, target.total)


def _create(goal: Path) -> tuple[BinaryIO, Path]:
    handle, name = tempfile.mkstemp(prefix=f".{goal.name[:64]}.", suffix=".part", dir=goal.parent)
    try:
        # mkstemp allows nobody else to read; the finished file gets what any new file would get.
        mask = os.umask(0)
        os.umask(mask)
        os.fchmod(handle, 0o666 & ~mask)
        return os.fdopen(handle, "wb"), Path(name)
    except BaseException:
        os.close(handle)
        Path(name).unlink(missing_ok=True)
        raise


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
