"""Measures the job queue on SQLite against huey (SqliteHuey), a well-known small queue, in the same run.

    python -m tests.benchmarks.jobs.bench_queue [--jobs 1000] [--paced 200]

Both have one producer process (this one) and one consumer process with four jobs at a time; a job writes one line with
the time at which it began. Throughput is of a burst, from the first enqueue to the start of the last job; the start
delay is that of jobs that come one by one to an idle queue. The guarantees differ, which the ratio does not show: a
huey task is lost with its consumer and is not part of a caller's transaction; a job here is a row with progress and
attempts that commits with what the caller writes, is fenced, and survives its worker.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reelops.infra.database import Database, migrate
from reelops.infra.jobs import JobContext, JobQueue, NewJob, Worker

from tests.benchmarks.figures import Figure, publish

_PACE_SEC = 0.05
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Figures:
    """What one queue did: jobs in a second, and start delays in milliseconds."""

    throughput: float
    burst_p50: float
    burst_p99: float
    paced_p50: float
    paced_p99: float


class Journal:
    """A file that consumers append a line to as a job begins."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch()

    def begun(self) -> dict[str, float]:
        """Returns the moment at which each job began."""
        lines = (line.split() for line in self._path.read_text().splitlines())
        return {name: float(moment) for name, moment in lines}


def note(path: str, name: str) -> None:
    """Writes that a job began."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    os.write(descriptor, f"{name} {time.time():.6f}\n".encode())
    os.close(descriptor)


async def measure(send: Callable[[str], Awaitable[None]], journal: Journal, *, jobs: int, paced: int) -> Figures:
    """Sends jobs and reads when they began."""
    warm = await _send(send, journal, "warm", 20, pause=0.0)
    burst = await _send(send, journal, "burst", jobs, pause=0.0)
    single = await _send(send, journal, "paced", paced, pause=_PACE_SEC)
    begun = journal.begun()
    assert set(begun) == {*warm, *burst, *single}, "every job began exactly once"
    duration = max(begun[name] for name in burst) - min(burst.values())
    return Figures(
        jobs / duration,
        *_quantiles([begun[name] - sent for name, sent in burst.items()]),
        *_quantiles([begun[name] - sent for name, sent in single.items()]),
    )


async def _send(
    send: Callable[[str], Awaitable[None]], journal: Journal, prefix: str, count: int, *, pause: float
) -> dict[str, float]:
    before = len(journal.begun())
    sent = {}
    for number in range(count):
        name = f"{prefix}{number}"
        sent[name] = time.time()
        await send(name)
        await asyncio.sleep(pause)
    while len(journal.begun()) < before + count:  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0.05)
    return sent


def _quantiles(delays: list[float]) -> tuple[float, float]:
    ordered = sorted(delays)
    return tuple(ordered[int(part * (len(ordered) - 1))] * 1000 for part in (0.5, 0.99))  # type: ignore[return-value]


async def measure_reelops(folder: Path, *, jobs: int, paced: int) -> Figures:
    """Measures our queue."""
    url, journal = f"sqlite:///{folder / 'reelops.sqlite3'}", folder / "reelops.journal"
    migrate(url)
    seen = Journal(journal)
    consumer = _start("reelops", url, journal)
    try:
        async with Database.open(url) as db, JobQueue.open(db) as queue:

            async def send(name: str) -> None:
                new = NewJob(job_id=name, kind="note", queue="bench", payload={"name": name}, requested_by="bench")
                async with db.write() as conn:
                    await queue.enqueue(conn, new)

            return await measure(send, seen, jobs=jobs, paced=paced)
    finally:
        _end(consumer)


async def measure_huey(folder: Path, *, jobs: int, paced: int) -> Figures:
    """Measures huey."""
    path, journal = folder / "huey.sqlite3", folder / "huey.journal"
    seen = Journal(journal)
    consumer = _start("huey", str(path), journal)
    task = _huey_task(str(path), str(journal))
    try:

        async def send(name: str) -> None:
            await asyncio.to_thread(task, name)

        return await measure(send, seen, jobs=jobs, paced=paced)
    finally:
        _end(consumer)


def _huey_task(path: str, journal: str) -> Any:
    from huey import SqliteHuey

    huey = SqliteHuey("bench", filename=path, results=False)

    def work(name: str) -> None:
        note(journal, name)

    task = huey.task(name="note")(work)
    task.queue = huey
    return task


async def consume_reelops(url: str, journal: str) -> None:
    """Is the consumer process of our queue."""

    async def handle(ctx: JobContext) -> None:
        note(journal, ctx.job.payload["name"])

    async with Database.open(url) as db, JobQueue.open(db) as queue:
        task = asyncio.create_task(Worker(db, queue, {"note": handle}, {"bench": _AT_ONCE}).run())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        await asyncio.wait([task])


def consume_huey(path: str, journal: str) -> None:
    """Is the consumer process of huey, with its default pauses."""
    task = _huey_task(path, journal)
    task.queue.create_consumer(workers=_AT_ONCE, periodic=False).run()


def _start(which: str, where: str, journal: Path) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-m", "tests.benchmarks.jobs.bench_queue", "--consume", which, where, str(journal)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(program, env=environment, stderr=subprocess.DEVNULL)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


async def main(jobs: int, paced: int) -> None:
    """Prints one table."""
    with tempfile.TemporaryDirectory() as name:
        ours = await measure_reelops(Path(name), jobs=jobs, paced=paced)
        huey = await measure_huey(Path(name), jobs=jobs, paced=paced)
    print(f"{jobs} small jobs in a burst, {paced} one by one   reelops      huey   reelops / huey")
    for label, field in (
        ("throughput, jobs/s", "throughput"),
        ("burst: start delay p50, ms", "burst_p50"),
        ("burst: start delay p99, ms", "burst_p99"),
        ("one by one: start delay p50, ms", "paced_p50"),
        ("one by one: start delay p99, ms", "paced_p99"),
    ):
        mine, theirs = getattr(ours, field), getattr(huey, field)
        print(f"{label:44} {mine:9.1f} {theirs:9.1f} {mine / theirs:14.2f}")
        # Of delays, less is better: the table's ratio is above 1 where ours is the better one.
        ratio = mine / theirs if field == "throughput" else theirs / mine
        publish(Figure(benchmark=f"jobs, {label}", ours=f"{mine:.1f}", alternative=f"huey {theirs:.1f}", ratio=ratio))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--paced", type=int, default=200)
    parser.add_argument("--consume", nargs=3, metavar=("WHICH", "WHERE", "JOURNAL"))
    options = parser.parse_args()
    if options.consume is None:
        asyncio.run(main(options.jobs, options.paced))
    elif options.consume[0] == "huey":
        consume_huey(*options.consume[1:])
    else:
        asyncio.run(consume_reelops(*options.consume[1:]))
