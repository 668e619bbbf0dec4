"""The thumbnail generator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from .calls import Call, Caller, present, segment
from .clipping import file_name
from .downloading import OnProgress, StrPath, download
from .models import Background, Dimensions, FaceExpression, Style, Thumbnail
from .reading import Fields

DRAW_SEC = 120.0


class AsyncThumbnails:
    """Thumbnails of 1280×720 pixels. Every call draws one, so one whose answer is lost is not repeated."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def generate(
        self,
        *,
        title: str,
        style: Style | None = None,
        subtitle: str | None = None,
        include_face: bool | None = None,
        face_expression: FaceExpression | None = None,
        background: Background | None = None,
        colors: Iterable[str] | None = None,
        picture: str | None = None,
        timeout_sec: float = DRAW_SEC,
    ) -> Thumbnail:
        """Draws a thumbnail in a style, custom where none is named.

        `colors` are `#rgb` or `#rrggbb`; `picture` is a picture or video to show: an http or https URL, the id of an
        asset, or a file below the service's media root.
        """
        options = {
            "include_face": include_face,
            "face_expression": face_expression,
            "background": background,
            "colors": None if colors is None else list(colors),
            "picture": picture,
        }
        body = {"title": title, "style": style, "subtitle": subtitle, "options": present(options) or None}
        return await self._draw("/api/v1/generate", body, timeout_sec)

    async def from_frame(
        self,
        *,
        video_url: str,
        timestamp: float | None = None,
        style: Style | None = None,
        title: str | None = None,
        subtitle: str | None = None,
        timeout_sec: float = DRAW_SEC,
    ) -> Thumbnail:
        """Draws a thumbnail over the frame at `timestamp`, in seconds, or over the best frame where it is absent."""
        overlays = present({"title": title, "subtitle": subtitle})
        body = {"video_url": video_url, "timestamp": timestamp, "style": style, "overlays": overlays or None}
        return await self._draw("/api/v1/generate/from-frame", body, timeout_sec)

    async def download(
        self, thumbnail: Thumbnail | str, path: StrPath, *, on_progress: OnProgress | None = None
    ) -> Path:
        """Writes the PNG of a thumbnail, or of a thumbnail's id, to `path`, whole or not at all."""
        name = f"{thumbnail}.png" if isinstance(thumbnail, str) else file_name(thumbnail.url)
        call = Call("thumbnail", "GET", f"/thumbnails/{segment(name)}", repeatable=True)
        return await download(self._caller, call, path, on_progress=on_progress)

    async def _draw(self, path: str, body: Mapping[str, object], timeout_sec: float) -> Thumbnail:
        call = Call("thumbnail", "POST", path, body=body, timeout_sec=timeout_sec)
        return to_thumbnail(await self._caller.call(call))


def to_thumbnail(fields: Fields) -> Thumbnail:
    dimensions = fields.object("dimensions")
    return Thumbnail(
        thumbnail_id=fields.text("thumbnail_id"),
        url=fields.text("url"),
        dimensions=Dimensions(width=dimensions.whole("width"), height=dimensions.whole("height")),
        generated_at=fields.moment("generated_at"),
        asset_id=fields.maybe("asset_id", fields.text),
        job_id=fields.maybe("job_id", fields.text),
        timestamp=fields.maybe("timestamp", fields.number),
        expires_at=fields.maybe("expires_at", fields.moment),
    )
