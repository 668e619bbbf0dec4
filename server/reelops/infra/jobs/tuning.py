"""How often the engine looks for work.

Looking costs processor time even when there is nothing, and a queue can start no more jobs in a second than it may run
at once times the looks in a second. So looks are rare, and frequent only while a queue is busy with short jobs.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping

from reelops.infra.jobs.engine import EngineClient
from reelops.infra.jobs.settings import WorkerSettings

# A queue is busy with short jobs when each of its places ended this many in a second.
_SHORT_JOBS = 2.0


class Tuning:
    """The pauses of one worker's queues."""

    def __init__(self, client: EngineClient, concurrency: Mapping[str, int], settings: WorkerSettings) -> None:
        self._client = client
        self._concurrency = concurrency
        self._settings = settings
        self._pauses = dict.fromkeys(concurrency, settings.poll_interval_sec)
        self._seen: Counter[str] = Counter()

    def register(self) -> None:
        """Makes the queues known to the engine. Blocks."""
        for queue in self._concurrency:
            self._set(queue, self._settings.poll_interval_sec)

    async def adjust(self, ended: Counter[str], *, elapsed_sec: float) -> None:
        """Follows the number of jobs that each queue has ended so far."""
        for queue, places in self._concurrency.items():
            rate = (ended[queue] - self._seen[queue]) / elapsed_sec
            busy = rate >= _SHORT_JOBS * places
            pause = self._settings.busy_poll_interval_sec if busy else self._settings.poll_interval_sec
            if pause != self._pauses[queue]:
                await asyncio.to_thread(self._set, queue, pause)
                self._pauses[queue] = pause
        self._seen = Counter(ended)

    def _set(self, queue: str, pause_sec: float) -> None:
        limit = self._settings.global_concurrency.get(queue)
        self._client.register(queue, here=self._concurrency[queue], everywhere=limit, poll_interval_sec=pause_sec)
