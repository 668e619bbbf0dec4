"""Opening a source inside a job: how far it is, and when to stop waiting for a host that is away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from reelops import errors
from reelops.core.sourcing import SourceKind, SourceRef, Sources
from reelops.infra.database import utc_now
from reelops.infra.jobs import JobContext

_PATIENCE = timedelta(minutes=2)
_GUESS_BYTES = 256 << 20


@asynccontextmanager
async def opened(sources: Sources, ref: SourceRef, ctx: JobContext, *, share: float) -> AsyncIterator[Path]:
    """Gives the source as a local file. Fetching a URL takes the job's progress from 0 to `share`.

    A host that is away is waited for until two minutes after the job was asked for; then
    `Invalid("SOURCE_UNAVAILABLE")` ends it.
    """
    async with AsyncExitStack() as stack:
        source = sources.open(ref, on_progress=_noting(ctx, share), cancelled=ctx.must_stop)
        try:
            path = await stack.enter_async_context(source)
        except errors.Unavailable as error:
            if ref.kind is not SourceKind.URL or utc_now() - ctx.job.queued_at < _PATIENCE:
                raise
            raise errors.Invalid("SOURCE_UNAVAILABLE", error.message) from error
        yield path


def _noting(ctx: JobContext, share: float) -> Callable[[int, int | None], None]:
    def note(received: int, announced: int | None) -> None:
        # A length that nobody announced is guessed, so that the share is never reached before the end.
        part = received / announced if announced else received / (received + _GUESS_BYTES)
        ctx.note(share * min(1.0, part), "fetching")

    return note
