"""Clips and thumbnails, without `await`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .calls import Caller
from .clipping import FIRST_POLL_SEC, WAIT_SEC, AsyncClipper, OnClip
from .downloading import OnProgress, StrPath
from .drawing import DRAW_SEC, AsyncThumbnails
from .models import Background, Clip, ClipFormat, FaceExpression, Style, Thumbnail
from .transport import drive


class Clipper:
    """Clips and the jobs that cut them; see `AsyncClipper`."""

    def __init__(self, caller: Caller) -> None:
        self._clipper = AsyncClipper(caller)

    def create(self, *, source: str, start_sec: float, duration_sec: float, out_ext: ClipFormat | None = None) -> Clip:
        """Queues the cutting of a clip of 1 to 3600 s and returns its job; mp4 where no format is named.

        `source` is an http or https URL, the id of an asset, or a file below the service's media root. Every call makes
        a clip, so one whose answer is lost is not repeated.
        """
        return drive(
            self._clipper.create(source=source, start_sec=start_sec, duration_sec=duration_sec, out_ext=out_ext)
        )

    def get(self, job_id: str) -> Clip:
        return drive(self._clipper.get(job_id))

    def wait(
        self,
        clip: Clip | str,
        *,
        timeout_sec: float | None = WAIT_SEC,
        on_progress: OnClip | None = None,
        poll_sec: float = FIRST_POLL_SEC,
    ) -> Clip:
        """Waits until a clip is complete; `on_progress` is told of each change.

        The pauses between looks grow from `poll_sec` to 12 s, and what the service says by `Retry-After` is kept. It
        goes on over five minutes without the service. Raises `ClipFailedError` and `WaveStackTimeoutError`.
        """
        return drive(self._clipper.wait(clip, timeout_sec=timeout_sec, on_progress=on_progress, poll_sec=poll_sec))

    def download(self, clip: Clip | str, path: StrPath, *, on_progress: OnProgress | None = None) -> Path:
        """Writes a complete clip to `path`, whole or not at all; `on_progress` gets the bytes and the size."""
        return drive(self._clipper.download(clip, path, on_progress=on_progress))


class Thumbnails:
    """Thumbnails of 1280×720 pixels; see `AsyncThumbnails`."""

    def __init__(self, caller: Caller) -> None:
        self._thumbnails = AsyncThumbnails(caller)

    def generate(
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
        return drive(
            self._thumbnails.generate(
                title=title,
                style=style,
                subtitle=subtitle,
                include_face=include_face,
                face_expression=face_expression,
                background=background,
                colors=colors,
                picture=picture,
                timeout_sec=timeout_sec,
            )
        )

    def from_frame(
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
        return drive(
            self._thumbnails.from_frame(
                video_url=video_url,
                timestamp=timestamp,
                style=style,
                title=title,
                subtitle=subtitle,
                timeout_sec=timeout_sec,
            )
        )

    def download(self, thumbnail: Thumbnail | str, path: StrPath, *, on_progress: OnProgress | None = None) -> Path:
        """Writes the PNG of a thumbnail, or of a thumbnail's id, to `path`, whole or not at all."""
        return drive(self._thumbnails.download(thumbnail, path, on_progress=on_progress))
