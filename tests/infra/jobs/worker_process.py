"""A worker process for tests: `python -m tests.infra.jobs.worker_process OPTIONS-AS-JSON`.

Its handlers write a line into a journal when they begin, and insert a row into `job_effect` as they finish.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from reelops.infra.database import Database
from reelops.infra.jobs import JobContext, JobQueue, Worker, WorkerSettings

from tests.infra.jobs.conftest import QUICK

effect = sa.Table("job_effect", sa.MetaData(), sa.Column("job_id", sa.Text), sa.Column("pid", sa.Integer))


class Work:
    """Takes some time, then leaves one row."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal

    async def slow(self, ctx: JobContext) -> None:
        """Works for `payload["seconds"]` in small steps."""
        self._note("began", ctx)
        steps = 10
        for step in range(steps):
            await ctx.report(step / steps, "working")
            await asyncio.sleep(ctx.job.payload["seconds"] / steps)
        async with ctx.finish() as conn:
            await conn.execute(sa.insert(effect).values(job_id=ctx.job.job_id, pid=os.getpid()))
        self._note("ended", ctx)

    async def poison(self, ctx: JobContext) -> None:
        """Kills its own process."""
        self._note("began", ctx)
        os.kill(os.getpid(), signal.SIGKILL)

    def _note(self, word: str, ctx: JobContext) -> None:
        with self._journal.open("a") as journal:
            journal.write(f"{word} {ctx.job.job_id} {os.getpid()}\n")


async def main(options: dict[str, Any]) -> None:
    """Works until SIGTERM."""
    work = Work(Path(options["journal"]))
    settings = WorkerSettings(
        **{name: getattr(QUICK, name) for name in WorkerSettings.__slots__} | options.get("settings", {})
    )
    async with Database.open(options["url"]) as db, JobQueue.open(db) as queue:
        concurrency = {"ingest": options.get("concurrency", 4)}
        worker = Worker(db, queue, {"slow": work.slow, "poison": work.poison}, concurrency, settings=settings)
        task = asyncio.create_task(worker.run())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
