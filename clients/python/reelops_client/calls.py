"""Deadlines and retries: what is the same for every call."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TypeVar

from google.protobuf.message import Message

from .errors import TimedOut, Unavailable
from .transport import Rpc, Transport

In = TypeVar("In", bound=Message)
Out = TypeVar("Out", bound=Message)

READ_ATTEMPTS = 5
SHORTEST_BACKOFF_SEC = 0.1
LONGEST_BACKOFF_SEC = 5.0
CALL_SEC = 30.0
TRANSFER_SEC = 6 * 3600.0


class Deadline:
    """A moment after which there is no more waiting. Without seconds it never comes."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    def left(self, at_most: float) -> float:
        """Returns the seconds that are left, 0 to `at_most`."""
        return at_most if self._end is None else min(at_most, max(0.0, self._end - time.monotonic()))

    @property
    def passed(self) -> bool:
        return self._end is not None and time.monotonic() >= self._end


@dataclass(frozen=True, slots=True)
class Limits:
    """How long calls may take, in seconds: a small call, and the whole of an upload or a download."""

    call_sec: float = CALL_SEC
    transfer_sec: float = TRANSFER_SEC


@dataclass(frozen=True, slots=True)
class Caller:
    """Makes calls with a deadline each, and repeats those that only read when the service is away for a moment."""

    transport: Transport
    limits: Limits

    async def call(self, rpc: Rpc[In, Out], request: In) -> Out:
        deadline = Deadline(self.limits.call_sec)
        attempt = 0
        while True:
            try:
                return await self.transport.unary(rpc, request, timeout=deadline.left(self.limits.call_sec))
            except Unavailable as failure:
                attempt += 1
                if not rpc.safe or attempt >= READ_ATTEMPTS or not await self.pause(attempt, deadline, failure):
                    raise

    async def pause(self, attempt: int, deadline: Deadline, failure: Unavailable | None = None) -> bool:
        """Waits before another attempt, longer each time; returns False at once where the deadline comes first."""
        wait = backoff_sec(attempt)
        if failure is not None and failure.retry_after_sec is not None:
            wait = max(wait, failure.retry_after_sec)
        if deadline.left(wait + 1.0) <= wait:
            return False
        await self.transport.sleep(wait)
        return True


def backoff_sec(attempt: int) -> float:
    """Returns the wait after failed attempt `attempt`: it doubles, and a random half keeps clients apart."""
    longest: float = min(LONGEST_BACKOFF_SEC, SHORTEST_BACKOFF_SEC * 2.0 ** min(attempt - 1, 16))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  spreads load, guards nothing


def waited_too_long(seconds: float | None, what: str) -> TimedOut:
    return TimedOut(f"{what} did not end within {seconds:g} s", reason="WAIT_TIMED_OUT")
