"""Commands that speak to a running service: where it is, who calls, and how failures are told."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Concatenate, ParamSpec, get_type_hints

import typer
from reelops_client import ReelOps, ReelOpsError, TimedOut
from rich.console import Console

from reelops import errors
from reelops.settings import Settings

P = ParamSpec("P")

out = Console()
err = Console(stderr=True)

CONNECTION = {
    "address": Annotated[
        str | None,
        typer.Option(help="host:port, http://host:port or https://host of the service.", envvar="REELOPS_GRPC_ADDRESS"),
    ],
    "token": Annotated[
        str | None, typer.Option(help="A role token; of the data folder where absent.", envvar="REELOPS_TOKEN")
    ],
    "user": Annotated[str | None, typer.Option(help="`user:password` in the place of a token.", envvar="REELOPS_USER")],
    "data": Annotated[Path | None, typer.Option(help="The data folder of a service on this machine.")],
    "port_offset": Annotated[int | None, typer.Option(min=0, max=40000, help="What its ports are shifted by.")],
}


def on_service(command: Callable[Concatenate[ReelOps, P], None]) -> Callable[..., None]:
    """Makes a command of a function that takes a client: adds the options that say which service; tells failures."""

    @functools.wraps(command)
    def run(**given: Any) -> None:
        connection = {name: given.pop(name) for name in CONNECTION}
        with telling(), connect(**connection) as reelops:
            command(reelops, **given)  # type: ignore[call-arg]

    hints = get_type_hints(command, include_extras=True)
    own = list(inspect.signature(command).parameters.values())[1:]
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in CONNECTION.items()
    ]
    parameters = [parameter.replace(annotation=hints[parameter.name]) for parameter in own] + added
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    del run.__wrapped__
    return run


class telling:
    """Tells an expected failure in a sentence and ends the program with status 1."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, KeyboardInterrupt):
            raise typer.Exit(130)
        if isinstance(error, ReelOpsError | errors.ReelOpsError | OSError | ValueError):
            said = str(error)
            if isinstance(error, ReelOpsError) and error.request_id and not isinstance(error, TimedOut):
                said += f" (request {error.request_id})"
            err.print(f"error: {said}", style="red", markup=False, highlight=False)
            raise typer.Exit(1)


def connect(
    *, address: str | None, token: str | None, user: str | None, data: Path | None, port_offset: int | None
) -> ReelOps:
    """Connects as the options say; to the service on this machine, with its own credentials, where they say nothing."""
    settings = local_settings(data, port_offset)
    if user is not None:
        name, _, password = user.partition(":")
        return ReelOps(address or settings.grpc, basic=(name, password))
    if token is None and address in (None, settings.grpc):
        token = local_secret(settings, "tokens", "admin")
    return ReelOps(address or settings.grpc, token=token)


def local_settings(data: Path | None, port_offset: int | None) -> Settings:
    """Reads the settings with the options put over them."""
    chosen = {"data": data, "port_offset": port_offset}
    return Settings(**{name: value for name, value in chosen.items() if value is not None})  # type: ignore[arg-type]


def local_secret(settings: Settings, *path: str) -> str | None:
    """Returns a secret that the service on this machine made for itself, None where it made none."""
    try:
        found = json.loads(settings.credentials_file.read_bytes())
        for name in path:
            found = found[name]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(found)
