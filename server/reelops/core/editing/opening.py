"""Opening a source inside a job: how far it is, when to stop waiting, and whose turn it is to compute."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from reelops import errors
from reelops.core.sourcing import SourceRef, Sources
from reelops.infra.database import utc_now
from reelops.infra.jobs import JobContext

_GUESS_BYTES = 256 << 20
# Codes that begin so are the host's failure. All else that is away for now is ours.
_OF_HOSTS = "SOURCE_"
_FULL = "STORAGE_FULL"
_LOOK_SEC = 0.5


def opened(sources: Sources, ref: SourceRef, ctx: JobContext, *, share: float) -> AbstractAsyncContextManager[Path]:
    """Gives the source as a local file. Fetching a URL takes the job's progress from 0 to `share`."""
    return sources.open(ref, on_progress=_noting(ctx, share), cancelled=ctx.must_stop)


@asynccontextmanager
async def patience(ctx: JobContext, lasts: timedelta) -> AsyncIterator[None]:
    """Lets a job wait for what is away for now, but not for all of it for ever.

    A host that is away ends the job as `Invalid` with the host's code, and a full disk as `Exhausted("STORAGE_FULL")`,
    when that long has passed since the job began. A database or a file storage that is away is waited for however long.
    """
    try:
        yield
    except errors.Unavailable as error:
        begun = ctx.job.started_at or ctx.job.queued_at
        if utc_now() - begun < lasts:
            raise
        if error.code.startswith(_OF_HOSTS):
            raise errors.Invalid(error.code, error.message) from error
        if error.code == _FULL:
            raise errors.Exhausted(error.code, error.message) from error
        raise


@asynccontextmanager
async def turn(ctx: JobContext, turns: asyncio.Semaphore) -> AsyncIterator[None]:
    """Waits for one of the turns to compute, and gives it back.

    Many sources may be fetched at once, as that is mostly waiting; a host that is slow then keeps nobody else from
    being served. Raises what `ctx.report` raises when the job is cancelled meanwhile.
    """
    while True:
        try:
            async with asyncio.timeout(_LOOK_SEC):
                await turns.acquire()
            break
        except TimeoutError:
            ctx.check()
    try:
        yield
    finally:
        turns.release()


def _noting(ctx: JobContext, share: float) -> Callable[[int, int | None], None]:
    def note(received: int, announced: int | None) -> None:
        # A length that nobody announced is guessed, so that the share is never reached before the end.
        part = received / announced if announced else received / (received + _GUESS_BYTES)
        ctx.note(share * min(1.0, part), "fetching")

    return note
