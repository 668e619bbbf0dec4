"""What a project is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reelops.core.library.assets.model import random_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project of an organisation. Two may have the same name."""

    project_id: str
    org_id: str
    name: str
    description: str | None
    created_at: datetime


def new_project_id() -> str:
    """Makes an id that nobody can guess."""
    return f"proj_{random_name()}"
