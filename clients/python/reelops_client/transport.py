"""What the client needs of gRPC, so that one implementation serves asyncio and one serves plain threads."""

# ruff: noqa: ASYNC109  a deadline is passed on to gRPC, which tells the service of it
from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from google.protobuf.message import Message

In = TypeVar("In", bound=Message)
Out = TypeVar("Out", bound=Message)
T = TypeVar("T")
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rpc(Generic[In, Out]):
    """One method of a service. `safe` says that calling it twice is the same as calling it once."""

    service: str
    name: str
    request: type[In]
    response: type[Out]
    safe: bool = False

    @property
    def path(self) -> str:
        return f"/{self.service}/{self.name}"


class Transport(Protocol):
    """Carries calls. Each raises `ReelOpsError` when a call fails; `timeout` is in seconds."""

    async def unary(self, rpc: Rpc[In, Out], request: In, *, timeout: float) -> Out:
        """Sends one message and returns the answer."""

    def receive(
        self,
        rpc: Rpc[In, Out],
        request: In,
        *,
        timeout: float,
        headers: Headers = (),
        on_headers: Callable[[dict[str, str]], None] | None = None,
    ) -> AsyncGenerator[Out, None]:
        """Sends one message and yields the answers; closing the generator cancels the call.

        `on_headers` gets the initial metadata before the first answer is yielded.
        """

    async def send(self, rpc: Rpc[In, Out], requests: AsyncGenerator[In, None], *, timeout: float) -> Out:
        """Sends messages as they are made, no faster than they are taken, and returns the answer."""

    async def sleep(self, seconds: float) -> None: ...

    async def blocking(self, work: Callable[[], T]) -> T:
        """Runs work that blocks (a file) where it does not hold up anything else."""

    async def close(self) -> None: ...


def text_headers(metadata: Iterable[tuple[str, str | bytes]] | None) -> dict[str, str]:
    """Returns the entries of metadata that are text."""
    return {key: value for key, value in metadata or () if isinstance(value, str)}


def drive(work: Awaitable[T]) -> T:
    """Runs an awaitable that waits for nothing to its end and returns its result."""
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration as end:
        result: T = end.value
        return result
    raise RuntimeError("the work waited for an event loop")
