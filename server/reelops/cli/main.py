"""The command `reelops`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from reelops import errors
from reelops.cli import access, audit, jobs, operate, steps
from reelops.cli.loading import load_settings
from reelops.settings import Settings

app = typer.Typer(
    name="reelops", help="Video operations over gRPC and REST.", no_args_is_help=True, pretty_exceptions_enable=False
)
db = typer.Typer(help="The database's schema.", no_args_is_help=True)
app.add_typer(db, name="db")
app.add_typer(jobs.app, name="jobs")
app.add_typer(audit.app, name="audit")
app.add_typer(access.keys, name="keys")
app.add_typer(access.clients, name="clients")
operate.add_to(app)
steps.add_to(app)

Data = Annotated[Path | None, typer.Option("--data", help="The folder under which everything lives.")]
Offset = Annotated[int | None, typer.Option("--port-offset", min=0, max=40000, help="Added to every port.")]
_console = Console()
_errors = Console(stderr=True)


@app.command()
def up(data: Data = None, port_offset: Offset = None) -> None:
    """Runs everything on this machine until interrupted."""
    from reelops.cli.up import run_until_interrupted

    _run(run_until_interrupted(load_settings(data, port_offset), _console))


@app.command()
def serve(data: Data = None, port_offset: Offset = None) -> None:
    """Runs the gRPC server."""
    settings = _process(load_settings(data, port_offset))
    from reelops.app.preparing import prepare
    from reelops.app.serving import serve as serve_calls

    async def run() -> None:
        await prepare(settings)
        await serve_calls(settings, stopped=_interrupted())

    _run(run())


@app.command()
def work(data: Data = None, port_offset: Offset = None) -> None:
    """Runs a worker."""
    settings = _process(load_settings(data, port_offset))
    from reelops.app.preparing import prepare
    from reelops.app.working import work as work_jobs

    async def run() -> None:
        await prepare(settings)
        working = asyncio.create_task(work_jobs(settings))
        stopping = asyncio.create_task(_interrupted().wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working

    _run(run())


@app.command()
def triton(data: Data = None, port_offset: Offset = None) -> None:
    """Runs Triton."""
    from reelops.cli.parts import triton_part

    settings = load_settings(data, port_offset)
    _become(lambda: triton_part(settings))


@app.command()
def gateway(data: Data = None, port_offset: Offset = None) -> None:
    """Runs Envoy."""
    from reelops.cli.parts import gateway_part

    settings = load_settings(data, port_offset)
    _become(lambda: gateway_part(settings))


@app.command()
def doctor(data: Data = None, port_offset: Offset = None) -> None:
    """Tells what is wrong with this installation, and what to do."""
    from reelops.cli.doctor import examine

    settings = load_settings(data, port_offset)
    raise typer.Exit(0 if asyncio.run(examine(settings, _console)) else 1)


@app.command()
def demo(data: Data = None, port_offset: Offset = None) -> None:
    """Scores two videos that it makes itself, over REST, and shows what came out."""
    from reelops.cli.demo import run_demo

    _run(run_demo(load_settings(data, port_offset), _console))


@db.command("migrate")
def migrate_database(data: Data = None) -> None:
    """Brings the schema up to date."""
    from reelops.infra.database import migrate, schema_version

    settings = load_settings(data)
    _guarded(lambda: migrate(settings.database))
    _console.print(f"schema {schema_version(settings.database)}")


@db.command("version")
def show_version(data: Data = None) -> None:
    """Prints the schema's version."""
    from reelops.infra.database import schema_version

    settings = load_settings(data)
    _guarded(lambda: _console.print(f"schema {schema_version(settings.database) or 'none'}"))


def _process(settings: Settings) -> Settings:
    """Prepares a long-running process: shared metrics and logs, before anything that uses them is imported."""
    from reelops.infra.logs import configure
    from reelops.infra.memory import keep_freed_blocks

    keep_freed_blocks()
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(settings.metrics_folder))
    Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(parents=True, exist_ok=True)
    configure(settings.log_level)
    return settings


def _interrupted() -> asyncio.Event:
    event = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, event.set)
    return event


def _become(command: Any) -> None:
    """Replaces this process by another program."""

    def start() -> None:
        made = command()
        os.execve(made.argv[0], made.argv, dict(made.env))  # noqa: S606 - the program is one of our parts

    _guarded(start)


def _run(work: Coroutine[Any, Any, None]) -> None:
    _guarded(lambda: asyncio.run(work))


def _guarded(action: Any) -> None:
    """Says expected errors in one line instead of a traceback."""
    try:
        action()
    except* errors.ReelOpsError as group:
        for error in group.exceptions:
            _errors.print(f"error: {error}", style="red", highlight=False, markup=False)
        failed = True
    else:
        failed = False
    if failed:
        raise typer.Exit(1)


if __name__ == "__main__":
    sys.exit(app())
