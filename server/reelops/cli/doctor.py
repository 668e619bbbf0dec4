"""`reelops doctor`: what is wrong with this installation, and what to do about it."""

from __future__ import annotations

import asyncio
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from reelops import errors
from reelops.cli.lock import is_held, is_part
from reelops.cli.parts import gateway_of, triton_part
from reelops.cli.ports import Taken, taken_ports
from reelops.infra.database import schema_version
from reelops.infra.inference import InferenceClient
from reelops.rpc.edge import validate, write_gateway
from reelops.rpc.edge.process import envoy_binary
from reelops.settings import Settings

_LEAST_FREE_GB = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `advice` says what to do where it is not well; `serious` ones stop a start."""

    name: str
    well: bool
    said: str
    advice: str = ""
    serious: bool = True


async def examine(settings: Settings, console: Console) -> bool:
    """Prints every finding and says whether the service can start."""
    well = True
    for look in _LOOKS:
        for finding in await asyncio.to_thread(_look, look, settings):
            well &= finding.well or not finding.serious
            _print(console, finding)
    for finding in await _running(settings):
        _print(console, finding)
    console.print("all is well" if well else "the service cannot start before this is mended", style="bold")
    return well


def _look(look: Callable[[Settings], Iterator[Finding]], settings: Settings) -> list[Finding]:
    return list(look(settings))


def _print(console: Console, finding: Finding) -> None:
    mark = "[green]✓[/]" if finding.well else "[red]✗[/]" if finding.serious else "[yellow]![/]"
    console.print(f"{mark} {finding.name}: {finding.said}", highlight=False, soft_wrap=True)
    if not finding.well and finding.advice:
        console.print(f"    → {finding.advice}", highlight=False, soft_wrap=True)


def _python(_settings: Settings) -> Iterator[Finding]:
    version = platform.python_version()
    fits = (3, 11) <= sys.version_info[:2] < (3, 13)
    yield Finding("Python", fits, version, "use Python 3.11 or 3.12")


def _data(settings: Settings) -> Iterator[Finding]:
    try:
        settings.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.folder) as probe:
            probe.write(b"x")
    except OSError as error:
        yield Finding("data folder", False, f"{settings.folder}: {error.strerror}", "choose another one with --data")
        return
    free = shutil.disk_usage(settings.folder).free / 1e9
    yield Finding(
        "data folder",
        free >= _LEAST_FREE_GB,
        f"{settings.folder}, {free:.1f} GB free",
        "make room: uploads fail when the disk is full",
        serious=False,
    )


def _credentials(settings: Settings) -> Iterator[Finding]:
    if settings.has_credentials:
        yield Finding("credentials", True, "configured")
    else:
        yield Finding("credentials", True, f"made by the embedded run, in {settings.credentials_file}")
    if settings.has_credentials and not settings.audit_signing_key.get_secret_value():
        yield Finding(
            "audit signing key",
            False,
            "none, so exports answer 503",
            "set SOPILOT_AUDIT_SIGNING_KEY and SOPILOT_AUDIT_SIGNING_KEY_ID",
            serious=False,
        )


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        version = schema_version(settings.database)
    except errors.ReelOpsError as error:
        yield Finding("database", False, error.message, "start it, or correct REELOPS_DATABASE_URL")
        return
    yield Finding("database", True, f"schema {version}" if version else "new, made at the first start")


def _triton(settings: Settings) -> Iterator[Finding]:
    if settings.triton_address:
        yield Finding("Triton", True, f"elsewhere, at {settings.triton_address}")
        return
    try:
        command = triton_part(settings)
    except errors.ReelOpsError as error:
        yield Finding("Triton", False, error.message, "run `make install`, or set REELOPS_TRITON_VENV")
        return
    yield Finding("Triton", True, command.argv[0])
    if settings.embedder_onnx and not settings.embedder_onnx.is_file():
        yield Finding("embedder", False, f"{settings.embedder_onnx} is no file", "correct REELOPS_EMBEDDER_ONNX")


def _envoy(settings: Settings) -> Iterator[Finding]:
    (settings.folder / "logs").mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            validate(write_gateway(Path(folder), gateway_of(settings)))
        yield Finding("Envoy", True, str(envoy_binary()))
    except errors.ReelOpsError as error:
        yield Finding("Envoy", False, error.message, "run `make install`")


def _ports(settings: Settings) -> Iterator[Finding]:
    taken = taken_ports(settings)
    others = [one for one in taken if one.process is None or not is_part(one.process, settings.folder)]
    for one in others:
        yield Finding("ports", False, str(one), "end that program or choose others with --port-offset")
    if len(others) < len(taken):
        yield Finding("ports", True, f"the service runs already, on {_numbers(set(taken) - set(others))}")
    elif is_held(settings.folder):
        advice = "end it, choose another folder with --data, or give its --port-offset to look at it"
        yield Finding("ports", False, f"a service uses {settings.folder} already, on other ports", advice)
    elif not taken:
        yield Finding("ports", True, "free")


def _numbers(taken: Iterable[Taken]) -> str:
    return ", ".join(str(port) for port in sorted(one.port for one in taken))


async def _running(settings: Settings) -> list[Finding]:
    """Looks whether Triton answers, which says whether a service runs here now."""
    async with InferenceClient.connect(settings.triton, shared_memory=False) as inference:
        if not await inference.ready(timeout_sec=1.0):
            return []
        embedder = await inference.embedder()
    return [Finding("running", True, f"a service answers here; it embeds with {embedder.label}")]


_LOOKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _python,
    _data,
    _credentials,
    _database,
    _triton,
    _envoy,
    _ports,
)
