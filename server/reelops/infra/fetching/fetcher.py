"""Fetches files from URLs that strangers wrote."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path

import httpcore2

from reelops import errors
from reelops.infra.blobs import StagedFile, Staging
from reelops.infra.fetching.answers import REDIRECTS, Answer, too_large
from reelops.infra.fetching.connecting import GuardedBackend, Resolver, resolve, translated
from reelops.infra.fetching.policy import FetchPolicy, Guard
from reelops.infra.fetching.urls import Location, check_location, read_url

_AGENT = "ReelOps"
_LOOK_SEC = 0.2

# Gets the bytes received and the bytes announced, None where the server does not say.
OnProgress = Callable[[int, int | None], None]
Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What was received. `size` is in bytes, `sha256` in hexadecimal; `filename` is bare and may be empty."""

    size: int
    sha256: str
    content_type: str | None
    final_url: str
    filename: str


class Fetcher:
    """The only part of the service that opens URLs of callers.

    Speaks HTTP/1.1 without cookies, credentials, proxies or compression. `ssl_context` and `resolver` stand for the
    system's where they are given. Raises `ValueError` for a wrong `policy.allow_hosts`.
    """

    def __init__(
        self, policy: FetchPolicy, *, resolver: Resolver = resolve, ssl_context: ssl.SSLContext | None = None
    ) -> None:
        self._policy = policy
        self._guard = Guard(policy.allow_hosts)
        self._resolver = resolver
        self._ssl_context = ssl_context

    def check(self, url: str) -> str:
        """Refuses what needs no network to be refused and returns the URL in its plain spelling.

        Raises `Invalid` with SOURCE_INVALID or SOURCE_REFUSED.
        """
        location = read_url(url)
        check_location(location, self._guard)
        return str(location)

    async def fetch(
        self,
        url: str,
        target: Path | StagedFile,
        *,
        on_progress: OnProgress | None = None,
        cancelled: Stop | None = None,
    ) -> Fetched:
        """Receives one file into a path, which then is whole or not there, or into a file that is being staged.

        Raises `Invalid` (SOURCE_INVALID, SOURCE_REFUSED, SOURCE_NOT_FOUND, SOURCE_TOO_SLOW), `TooLarge`
        (SOURCE_TOO_LARGE), `Unavailable` (SOURCE_UNAVAILABLE, SOURCE_INCOMPLETE, STORAGE_FULL) where trying again may
        help, and `Cancelled` soon after `cancelled` says so.
        """
        if isinstance(target, StagedFile):
            return await _unless(self._receive(url, target, on_progress), cancelled)
        staging = Staging(target.parent, max_bytes=self._policy.max_bytes)
        async with staging.receive() as staged:
            fetched = await _unless(self._receive(url, staged, on_progress), cancelled)
            await asyncio.to_thread(staged.path.replace, target)
            return fetched

    async def _receive(self, url: str, staged: StagedFile, on_progress: OnProgress | None) -> Fetched:
        location = read_url(url)
        try:
            async with asyncio.timeout(self._policy.total_timeout_sec):
                return await self._follow(location, staged, on_progress)
        except TimeoutError:
            raise errors.Invalid(
                "SOURCE_TOO_SLOW", f"the file did not arrive within {self._policy.total_timeout_sec:.0f} seconds"
            ) from None

    async def _follow(self, location: Location, staged: StagedFile, on_progress: OnProgress | None) -> Fetched:
        """Asks for the file and goes where redirects lead, every one of them checked as the first URL was."""
        for _ in range(self._policy.max_redirects + 1):
            check_location(location, self._guard)
            async with self._asked(location) as response:
                answer = Answer.of(response.status, response.headers)
                if answer.status not in REDIRECTS or "location" not in answer.headers:
                    answer.check(location.host, self._policy)
                    with translated(location.host, "SOURCE_INCOMPLETE"):
                        await self._read(response, answer, staged, on_progress)
                    return _fetched(location, answer, staged)
            location = location.follow(answer.headers["location"])
        raise errors.Invalid("SOURCE_REFUSED", f"the URL leads on more than {self._policy.max_redirects} times")

    @contextlib.asynccontextmanager
    async def _asked(self, location: Location) -> AsyncIterator[httpcore2.Response]:
        """Sends one request over a connection of its own, which never outlives the answer."""
        policy = self._policy
        url = httpcore2.URL(
            scheme=location.scheme.encode(),
            host=location.host.encode(),
            port=location.port,
            target=location.path.encode(),
        )
        headers: list[tuple[bytes | str, bytes | str]] = [
            ("Host", location.authority),
            ("User-Agent", _AGENT),
            ("Accept", "*/*"),
            ("Accept-Encoding", "identity"),
            ("Connection", "close"),
        ]
        timeouts = {
            "connect": policy.connect_timeout_sec,
            "read": policy.idle_timeout_sec,
            "write": policy.idle_timeout_sec,
            "pool": policy.connect_timeout_sec,
        }
        async with httpcore2.AsyncConnectionPool(
            ssl_context=self._tls(location), network_backend=GuardedBackend(self._guard, self._resolver)
        ) as pool:
            with translated(location.host, "SOURCE_UNAVAILABLE"):
                response = await pool.handle_async_request(
                    httpcore2.Request("GET", url, headers=headers, extensions={"timeout": timeouts})
                )
            try:
                yield response
            finally:
                await response.aclose()

    def _tls(self, location: Location) -> ssl.SSLContext | None:
        if location.scheme == "https" and self._ssl_context is None:
            self._ssl_context = httpcore2.default_ssl_context()
        return self._ssl_context

    async def _read(
        self, response: httpcore2.Response, answer: Answer, staged: StagedFile, on_progress: OnProgress | None
    ) -> None:
        size = 0
        async for chunk in response.aiter_stream():
            size += len(chunk)
            if size > self._policy.max_bytes:
                raise too_large(self._policy)
            await staged.write(chunk)
            if on_progress is not None:
                on_progress(size, answer.length)
        if size == 0:
            raise errors.Invalid("SOURCE_REFUSED", "the file behind the URL is empty")
        await staged.close()


def _fetched(location: Location, answer: Answer, staged: StagedFile) -> Fetched:
    return Fetched(
        size=staged.size,
        sha256=staged.sha256,
        content_type=answer.content_type,
        final_url=str(location),
        filename=answer.filename(location),
    )


async def _unless(receiving: Coroutine[None, None, Fetched], cancelled: Stop | None) -> Fetched:
    """Waits for the file, looking now and then whether it is still wanted, even while a server says nothing."""
    task = asyncio.ensure_future(receiving)
    try:
        while cancelled is not None and not task.done():
            if cancelled():
                raise errors.Cancelled("CANCELLED", "fetching the file was cancelled")
            await asyncio.wait([task], timeout=_LOOK_SEC)
        return await task
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
