"""Looks at the file that is to be cut: its header and its first frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import cast

from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from reelops.errors import Invalid
from reelops.infra.media.cutting.encoders import Format
from reelops.infra.media.cutting.hdr import light_of
from reelops.infra.media.cutting.source import PATIENCE, Sound, Source, decoded
from reelops.infra.media.model import MediaLimits
from reelops.infra.media.opening import check_pixels, container_fps, open_video
from reelops.infra.media.reading import Guard


def open_source(path: Path, *, limits: MediaLimits, guard: Guard) -> Source:
    """Looks at a file; raises what `open_video` raises."""
    with open_video(path, limits=limits) as (container, stream):
        opening, first = _first_frame(container, stream, limits)
        counted = first.pts is None or not stream.time_base
        rate = Fraction(container_fps(stream)).limit_denominator(1001)
        return Source(
            path=path,
            limits=limits,
            guard=guard,
            index=stream.index,
            origin=0 if counted else first.pts or 0,
            tick=1 / rate if counted else Fraction(stream.time_base or 1),
            counted=counted,
            codec=stream.codec_context.codec.canonical_name,
            tag=stream.codec_context.codec_tag.strip("\0 "),
            extradata=stream.codec_context.extradata or b"",
            picture=_format(first, stream, rate),
            sounds=tuple(
                Sound(audio.index, audio.codec_context.codec.canonical_name)
                for audio in container.streams.audio
                if audio.codec_context is not None and audio.codec_context.channels
            ),
            title=container.metadata.get("title", ""),
            clock_sec=(container.start_time or 0) / 1_000_000,
            opening=opening,
            first=first,
        )


def _first_frame(container: InputContainer, stream: VideoStream, limits: MediaLimits) -> tuple[bytes, VideoFrame]:
    """Gives the first packet as it is, and the first frame that can be decoded."""
    opening = b""
    for count, packet in enumerate(container.demux(stream)):
        opening = opening or bytes(packet)
        for frame in decoded(packet):
            check_pixels(frame.width, frame.height, limits)
            return opening, cast(VideoFrame, frame)
        if count > PATIENCE:
            break
    raise Invalid("VIDEO_UNREADABLE", "Not one frame of the video could be decoded; the file is damaged.")


def _format(first: VideoFrame, stream: VideoStream, rate: Fraction) -> Format:
    context = stream.codec_context
    return Format(
        width=first.width,
        height=first.height,
        pixels=first.format.name,
        rate=rate,
        aspect=stream.sample_aspect_ratio or Fraction(1),
        colour_range=int(first.color_range),
        primaries=int(first.color_primaries),
        transfer=int(first.color_trc),
        matrix=int(first.colorspace),
        reorders=bool(context.has_b_frames),
        field_order=int(context.field_order) if first.interlaced_frame or context.field_order > 1 else 0,
        light=light_of(first),
    )
