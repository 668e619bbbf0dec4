"""What the privacy mask of a source hides stays hidden in everything that is made of it."""

from __future__ import annotations

from reelops import errors
from reelops.core.library import store as videos
from reelops.core.library.assets import store as assets
from reelops.core.library.jobs import mask_of
from reelops.core.sourcing import SourceKind, SourceRef
from reelops.infra.database import Database
from reelops.infra.media import PrivacyMask


async def mask_of_source(db: Database, ref: SourceRef) -> PrivacyMask | None:
    """Returns the mask of the video that a source is, None where it has none or is no video of the house.

    Raises `Invalid("SOURCE_NOT_FOUND")` where the video is gone.
    """
    if ref.kind is not SourceKind.ASSET:
        return None
    asset = await assets.get_asset(db, ref.value, ref.org_id)
    video_id = asset.video_id if asset is not None else None
    if asset is not None and video_id is None:
        return None
    video = await videos.get_video(db, video_id) if video_id is not None else None
    if video is None:
        raise errors.Invalid("SOURCE_NOT_FOUND", f"there is no asset {ref.value}", field="source", constraint="exists")
    return mask_of(video.privacy_mask, video.privacy_mode)


async def refuse_masked(db: Database, ref: SourceRef) -> None:
    """Raises `Invalid("SOURCE_MASKED")` for a video with a privacy mask: the packets of a copy hide nothing."""
    if await mask_of_source(db, ref) is not None:
        raise errors.Invalid(
            "SOURCE_MASKED",
            "the video has a privacy mask, and a clip would show what it hides; thumbnails of it are masked",
            field="source",
            constraint="format",
        )
