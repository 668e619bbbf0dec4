"""The settings of a command, and how it tells that one is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pydantic
import typer
from rich.console import Console

from reelops.settings import Settings

_errors = Console(stderr=True)


def load_settings(data: Path | None = None, port_offset: int | None = None) -> Settings:
    """Reads the settings; ends the program with the reason where one is wrong."""
    if data is not None:
        os.environ["REELOPS_DATA"] = str(data.absolute())
    if port_offset is not None:
        os.environ["REELOPS_PORT_OFFSET"] = str(port_offset)
    from reelops.configured import check

    try:
        settings = Settings()
        check(settings)
        return settings
    except pydantic.ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            name = ".".join(str(part) for part in problem["loc"]) or "settings"
            _errors.print(f"[red]{name}[/]: {problem['msg'].removeprefix('Value error, ')}", highlight=False)
    except ValueError as error:
        _errors.print(str(error), style="red", highlight=False, markup=False)
    raise typer.Exit(2)
