"""`reelops up`: the whole service on one machine until it is interrupted."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console

from reelops import errors
from reelops.app.preparing import prepare
from reelops.cli.lock import only_one
from reelops.cli.parts import parts
from reelops.cli.ports import taken_ports
from reelops.cli.supervisor import Supervisor
from reelops.settings import Settings


async def run_until_interrupted(settings: Settings, console: Console) -> None:
    """Runs everything; returns after SIGINT or SIGTERM, when every part has ended."""
    interrupted = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, interrupted.set)
    async with service(settings, lambda line: console.print(f"  {line}", highlight=False, markup=False)):
        _tell(settings, console)
        await interrupted.wait()
        console.print("stopping: jobs in progress go on at the next start")
    console.print("stopped")


@asynccontextmanager
async def service(settings: Settings, say: object) -> AsyncIterator[None]:
    """Has the whole service running inside the block.

    Raises `Unavailable` with `PORT_TAKEN`, `DATA_IN_USE` or why a part does not start.
    """
    taken = taken_ports(settings)
    if taken:
        raise errors.Unavailable("PORT_TAKEN", "; ".join(map(str, taken)) + ". Choose others with --port-offset.")
    with only_one(settings.folder):
        shutil.rmtree(settings.metrics_folder, ignore_errors=True)
        settings.metrics_folder.mkdir(parents=True)
        await prepare(settings)
        supervisor = Supervisor(parts(settings), say)  # type: ignore[arg-type]
        try:
            starting = asyncio.create_task(supervisor.start())
            await starting
            watching = asyncio.create_task(supervisor.watch())
            try:
                yield
            finally:
                watching.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await watching
        finally:
            await supervisor.stop()


def _tell(settings: Settings, console: Console) -> None:
    console.print("[bold green]ready[/]")
    console.print(f"  SOPilot        http://{settings.bind}:{settings.port('sopilot_port')}", highlight=False)
    console.print(f"  WaveStack      http://{settings.bind}:{settings.port('core_port')}", highlight=False)
    console.print(f"  clipper        http://clipper.localhost:{settings.port('sopilot_port')}", highlight=False)
    console.print(f"  thumbnails     http://{settings.bind}:{settings.port('thumbnail_port')}", highlight=False)
    console.print(f"  all systems    http://sopilot.localhost:{settings.port('edge_port')}", highlight=False)
    console.print(f"  gRPC           {settings.grpc} (or any port above)", highlight=False)
    if not settings.has_credentials:
        console.print(f"  credentials    {settings.credentials_file}", highlight=False)
    console.print(f"  logs           {settings.folder / 'logs'}", highlight=False)
