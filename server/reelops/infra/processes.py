"""What it takes to start another program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """A program with its whole argument list and its whole environment; nothing is inherited."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
