"""Answers of WaveStack, as the scripted server gives them."""

from __future__ import annotations

from typing import Any

from tests.clients.wavestack.scripted import Say

MOMENT = "2026-01-15T10:00:00Z"
READ_MOMENT = "2026-01-15T10:00:00.000Z"
CREATED = Say(body={"id": "item_1", "status": "queued", "createdAt": MOMENT})
PROJECT = {"id": "proj_1", "orgId": "org_123", "name": "My Project", "description": None, "createdAt": MOMENT}
CLIP_CREATED = Say(body={"job_id": "abc123", "status": "queued", "message": "Clip job created"})
THUMBNAIL = Say(
    body={
        "thumbnail_id": "thumb_123",
        "url": "http://localhost:8400/thumbnails/thumb_123.png",
        "dimensions": {"width": 1280, "height": 720},
        "generated_at": MOMENT,
    }
)


def token(value: str, lifetime_sec: int = 3600) -> Say:
    return Say(body={"access_token": value, "token_type": "Bearer", "expires_in": lifetime_sec})


def refusal(status: int, code: str, *, headers: dict[str, str] | None = None, **details: str) -> Say:
    """Returns an error as the document has them."""
    body = {"error": {"code": code, "message": f"this is {code}", "details": details}}
    return Say(status, body, headers or {})


def item(number: int = 1) -> dict[str, Any]:
    return {
        "id": f"item_{number}",
        "orgId": "org_123",
        "projectId": None,
        "assetId": "asset_789",
        "title": "夏のハイライト 🎬",
        "caption": None,
        "hashtags": ["gaming"],
        "platforms": ["youtube", "x"],
        "scheduleAt": "2026-01-20T12:00:00.5Z",
        "status": "failed",
        "createdAt": MOMENT,
        "updatedAt": MOMENT,
        "error": {"code": "PUBLISHER_MISSING", "message": "there is no publisher for youtube"},
    }


def page(items: list[dict[str, Any]], total: int, offset: int = 0) -> Say:
    return Say(body={"items": items, "total": total, "limit": 2, "offset": offset})


def clip(status: str, progress: int = 0, **more: Any) -> Say:
    return Say(body={"job_id": "abc123", "status": status, "progress": progress, **more})


def complete(size_bytes: int = 5_242_880) -> Say:
    """Returns a clip that is complete, with the address of another host in its URL."""
    result = {
        "url": "http://elsewhere.example/files/abc123.mp4",
        "duration": 15.0,
        "size_bytes": float(size_bytes),
        "created_at": MOMENT,
        "asset_id": "asset_1",
        "copied_frames": 421,
        "encoded_frames": 29,
        "expires_at": MOMENT,
    }
    return clip("complete", 100, result=result)
