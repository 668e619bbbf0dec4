"""Queue items: states, rules, and what makes two requests the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from reelops import errors
from reelops.core.library.assets.model import random_name

TITLE_LIMIT = 120


class Platform(StrEnum):
    """Where something is published."""

    youtube = "youtube"
    instagram = "instagram"
    tiktok = "tiktok"
    x = "x"
    facebook = "facebook"
    linkedin = "linkedin"


class ItemState(StrEnum):
    """How far an item is."""

    queued = "queued"
    processing = "processing"
    published = "published"
    failed = "failed"

    @property
    def is_final(self) -> bool:
        """Says whether the item never changes again."""
        return self in (ItemState.published, ItemState.failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """A queue item that is asked for. Project and asset need not be there before it is due."""

    title: str
    platforms: Sequence[Platform]
    idempotency_key: str
    project_id: str | None = None
    asset_id: str | None = None
    caption: str | None = None
    hashtags: Sequence[str] = ()
    schedule_at: datetime | None = None

    def checked(self) -> NewItem:
        """Returns itself, or raises `Invalid` naming the first field that is wrong.

        Lengths and numbers are the declared rules of the request; this is what such rules cannot say.
        """
        # Surfaces spell fields their own way, so the sentences name none.
        for name, said in (("title", "a title"), ("idempotency_key", "an idempotency key")):
            if not getattr(self, name).strip():
                raise errors.Invalid("FIELD_INVALID", f"{said} is required", field=name, constraint="required")
        if any("\x00" in hashtag for hashtag in self.hashtags):
            raise errors.Invalid(
                "FIELD_INVALID", "hashtags: must not contain NUL", field="hashtags", constraint="pattern"
            )
        return self

    @property
    def content_hash(self) -> str:
        """Returns the SHA-256 of everything that was asked for but the key, in hexadecimal."""
        content = {
            "project_id": self.project_id,
            "asset_id": self.asset_id,
            "title": self.title,
            "caption": self.caption,
            "hashtags": list(self.hashtags),
            "platforms": [platform.value for platform in self.platforms],
            "schedule_at": self.schedule_at and self.schedule_at.isoformat(),
        }
        return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueItem:
    """Something to publish. `job_id` is its timer and, once it is due, what publishes it."""

    item_id: str
    org_id: str
    project_id: str | None
    asset_id: str | None
    title: str
    caption: str | None
    hashtags: tuple[str, ...]
    platforms: tuple[Platform, ...]
    schedule_at: datetime | None
    state: ItemState
    idempotency_key: str
    content_hash: str
    job_id: str
    created_at: datetime
    updated_at: datetime
    error_code: str | None = None
    error_message: str | None = None


def new_item_id() -> str:
    """Makes an id that nobody can guess: a c, and 124 random bits."""
    return f"c{random_name(24)}"
