"""HTTP without an event loop.

The client's logic is written once, as coroutines over a transport. This transport blocks where the asyncio one awaits,
so its coroutines never suspend and `drive` runs them to their end in the calling thread.
"""

# ruff: noqa: ASYNC109  a timeout is passed on to the socket
from __future__ import annotations

import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import TypeVar

import httpx2

from .errors import WaveStackTimeoutError
from .retrying import Deadline
from .transport import Answer, Request, check_size, limits, tls, translated, user_agent

T = TypeVar("T")


class BlockingTransport:
    """Carries requests over synchronous connections. Threads may share it."""

    def __init__(self) -> None:
        self._client = httpx2.Client(follow_redirects=False, verify=tls(), headers={"User-Agent": user_agent()})

    async def send(self, request: Request, *, timeout: float) -> Answer:
        deadline = Deadline(timeout)
        with translated(request), self._open(request, timeout) as response:
            return Answer(response.status_code, dict(response.headers), _read(response, request, deadline))

    async def receive(
        self, request: Request, *, timeout: float, on_answer: Callable[[Answer], None]
    ) -> AsyncGenerator[bytes, None]:
        with translated(request), self._open(request, timeout) as response:
            headers = dict(response.headers)
            if not response.is_success:
                body = _read(response, request, Deadline(timeout))
                on_answer(Answer(response.status_code, headers, body))
                return
            on_answer(Answer(response.status_code, headers))
            for piece in response.iter_raw():
                yield piece

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)  # noqa: ASYNC251  this transport is the one that blocks

    async def blocking(self, work: Callable[[], T]) -> T:
        return work()

    def lock(self) -> AbstractAsyncContextManager[object]:
        return _Lock()

    async def close(self) -> None:
        self._client.close()

    def _open(self, request: Request, timeout: float) -> AbstractContextManager[httpx2.Response]:
        return self._client.stream(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.content,
            timeout=limits(timeout),
        )


class _Lock:
    """A lock of threads that is entered as locks of tasks are."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    async def __aenter__(self) -> None:
        self._lock.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()


def _read(response: httpx2.Response, request: Request, deadline: Deadline) -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        check_size(body)
        if deadline.passed:
            raise WaveStackTimeoutError(f"{request.method} {request.url}: no whole answer in time")
    return bytes(body)
