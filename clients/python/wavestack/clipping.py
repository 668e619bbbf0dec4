"""The clipper: cuts clips out of videos, exact to the frame."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

from .calls import Call, Caller, segment
from .downloading import OnProgress, StrPath, download
from .errors import (
    ClipFailedError,
    RateLimitedError,
    UnexpectedAnswerError,
    WaveStackError,
    WaveStackTimeoutError,
)
from .models import Clip, ClipFormat, ClipResult, ClipStatus
from .queueing import to_failure
from .reading import Fields
from .retrying import Deadline, is_away

OnClip = Callable[[Clip], None]
WAIT_SEC = 1800.0
FIRST_POLL_SEC = 0.5
# With these, a clip that is created and waited for stays within ten requests in the first minute.
_POLL_GROWTH, _LONGEST_POLL_SEC = 1.8, 12.0
_OUTAGE_SEC = 300.0


class AsyncClipper:
    """Clips and the jobs that cut them."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def create(
        self, *, source: str, start_sec: float, duration_sec: float, out_ext: ClipFormat | None = None
    ) -> Clip:
        """Queues the cutting of a clip of 1 to 3600 s and returns its job; mp4 where no format is named.

        `source` is an http or https URL, the id of an asset, or a file below the service's media root. Every call makes
        a clip, so one whose answer is lost is not repeated.
        """
        body = {"source": source, "start_sec": start_sec, "duration_sec": duration_sec, "out_ext": out_ext}
        return to_clip(await self._caller.call(Call("clipper", "POST", "/api/v1/clip", body=body)))

    async def get(self, job_id: str) -> Clip:
        return await self._get(job_id, Deadline(None))

    async def wait(
        self,
        clip: Clip | str,
        *,
        timeout_sec: float | None = WAIT_SEC,
        on_progress: OnClip | None = None,
        poll_sec: float = FIRST_POLL_SEC,
    ) -> Clip:
        """Waits until a clip is complete; `on_progress` is told of each change.

        The pauses between looks grow from `poll_sec` to 12 s, and what the service says by `Retry-After` is kept. It
        goes on over five minutes without the service. Raises `ClipFailedError` and `WaveStackTimeoutError`.
        """
        job_id, deadline, patience = _job_id(clip), Deadline(timeout_sec), Deadline(_OUTAGE_SEC)
        pause, last = poll_sec, None
        while True:
            rest = pause
            try:
                now = await self._get(job_id, deadline)
            except WaveStackError as failure:
                rest = _rest(failure, pause, patience)
            else:
                patience = Deadline(_OUTAGE_SEC)
                if on_progress and now != last:
                    on_progress(now)
                last = now
                if now.status == "complete":
                    return now
                if now.status == "failed":
                    raise ClipFailedError(now)
            if deadline.left(rest + 1.0) <= rest:
                raise WaveStackTimeoutError(f"the clip {job_id} is not there after {timeout_sec:g} s")
            await self._caller.sender.transport.sleep(rest)
            pause = min(pause * _POLL_GROWTH, _LONGEST_POLL_SEC)

    async def download(self, clip: Clip | str, path: StrPath, *, on_progress: OnProgress | None = None) -> Path:
        """Writes a complete clip to `path`, whole or not at all; `on_progress` gets the bytes and the size."""
        known = clip if isinstance(clip, Clip) and clip.result else await self.get(_job_id(clip))
        if known.status == "failed":
            raise ClipFailedError(known)
        if known.result is None:
            raise WaveStackError(f"the clip {known.job_id} is {known.status}: wait for it first")
        call = Call("clipper", "GET", f"/files/{segment(file_name(known.result.url))}", repeatable=True)
        return await download(self._caller, call, path, on_progress=on_progress)

    async def _get(self, job_id: str, deadline: Deadline) -> Clip:
        call = Call("clipper", "GET", f"/api/v1/clip/{segment(job_id)}", repeatable=True)
        return to_clip(await self._caller.call(call, deadline=deadline))


def _job_id(clip: Clip | str) -> str:
    return clip if isinstance(clip, str) else clip.job_id


def _rest(failure: WaveStackError, pause: float, patience: Deadline) -> float:
    """Returns how long to wait after a look that failed; raises what no waiting helps with."""
    if isinstance(failure, RateLimitedError):
        return max(pause, failure.retry_after or 0.0)
    if patience.passed or not (is_away(failure) or isinstance(failure, WaveStackTimeoutError)):
        raise failure
    return pause


def file_name(url: str) -> str:
    """Returns the name of the file that a URL ends with.

    Files are asked for at the address that the caller gave, so that a token goes to no other.
    """
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    if name in ("", ".", ".."):
        raise UnexpectedAnswerError(f"the URL names no file: {url[:200]!r}")
    return name


def to_clip(fields: Fields) -> Clip:
    return Clip(
        job_id=fields.text("job_id"),
        status=cast(ClipStatus, fields.text("status")),
        progress=fields.count("progress"),
        result=_result(fields.maybe("result", fields.object)),
        error=to_failure(fields),
    )


def _result(fields: Fields | None) -> ClipResult | None:
    if fields is None:
        return None
    return ClipResult(
        url=fields.text("url"),
        duration=fields.number("duration"),
        size_bytes=fields.whole("size_bytes"),
        created_at=fields.moment("created_at"),
        asset_id=fields.maybe("asset_id", fields.text),
        copied_frames=fields.count("copied_frames"),
        encoded_frames=fields.count("encoded_frames"),
        expires_at=fields.maybe("expires_at", fields.moment),
    )
