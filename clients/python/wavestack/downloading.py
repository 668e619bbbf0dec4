"""Writing what is downloaded, so that the file is there whole or not at all."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .calls import Call, Caller
from .errors import IncompleteDownloadError, UnauthorizedError, UnexpectedAnswerError, WaveStackError
from .retrying import helps
from .sending import checked
from .transport import Answer, Request

OnProgress = Callable[[int, int | None], None]
StrPath = Path | str | os.PathLike[str]


async def download(caller: Caller, call: Call, path: StrPath, *, on_progress: OnProgress | None = None) -> Path:
    """Writes a file of the service to `path` and returns it.

    The bytes go to a temporary file beside it, which takes the name when all of them are there and on disk. Where the
    connection is lost, the rest is asked for by its range, unless the file has changed meanwhile. `on_progress` gets
    the bytes that are there and the whole size, where that is known.
    """
    goal = Path(path)
    blocking = caller.sender.transport.blocking
    beside = goal.with_name(f".{uuid.uuid4().hex}.part")
    file = await blocking(lambda: beside.open("xb"))
    try:
        with file:
            await _fetch(caller, call, _Target(file), on_progress)
            await blocking(lambda: _settle(file))
        await blocking(lambda: beside.replace(goal))
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return goal


@dataclass(slots=True)
class _Target:
    """The file that grows, and what the service said of it: its whole size and its tag."""

    file: BinaryIO
    written: int = 0
    total: int | None = None
    etag: str = ""

    def headers(self) -> dict[str, str]:
        """Returns what asks for the rest; for all of it where a part may not fit what is there."""
        plain = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if not self.written or not self.etag:
            return plain
        return {**plain, "Range": f"bytes={self.written}-", "If-Range": self.etag}

    def begin(self, answer: Answer) -> None:
        """Reads the headers of an answer: goes on where it was for the range that was asked for, else starts anew."""
        checked(answer)
        if answer.status == 206:
            ranged = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("content-range", ""))
            if ranged is None or int(ranged[1]) != self.written:
                raise UnexpectedAnswerError("the service sent another part of the file than was asked for")
            return
        self.file.seek(0)
        self.file.truncate()
        self.written = 0
        length, tag = answer.headers.get("content-length", ""), answer.headers.get("etag", "")
        self.total = int(length) if length.isdecimal() else None
        self.etag = "" if tag.startswith("W/") else tag

    def write(self, data: bytes) -> None:
        self.file.write(data)
        self.written += len(data)


async def _fetch(caller: Caller, call: Call, target: _Target, on_progress: OnProgress | None) -> None:
    """Fetches until all is there. As many attempts as usual may bring nothing before it gives up."""
    sender, misses, renewed = caller.sender, 0, not caller.tokens.renewable
    while True:
        before, token = target.written, await caller.tokens.get()
        try:
            await _stream(caller, call, token, target, on_progress)
            break
        except UnauthorizedError:
            if renewed:
                raise
            renewed = True
            await caller.tokens.discard(token)
            continue
        except WaveStackError as failure:
            misses = 1 if target.written > before else misses + 1
            pause = sender.retry.pause(failure, misses) if _may_go_on(failure) else None
            if pause is None:
                raise
        await sender.transport.sleep(pause)
    if target.total is not None and target.written != target.total:
        raise IncompleteDownloadError(f"{target.written} bytes came where {target.total} were announced")


def _may_go_on(failure: WaveStackError) -> bool:
    return helps(failure, repeatable=True) or isinstance(failure, TimeoutError)


async def _stream(caller: Caller, call: Call, token: str, target: _Target, on_progress: OnProgress | None) -> None:
    transport = caller.sender.transport
    request = Request(call.method, caller.url(call), {**caller.headers(token), **target.headers()})
    timeout = call.timeout_sec or caller.timeout_sec
    async with aclosing(transport.receive(request, timeout=timeout, on_answer=target.begin)) as pieces:
        async for piece in pieces:
            await transport.blocking(lambda piece=piece: target.write(piece))  # type: ignore[misc]
            if on_progress:
                on_progress(target.written, target.total)


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
