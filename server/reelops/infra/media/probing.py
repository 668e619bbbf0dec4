"""Says what a file holds, by its header and its first frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from reelops.errors import Invalid
from reelops.infra.media.model import MediaInfo, MediaLimits
from reelops.infra.media.opening import check_pixels, container_fps, declared_duration, open_video
from reelops.infra.media.pictures import orientation, shape

_PATIENCE = 300


def probe(path: Path | str, *, limits: MediaLimits | None = None) -> MediaInfo:
    """Reads the header and decodes one frame; blocking.

    Raises `Invalid` with VIDEO_EMPTY, VIDEO_UNREADABLE, VIDEO_NO_STREAM, VIDEO_TOO_LARGE or VIDEO_TOO_LONG.
    """
    limits = limits or MediaLimits()
    with open_video(path, limits=limits) as (container, stream):
        frame = _first_frame(container, stream, limits)
        aspect = stream.sample_aspect_ratio or Fraction(1)
        turns, _ = orientation(frame)
        width, height = shape(frame.width, frame.height, aspect)
        tick = float(stream.time_base or 0)
        return MediaInfo(
            duration_sec=declared_duration(container, stream),
            width=height if turns % 2 else width,
            height=width if turns % 2 else height,
            rotation=turns * 90,
            source_fps=container_fps(stream),
            codec=stream.codec_context.codec.canonical_name,
            pixel_format=frame.format.name,
            has_audio=bool(container.streams.audio),
            start_sec=(frame.pts or 0) * tick,
            sample_aspect_ratio=aspect,
        )


def _first_frame(container: InputContainer, stream: VideoStream, limits: MediaLimits) -> VideoFrame:
    for count, packet in enumerate(container.demux(stream)):
        try:
            frames = packet.decode()
        except (av.error.InvalidDataError, av.error.ArgumentError):
            frames = []
        if frames:
            check_pixels(frames[0].width, frames[0].height, limits)
            return frames[0]
        if count > _PATIENCE:
            break
    raise Invalid("VIDEO_UNREADABLE", "Not one frame of the video could be decoded; the file is damaged.")
