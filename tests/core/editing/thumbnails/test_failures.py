"""What a caller who waits is told: a job's row keeps a code and a sentence, and neither kind nor field."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import reelops
from reelops import errors
from reelops.core.editing.thumbnails.failures import Fields, failure
from reelops.infra.database import utc_now
from reelops.infra.jobs import Job, JobState

FIELDS = Fields(source="video_url", texts="overlays.")
RAISED = ("infra/fetching", "infra/media", "infra/blobs", "core/sourcing", "core/editing/thumbnails/drawing")
MADE_OTHERWISE = {
    "VIDEO_FILE_MISSING": errors.Invalid,  # gone while the job waited: the caller named what is not there
    "BLOB_NOT_FOUND": errors.Invalid,
    "STORAGE_FULL": errors.Unavailable,
    "PRIVACY_MASK_INVALID": errors.Internal,  # it was checked when it was uploaded
}


def raised() -> Iterator[tuple[str, type[errors.ReelOpsError]]]:
    """Finds every error that a thumbnail's job can end with, in the code that it runs."""
    root = Path(reelops.__file__).parent
    kinds = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type)}
    for path in (path for part in RAISED for path in (root / part).rglob("*.py") if "cutting" not in path.parts):
        for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            first = call.args[0] if call.args else None
            if name in kinds and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value, kinds[name]


def test_every_error_of_a_job_is_what_it_was() -> None:
    found = dict(raised())
    assert {"SOURCE_TOO_LARGE", "IMAGE_UNREADABLE", "VIDEO_NO_STREAM", "GLYPH_MISSING", "STORAGE_FULL"} <= set(found)
    for code, kind in found.items():
        if kind in (errors.Cancelled, errors.Unconfigured) or code in ("STORAGE_UNAVAILABLE", "MEDIA_ROOT_MISSING"):
            continue  # these never end a job: it is given up, or waits
        told = failure(_failed(code), FIELDS)
        assert type(told) is MADE_OTHERWISE.get(code, kind), code
        assert told.details["job_id"] == "a job" and told.message == "It was so."


@pytest.mark.parametrize("code", ["INTERNAL", "WORKER_LOST", "JOB_KIND_UNKNOWN", "PICTURE_INVALID", "SOMETHING_NEW"])
def test_what_is_our_own_fault_is_said_to_be(code: str) -> None:
    assert type(failure(_failed(code), FIELDS)) is errors.Internal


def test_what_somebody_else_cancelled_conflicts() -> None:
    told = failure(replace(_failed(""), state=JobState.cancelled), FIELDS)
    assert (type(told), told.code) == (errors.Conflict, "THUMBNAIL_CANCELLED")


def _failed(code: str) -> Job:
    return Job(
        job_id="a job",
        kind="editing.thumbnail",
        queue="thumbnails",
        state=JobState.failed,
        progress=0.0,
        stage="failed",
        attempt=1,
        max_attempts=3,
        priority=0,
        requested_by="client:shop",
        task_id=None,
        error_code=code,
        error_message="It was so.",
        queued_at=utc_now(),
    )
