"""Rows of the job table as the values that everybody sees."""

from __future__ import annotations

import dataclasses
from typing import Any

from reelops.infra.jobs.model import Job, JobState
from reelops.infra.jobs.store import job

_FIELDS = tuple(field.name for field in dataclasses.fields(Job))
COLUMNS = tuple(job.c[name] for name in _FIELDS)


def to_job(row: Any, **changes: Any) -> Job:
    """Makes a job of a row, with the changes that were written since it was read."""
    values = {name: changes[name] if name in changes else getattr(row, name) for name in _FIELDS}
    values["state"] = JobState(values["state"])
    values["payload"] = values["payload"] or {}
    return Job(**values)
