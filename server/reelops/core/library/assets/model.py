"""What an asset is, and where its file is kept."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reelops.core.library.model import ending

DEFAULT_ORG = "default"
"""The organisation of what comes in without one, where no setting names another."""

_ALPHABET = string.ascii_lowercase + string.digits


class AssetKind(StrEnum):
    """What made an asset: an upload, a cut, a drawing."""

    video = "video"
    clip = "clip"
    thumbnail = "thumbnail"


class AssetState(StrEnum):
    """Whether an asset can be used."""

    pending = "pending"
    processing = "processing"
    ready = "ready"
    failed = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One entry of the library.

    `file_key` names its blob, which is whole once the asset is ready. `video_id` is set where it is a video of the
    house too. `error` is a sentence for people.
    """

    asset_id: str
    org_id: str
    kind: AssetKind
    state: AssetState
    name: str
    created_at: datetime
    updated_at: datetime
    content_type: str | None = None
    file_key: str | None = None
    size_bytes: int | None = None
    sha256: str | None = None
    duration_sec: float | None = None
    width: int | None = None
    height: int | None = None
    job_id: str | None = None
    video_id: int | None = None
    source_asset_id: str | None = None
    error: str | None = None
    expires_at: datetime | None = None


def new_asset_id() -> str:
    """Makes an id that nobody can guess: 134 random bits."""
    return f"asset_{random_name()}"


def random_name(length: int = 26) -> str:
    """Returns random letters and digits, each 5.17 bits."""
    number, name = secrets.randbelow(len(_ALPHABET) ** length), ""
    for _ in range(length):
        number, place = divmod(number, len(_ALPHABET))
        name += _ALPHABET[place]
    return name


def uploaded_key(asset_id: str, name: str) -> str:
    """Returns where the file of an uploaded asset is kept."""
    return f"assets/{asset_id}{ending(name)}"
