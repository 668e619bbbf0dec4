"""Keeps the parts of one machine running: starts them, waits for their answers, restarts what dies, stops in order."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from reelops import errors
from reelops.infra.processes import Command

_POLL_SEC = 0.1
_LOOK_SEC = 1.0
_log = structlog.get_logger("reelops.supervisor")
_PR_SET_PDEATHSIG = 1
_LOG_BYTES = 20 * 1024 * 1024


@dataclass(slots=True)
class Part:
    """One process.

    `ready` says whether it answers; `before_stop` lets it finish what it is doing; `broken` takes its process id and
    says what is wrong with one that runs and will not mend by itself.
    """

    name: str
    command: Callable[[], Command]
    ready: Callable[[], Awaitable[bool]]
    log: Path
    start_sec: float = 60.0
    stop_sec: float = 20.0
    before_stop: Callable[[], Awaitable[object]] | None = None
    broken: Callable[[int], str | None] | None = None
    process: asyncio.subprocess.Process | None = field(default=None)
    restarts: int = 0


class Supervisor:
    """Runs parts in the given order and stops them in the opposite one."""

    def __init__(self, parts: Sequence[Part], say: Callable[[str], None]) -> None:
        self._parts = list(parts)
        self._say = say
        self._stopping = False

    async def start(self) -> None:
        """Starts every part and returns when all of them answer. Raises `Unavailable` when one does not."""
        for part in self._parts:
            await _start(part)
        for part in self._parts:
            await self._await_ready(part)
            self._say(f"{part.name} answers")

    async def watch(self) -> None:
        """Restarts what dies, with a growing pause, until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            for part in self._parts:
                group.create_task(self._keep(part))

    async def stop(self) -> None:
        """Ends every part, the last one first: the edge lets its calls end before the server goes."""
        self._stopping = True
        for part in reversed(self._parts):
            await _stop(part)

    async def _await_ready(self, part: Part) -> None:
        try:
            async with asyncio.timeout(part.start_sec):
                while not await part.ready():
                    if part.process is not None and part.process.returncode is not None:
                        raise errors.Unavailable(
                            "PART_ENDED",
                            f"{part.name} ended at its start; the reason is in {part.log}:\n{_tail(part.log)}",
                        )
                    await asyncio.sleep(_POLL_SEC)
        except TimeoutError:
            raise errors.Unavailable(
                "PART_SILENT", f"{part.name} did not answer within {part.start_sec:g} s; see {part.log}"
            ) from None

    async def _keep(self, part: Part) -> None:
        pause = 0.2
        while True:
            started = asyncio.get_running_loop().time()
            code = await _ended(part)
            if self._stopping:
                return
            if asyncio.get_running_loop().time() - started > 30:
                pause = 0.2
            part.restarts += 1
            self._say(f"{part.name} ended ({_reason(code)}); starting it again")
            await asyncio.sleep(pause)
            pause = min(10.0, pause * 2)
            await _start(part)


async def _ended(part: Part) -> int:
    """Waits until a part ends by itself, or ends it because it is broken."""
    if part.process is None:
        return 0
    waiting = asyncio.create_task(part.process.wait())
    while part.broken is not None:
        done, _ = await asyncio.wait([waiting], timeout=_LOOK_SEC)
        if done:
            break
        reason = await asyncio.to_thread(part.broken, part.process.pid)
        if reason is not None:
            _log.warning("ending a broken part", part=part.name, reason=reason)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(part.process.pid, signal.SIGKILL)
            break
    return await waiting


async def _start(part: Part) -> None:
    command = part.command()
    part.log.parent.mkdir(parents=True, exist_ok=True)
    if part.log.exists() and part.log.stat().st_size > _LOG_BYTES:
        part.log.replace(part.log.with_suffix(".old.log"))
    with part.log.open("ab") as log:
        part.process = await asyncio.create_subprocess_exec(
            *command.argv,
            env=dict(command.env),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C reaches this process alone, which then stops the others in order.
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )


async def _stop(part: Part) -> None:
    process = part.process
    if process is None or process.returncode is not None:
        return
    if part.before_stop is not None:
        with contextlib.suppress(Exception):
            await part.before_stop()
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), part.stop_sec)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _end_with_parent() -> None:
    """Has the kernel end the child when this process is killed outright."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _reason(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"


def _tail(path: Path) -> str:
    lines = path.read_text("utf-8", "replace").splitlines() if path.exists() else []
    return "\n".join(lines[-8:])
