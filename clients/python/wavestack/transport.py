"""What the client needs of HTTP, so that one implementation serves asyncio and one serves plain threads."""

# ruff: noqa: ASYNC109  a timeout is passed on to the socket
from __future__ import annotations

import platform
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol, TypeVar

import httpx2

from .errors import UnexpectedAnswerError, WaveStackConnectionError, WaveStackTimeoutError

T = TypeVar("T")
CONNECT_SEC = 10.0
BODY_LIMIT_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `headers` may hold credentials."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class Transport(Protocol):
    """Carries requests. `timeout` is in seconds.

    Each raises `WaveStackConnectionError` or `WaveStackTimeoutError` where no whole answer came.
    """

    async def send(self, request: Request, *, timeout: float) -> Answer:
        """Sends a request and returns the answer, which came whole within the time."""

    def receive(
        self, request: Request, *, timeout: float, on_answer: Callable[[Answer], None]
    ) -> AsyncGenerator[bytes, None]:
        """Sends a request, hands the answer to `on_answer` and yields its bytes if it is a success.

        Any other answer is handed over with its body. `timeout` is for each step: no byte for so long is a failure.
        """

    async def sleep(self, seconds: float) -> None: ...

    async def blocking(self, work: Callable[[], T]) -> T:
        """Runs work that blocks (a file) where it does not hold up anything else."""

    def lock(self) -> AbstractAsyncContextManager[object]:
        """Makes a lock for callers of this transport; entered, it is held."""

    async def close(self) -> None: ...


def drive(work: Awaitable[T]) -> T:
    """Runs an awaitable that waits for nothing to its end and returns its result."""
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration as end:
        result: T = end.value
        return result
    raise RuntimeError("the work waited for an event loop")


def iterate(items: AsyncGenerator[T, None]) -> Iterator[T]:
    """Yields what an asynchronous generator over a blocking transport yields, and closes it at the end."""
    try:
        while True:
            try:
                item = drive(anext(items))
            except StopAsyncIteration:
                return
            yield item
    finally:
        drive(items.aclose())


@cache
def tls() -> ssl.SSLContext:
    """Returns what encrypted connections trust. Reading it takes longer than a call, so all clients share it."""
    return httpx2.create_ssl_context()


def limits(timeout: float) -> httpx2.Timeout:
    return httpx2.Timeout(timeout, connect=min(timeout, CONNECT_SEC))


def check_size(body: bytearray) -> None:
    if len(body) > BODY_LIMIT_BYTES:
        raise UnexpectedAnswerError(f"the answer is longer than {BODY_LIMIT_BYTES} bytes")


@contextmanager
def translated(request: Request) -> Iterator[None]:
    """Turns the failures of the HTTP library into this package's."""
    what = f"{request.method} {request.url}"
    try:
        yield
    except httpx2.ConnectTimeout as failure:
        raise WaveStackTimeoutError(f"{what}: no connection in time", sent=False) from failure
    except httpx2.TimeoutException as failure:
        sent = not isinstance(failure, httpx2.PoolTimeout)
        raise WaveStackTimeoutError(f"{what}: no answer in time", sent=sent) from failure
    except (httpx2.ConnectError, httpx2.ProxyError) as failure:
        raise WaveStackConnectionError(f"{what}: no connection: {failure}", sent=False) from failure
    except httpx2.RequestError as failure:
        raise WaveStackConnectionError(f"{what}: the connection was lost: {failure}", sent=True) from failure


def user_agent() -> str:
    try:
        release = version("reelops")
    except PackageNotFoundError:
        release = "source"
    return f"wavestack-python/{release} python/{platform.python_version()}"
