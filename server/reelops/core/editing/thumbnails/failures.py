"""What a caller who waits is told when a thumbnail's job ends badly: of the error, its row keeps code and sentence."""

from __future__ import annotations

from dataclasses import dataclass

from reelops import errors
from reelops.infra.jobs import Job, JobState

_TEXTS = frozenset({"GLYPH_MISSING", "TITLE_REQUIRED", "TEXT_TOO_LONG"})
_OPTIONS = {"COLOR_INVALID": "options.colors", "TOO_MANY_COLORS": "options.colors", "TIMESTAMP_INVALID": "timestamp"}
_CONSTRAINTS = {
    "TITLE_REQUIRED": "required",
    "TEXT_TOO_LONG": "max_length",
    "TOO_MANY_COLORS": "max_items",
    "COLOR_INVALID": "pattern",
    "TIMESTAMP_INVALID": "maximum",
}
_LARGE = frozenset({"SOURCE_TOO_LARGE", "IMAGE_TOO_LARGE", "UPLOAD_TOO_LARGE"})
_AWAY = frozenset({"SOURCE_UNAVAILABLE", "SOURCE_INCOMPLETE"})
_ROOM = frozenset({"STORAGE_FULL", "STORAGE_LIMIT"})
_BUSY = frozenset({"ASSET_NOT_READY"})
# What is wrong with a source begins so; what has no such beginning is nothing that a caller could put right.
_SOURCE = ("SOURCE_", "VIDEO_", "IMAGE_", "BLOB_", "UPLOAD_", "ASSET_")
_RETRY_SEC = "60"


@dataclass(frozen=True, slots=True)
class Fields:
    """How the request calls its source, and what stands before `title` and `subtitle`."""

    source: str
    texts: str = ""


def failure(job: Job, fields: Fields) -> errors.ReelOpsError:
    """Gives the error for a job that did not complete."""
    if job.state is JobState.cancelled:
        return errors.Conflict("THUMBNAIL_CANCELLED", "The drawing was cancelled.", job_id=job.job_id)
    code, sentence = job.error_code or "INTERNAL", job.error_message or "The thumbnail could not be drawn."
    if code in _ROOM:
        return errors.Unavailable(code, sentence, job_id=job.job_id, retry_after=_RETRY_SEC)
    if code in _TEXTS or code in _OPTIONS:
        constraint = _CONSTRAINTS.get(code, "format")
        return errors.Invalid(
            code, sentence, job_id=job.job_id, field=_field(code, sentence, fields), constraint=constraint
        )
    if not code.startswith(_SOURCE):
        return errors.Internal(code, sentence, job_id=job.job_id)
    kind = _of_source(code)
    return kind(code, sentence, job_id=job.job_id, field=fields.source)


def renamed(error: errors.ReelOpsError, fields: Fields) -> errors.ReelOpsError:
    """Gives a refusal whose field is called as the request calls it."""
    named = error.details.get("field")
    if named is None:
        return error
    field = fields.texts + named if named in ("title", "subtitle") else named
    field = _OPTIONS.get(error.code, fields.source if named == "source" else field)
    constraint = error.details.get("constraint") or _CONSTRAINTS.get(error.code, "format")
    return type(error)(error.code, error.message, **{**error.details, "field": field, "constraint": constraint})


def _of_source(code: str) -> type[errors.ReelOpsError]:
    if code in _LARGE:
        return errors.TooLarge
    if code in _AWAY:
        return errors.Unavailable
    return errors.Conflict if code in _BUSY else errors.Invalid


def _field(code: str, sentence: str, fields: Fields) -> str:
    if code in _OPTIONS:
        return _OPTIONS[code]
    return fields.texts + ("subtitle" if "the subtitle" in sentence.lower() else "title")
