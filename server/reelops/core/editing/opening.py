"""Opening a source inside a job: how far it is, and when to stop waiting."""

from __future__ import annotations

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


def _noting(ctx: JobContext, share: float) -> Callable[[int, int | None], None]:
    def note(received: int, announced: int | None) -> None:
        # A length that nobody announced is guessed, so that the share is never reached before the end.
        part = received / announced if announced else received / (received + _GUESS_BYTES)
        ctx.note(share * min(1.0, part), "fetching")

    return note
