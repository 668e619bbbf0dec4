"""When a call is made again, and after how long."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from .errors import (
    ApiError,
    RateLimitedError,
    ServerError,
    WaveStackConnectionError,
    WaveStackError,
    WaveStackTimeoutError,
)

_AWAY = (502, 503, 504)


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a call is made in all, and the pauses between.

    A pause is `first_sec`, doubled with every attempt up to `longest_sec`, of which a random half is taken off. What
    the service says by `Retry-After` is waited for besides, unless it is more than `longest_retry_after_sec`.
    """

    attempts: int = 5
    first_sec: float = 0.2
    longest_sec: float = 5.0
    longest_retry_after_sec: float = 65.0

    def pause(self, failure: WaveStackError, attempt: int) -> float | None:
        """Returns the seconds to wait after failed attempt `attempt`, counted from 1; None where there is no other."""
        asked = failure.retry_after if isinstance(failure, ApiError) else None
        if attempt >= self.attempts or (asked or 0.0) > self.longest_retry_after_sec:
            return None
        longest = min(self.longest_sec, self.first_sec * 2.0 ** min(attempt - 1, 32))
        return longest * random.uniform(0.5, 1.0) + (asked or 0.0)  # noqa: S311  spreads load, guards nothing


def may_be_done(failure: WaveStackError) -> bool:
    """Says whether the service may have done what was asked, though no answer came that says so."""
    if isinstance(failure, WaveStackConnectionError | WaveStackTimeoutError):
        return failure.sent
    return isinstance(failure, ServerError)


def helps(failure: WaveStackError, *, repeatable: bool) -> bool:
    """Says whether making the call again may help and does no harm.

    `repeatable` is a call that does the same when it is made twice. Any other is made again only where the request
    never left. An answer that took too long is not asked for again: the service may be at it still.
    """
    is_unsent = isinstance(failure, WaveStackConnectionError | WaveStackTimeoutError) and not failure.sent
    return is_unsent or (repeatable and (is_away(failure) or isinstance(failure, RateLimitedError)))


def is_away(failure: WaveStackError) -> bool:
    """Says whether the service, or the way to it, is away for a moment."""
    return isinstance(failure, WaveStackConnectionError) or (
        isinstance(failure, ServerError) and failure.status in _AWAY
    )


def retry_after_sec(header: str | None) -> float | None:
    """Reads a Retry-After header: seconds, or a moment (RFC 9110, section 10.2.3)."""
    text = (header or "").strip()
    if text.isdecimal() and text.isascii():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds()) if moment.tzinfo else None


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
