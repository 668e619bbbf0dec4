"""What WaveStack's core answers with, as the document shows it."""

from __future__ import annotations

from typing import Any

from tests.documents.shapes import Moment, Nullable

CREATED = {"id": str, "status": "queued", "createdAt": Moment}
ITEM = {
    "id": str,
    "orgId": str,
    "projectId": Nullable(str),
    "assetId": Nullable(str),
    "title": str,
    "caption": Nullable(str),
    "hashtags": [str],
    "platforms": [str],
    "scheduleAt": Nullable(Moment),
    "status": str,
    "createdAt": Moment,
    "updatedAt": Moment,
}
PROJECT = {"id": str, "orgId": str, "name": str, "description": Nullable(str), "createdAt": Moment}
ASSET = {
    "id": str,
    "orgId": str,
    "type": str,
    "status": str,
    "name": str,
    "contentType": Nullable(str),
    "sizeBytes": Nullable(float),
    "durationSec": Nullable(float),
    "width": Nullable(int),
    "height": Nullable(int),
    "jobId": Nullable(str),
    "sourceAssetId": Nullable(str),
    "error": Nullable(str),
    "createdAt": Moment,
    "updatedAt": Moment,
    "expiresAt": Nullable(Moment),
}


def page(shape: Any) -> Any:
    """Returns the shape of a list."""
    return {"items": [shape], "total": int, "limit": int, "offset": int}


def refusal(code: str, field: str | None = None, constraint: str | None = None) -> Any:
    """Returns the shape of an error."""
    named = {"field": field, "constraint": constraint}
    details = {name: value for name, value in named.items() if value is not None}
    return {"error": {"code": code, "message": str, "details": details}}
