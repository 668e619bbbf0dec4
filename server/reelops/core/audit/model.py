"""Entries of the trail and the hash that chains them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from reelops.infra.jobs.model import FINAL_STATES, Job

NO_HASH = "0" * 64
"""What the first entry has instead of the hash of the one before."""

_TEXT_LIMIT = 2000
_FINAL = frozenset({*(state.value for state in FINAL_STATES), "skipped", "refused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """What happened. `job_id` may stay empty where no job is concerned; `facts` are a few short values."""

    job_type: str
    status: str = "completed"
    job_id: str = ""
    requested_by: str | None = None
    task_id: str | None = None
    subject: str | None = None
    model_name: str | None = None
    score: float | None = None
    error_message: str | None = None
    queued_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_job(
        cls,
        job: Job,
        job_type: str,
        *,
        status: str | None = None,
        subject: str | None = None,
        model_name: str | None = None,
        score: float | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> AuditEvent:
        """Tells of a job. `status` is the one that it is about to have, where its row does not say it yet."""
        final = (status or job.state.value) in _FINAL
        return cls(
            job_type=job_type,
            status=status or job.state.value,
            job_id=job.job_id,
            requested_by=job.requested_by,
            task_id=job.task_id,
            subject=subject,
            model_name=model_name,
            score=score,
            error_message=job.error_message,
            queued_at=job.queued_at,
            started_at=job.started_at,
            finished_at=job.finished_at or (datetime.now(UTC) if final else None),
            facts=facts or {},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One entry of the trail. `sequence` counts from 1 without gaps; hashes are hexadecimal."""

    sequence: int
    job_id: str
    job_type: str
    requested_by: str | None
    task_id: str | None
    subject: str | None
    status: str
    model_name: str | None
    score: float | None
    error_message: str | None
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    created_at: datetime
    facts: Mapping[str, Any]
    previous_hash: str
    entry_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What looking at the whole trail found. `head_hash` is that of the newest entry."""

    intact: bool
    entry_count: int
    first_broken_sequence: int | None
    head_hash: str


FIELDS = tuple(one.name for one in fields(AuditEntry))


def chain(event: AuditEvent, *, sequence: int, previous_hash: str, job_id: str, at: datetime) -> AuditEntry:
    """Makes the entry that follows the one with `previous_hash`. Texts are cut to 2000 characters.

    Raises `ValueError` for figures that are not finite.
    """
    document: dict[str, Any] = {
        "sequence": sequence,
        "job_id": job_id,
        "job_type": event.job_type,
        "requested_by": _clean(event.requested_by),
        "task_id": _clean(event.task_id),
        "subject": _clean(event.subject),
        "status": event.status,
        "model_name": _clean(event.model_name),
        "score": None if event.score is None else float(event.score),
        "error_message": _clean(event.error_message),
        "queued_at": event.queued_at,
        "started_at": event.started_at,
        "finished_at": event.finished_at,
        "created_at": at,
        # As JSON has it, so that what is read back is what was hashed.
        "facts": json.loads(canonical(event.facts)),
        "previous_hash": previous_hash,
    }
    return AuditEntry(**document, entry_hash=digest(_plain(document)))


def entry_document(entry: AuditEntry) -> dict[str, Any]:
    """Returns the entry as JSON values, as exports hold it."""
    return _plain({name: getattr(entry, name) for name in FIELDS})


def digest(document: Mapping[str, Any]) -> str:
    """Returns the SHA-256 over everything but the entry's own hash, in hexadecimal."""
    return sha256(canonical({key: value for key, value in document.items() if key != "entry_hash"})).hexdigest()


def canonical(document: Any) -> bytes:
    """Returns the one spelling of a JSON value: sorted keys, no spaces, UTF-8."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "replace")


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    return {key: spell_moment(value) if isinstance(value, datetime) else value for key, value in document.items()}


def spell_moment(moment: datetime) -> str:
    """Returns RFC 3339 in UTC with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _clean(text: str | None) -> str | None:
    # No database keeps half a character, and PostgreSQL keeps no NUL.
    if text is None:
        return None
    return text[:_TEXT_LIMIT].replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
