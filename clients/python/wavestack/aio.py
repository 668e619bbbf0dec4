"""HTTP for asyncio."""

# ruff: noqa: ASYNC109  a timeout is passed on to the socket
from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

import httpx2

from .errors import WaveStackTimeoutError
from .transport import Answer, Request, check_size, limits, tls, translated, user_agent

T = TypeVar("T")


class AioTransport:
    """Carries requests over asynchronous connections, all within one event loop."""

    def __init__(self) -> None:
        self._client = httpx2.AsyncClient(follow_redirects=False, verify=tls(), headers={"User-Agent": user_agent()})

    async def send(self, request: Request, *, timeout: float) -> Answer:
        async with _within(request, timeout), self._open(request, timeout) as response:
            return Answer(response.status_code, dict(response.headers), await _read(response))

    async def receive(
        self, request: Request, *, timeout: float, on_answer: Callable[[Answer], None]
    ) -> AsyncGenerator[bytes, None]:
        with translated(request):
            async with self._open(request, timeout) as response:
                headers = dict(response.headers)
                if not response.is_success:
                    async with _within(request, timeout):
                        on_answer(Answer(response.status_code, headers, await _read(response)))
                    return
                on_answer(Answer(response.status_code, headers))
                async for piece in response.aiter_raw():
                    yield piece

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def blocking(self, work: Callable[[], T]) -> T:
        return await asyncio.to_thread(work)

    def lock(self) -> AbstractAsyncContextManager[object]:
        return asyncio.Lock()

    async def close(self) -> None:
        await self._client.aclose()

    def _open(self, request: Request, timeout: float) -> AbstractAsyncContextManager[httpx2.Response]:
        return self._client.stream(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.content,
            timeout=limits(timeout),
        )


@asynccontextmanager
async def _within(request: Request, timeout: float) -> AsyncIterator[None]:
    """Ends what takes longer than `timeout` in all."""
    try:
        async with asyncio.timeout(timeout):
            with translated(request):
                yield
    except TimeoutError as failure:
        if isinstance(failure, WaveStackTimeoutError):
            raise
        raise WaveStackTimeoutError(f"{request.method} {request.url}: no whole answer in time") from None


async def _read(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        check_size(body)
    return bytes(body)
