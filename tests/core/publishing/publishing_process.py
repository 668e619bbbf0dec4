"""A worker process that publishes: `python -m tests.core.publishing.publishing_process OPTIONS-AS-JSON`.

Its one publisher takes a while and writes a line into a journal: the item, the platform's number and the moment.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from reelops.core.audit.service import Audit
from reelops.core.library.assets.model import Asset
from reelops.core.publishing.jobs import PublishHandler
from reelops.core.publishing.model import Platform, QueueItem
from reelops.core.publishing.service import KIND, QUEUE
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import JobQueue, Worker

from tests.infra.jobs.conftest import QUICK


class SlowBoard:
    """Publishes into a file."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal

    async def publish(self, item: QueueItem, asset: Asset, /) -> None:
        with self._journal.open("a") as journal:
            journal.write(f"{item.item_id} {utc_now().isoformat()}\n")
        await asyncio.sleep(0.2)


async def main(options: dict[str, Any]) -> None:
    """Works until it is killed."""
    board = SlowBoard(Path(options["journal"]))
    async with Database.open(options["url"]) as db, JobQueue.open(db) as queue:
        handler = PublishHandler(db=db, audit=Audit(db=db), publishers=dict.fromkeys(Platform, board))
        await Worker(db, queue, {KIND: handler}, {QUEUE: 4}, settings=QUICK).run()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
