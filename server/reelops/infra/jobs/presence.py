"""Which worker processes are alive: each says so every second, and a process that is gone is seen by its neighbours."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.infra.database import Database
from reelops.infra.database.schema import utc_now
from reelops.infra.jobs.model import WorkerInfo
from reelops.infra.jobs.settings import WorkerSettings
from reelops.infra.jobs.store import job_worker

_ALL = sa.select(job_worker)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """What a worker says of itself."""

    executor_id: str
    slot: str
    queues: tuple[str, ...]
    started_at: Any

    async def beat(self, conn: AsyncConnection, *, running: int) -> None:
        """Says that the worker lives."""
        insert = (postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert)(job_worker)
        now = {"running": running, "seen_at": utc_now()}
        await conn.execute(
            insert.values(
                executor_id=self.executor_id,
                slot=self.slot,
                host=host(),
                pid=os.getpid(),
                process_start=process_start(os.getpid()),
                queues=list(self.queues),
                started_at=self.started_at,
                **now,
            ).on_conflict_do_update(index_elements=["executor_id"], set_=now)
        )


async def alive(db: Database, settings: WorkerSettings) -> tuple[set[str], set[str]]:
    """Returns the executor ids of the workers that live, and of those that are known and do not."""
    rows = await db.fetch_all(_ALL, {})
    living = {row.executor_id for row in rows if _is_alive(row, settings)}
    return living, {row.executor_id for row in rows} - living


async def forget(conn: AsyncConnection, executor_ids: Iterable[str]) -> None:
    """Removes workers."""
    await conn.execute(sa.delete(job_worker).where(job_worker.c.executor_id.in_(list(executor_ids))))


async def by_queue(db: Database) -> dict[str, tuple[WorkerInfo, ...]]:
    """Returns the live workers of each queue."""
    found: dict[str, tuple[WorkerInfo, ...]] = {}
    for row in await db.fetch_all(_ALL, {}):
        if not _is_alive(row, WorkerSettings()):
            continue
        info = WorkerInfo(
            executor_id=row.executor_id,
            host=row.host,
            pid=row.pid,
            queues=tuple(row.queues),
            running=row.running,
            started_at=row.started_at,
            seen_at=row.seen_at,
        )
        for queue in info.queues:
            found[queue] = (*found.get(queue, ()), info)
    return found


def _is_alive(row: Any, settings: WorkerSettings) -> bool:
    silent: timedelta = utc_now() - row.seen_at
    if row.host != host():
        return silent < timedelta(seconds=settings.lost_after_sec)
    # A neighbour whose process is there may only be slow to say so.
    return process_start(row.pid) == str(row.process_start) and silent < timedelta(seconds=settings.hung_after_sec)


@cache
def host() -> str:
    """Names this machine as far as its process ids mean something: host, boot and process namespace."""
    boot = _read(Path("/proc/sys/kernel/random/boot_id"))[:8]
    try:
        namespace = Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        namespace = ""
    return "/".join(part for part in (socket.gethostname(), boot, namespace) if part)


def process_start(pid: int) -> str:
    """Tells a process from a later one with the same id. Empty when there is none (or it is a zombie)."""
    stat = _read(Path(f"/proc/{pid}/stat"))
    if stat:
        fields = stat.rpartition(")")[2].split()
        return "" if fields[0] in ("Z", "X") else fields[19]
    return "" if Path("/proc/self/stat").exists() else _without_proc(pid)


def _without_proc(pid: int) -> str:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "alive"
    return "alive"


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
