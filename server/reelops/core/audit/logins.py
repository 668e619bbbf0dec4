"""Refused logins in the trail, without letting strangers fill it."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

from reelops.core.audit.model import AuditEvent
from reelops.core.audit.service import Audit
from reelops.errors import Unavailable

_log = logging.getLogger(__name__)
_SOURCES = 20
_OTHERS = "others"


class RefusedLogins:
    """Writes the first refused login at once and gathers those that follow into one entry per source and interval."""

    def __init__(self, audit: Audit, *, interval_sec: float = 5.0) -> None:
        self._audit = audit
        self._interval_sec = interval_sec
        self._counts: Counter[tuple[str, str]] = Counter()
        self._quiet_until = 0.0
        self._writing: asyncio.Task[None] | None = None

    async def record(self, *, reason: str, source: str) -> None:
        """Counts a refused login. `reason` is the error's code, `source` the caller's address.

        Never raises and waits for nothing: who is refused is told so at once, however busy the database is.
        """
        key = (reason, source)
        if key not in self._counts and len(self._counts) >= _SOURCES:
            key = (reason, _OTHERS)
        self._counts[key] += 1
        loop = asyncio.get_running_loop()
        if loop.time() >= self._quiet_until and (self._writing is None or self._writing.done()):
            self._writing = loop.create_task(self.flush())

    async def flush(self) -> None:
        """Writes what was gathered. When the database is away it is kept for the next time."""
        counts, self._counts = self._counts, Counter()
        self._quiet_until = asyncio.get_running_loop().time() + self._interval_sec
        while counts:
            (reason, source), attempts = counts.popitem()
            event = AuditEvent(
                job_type="login",
                status="refused",
                subject=source,
                error_message=reason,
                facts={"attempts": attempts},
            )
            try:
                await self._audit.record(event)
            except Unavailable:
                counts[(reason, source)] = attempts
                self._counts.update(counts)
                return
            except Exception:
                _log.exception("a refused login could not be recorded")

    async def run(self) -> None:
        """Writes what was gathered after each interval until it is cancelled, and once more then."""
        try:
            while True:
                await asyncio.sleep(self._interval_sec)
                await self.flush()
        finally:
            if self._writing is not None:
                await asyncio.wait({self._writing})
            await self.flush()
