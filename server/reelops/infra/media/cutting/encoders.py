"""Opens encoders whose pictures are shaped and coloured as the source's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, cast

import av
import av.filter
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from reelops.infra.media.cutting.hdr import Light
from reelops.infra.media.cutting.model import Unjoinable
from reelops.infra.media.priorities import priorities_kept

# SVT-AV1 writes pages about itself to the error output unless its own variable says errors only.
os.environ.setdefault("SVT_LOG", "1")

# Constant quality at which the difference is hard to see, and the speed at which the work is worth waiting for.
_SETTINGS: Mapping[str, Mapping[str, str]] = {
    "libx264": {"preset": "veryfast", "crf": "17"},
    "libx265": {"preset": "veryfast", "crf": "18"},
    "libvpx-vp9": {"crf": "20", "b": "0", "deadline": "good", "cpu-used": "5", "row-mt": "1"},
    "libvpx": {"crf": "8", "b": "20M", "deadline": "good", "cpu-used": "5"},
    "libsvtav1": {"preset": "9", "crf": "24", "svtav1-params": "scd=1"},
}


@dataclass(frozen=True, slots=True)
class Format:
    """What pictures look like: size in pixels, pixel format, rate, shape of a pixel, colour as FFmpeg numbers it."""

    width: int
    height: int
    pixels: str
    rate: Fraction
    aspect: Fraction
    colour_range: int
    primaries: int
    transfer: int
    matrix: int
    reorders: bool
    field_order: int = 0
    light: Light | None = None

    @property
    def is_interlaced(self) -> bool:
        return self.field_order > 1

    @property
    def is_hdr(self) -> bool:
        """Whether the transfer is PQ or HLG, which eight bits cannot hold."""
        return self.transfer in (16, 18)

    def converted(self, pixels: str) -> Format:
        return replace(self, pixels=pixels)


@dataclass(frozen=True, slots=True)
class Coded:
    """One encoded picture: `place` is which of the frames it shows, `order` where it stands in decoding order."""

    data: bytes
    place: int
    order: int
    is_key: bool


def open_encoder(
    name: str, picture: Format, options: Mapping[str, str] | None = None, *, context: Any = None
) -> VideoCodecContext:
    """Opens an encoder (that of a stream where `context` is given) that counts frames: its stamps are their places.

    Raises `Unjoinable` when it refuses.
    """
    encoder: Any = context or av.CodecContext.create(name, "w")
    if picture.pixels not in {form.name for form in encoder.codec.video_formats or ()}:
        raise Unjoinable(f"there is no encoder for the pixel format {picture.pixels}")
    encoder.width, encoder.height, encoder.pix_fmt = picture.width, picture.height, picture.pixels
    encoder.framerate, encoder.time_base = picture.rate, 1 / picture.rate
    encoder.sample_aspect_ratio = picture.aspect
    encoder.color_range, encoder.color_primaries = picture.colour_range, picture.primaries
    encoder.color_trc, encoder.colorspace = picture.transfer, picture.matrix
    encoder.flags |= Flags.global_header
    encoder.thread_count = 0
    encoder.options = {**_SETTINGS[name], **(options or {})}
    try:
        with priorities_kept():
            encoder.open()
    except (av.FFmpegError, ValueError) as error:
        raise Unjoinable("the encoder refused pictures like these") from error
    return encoder  # type: ignore[no-any-return]


def encode(
    encoder: VideoCodecContext, frames: Iterable[VideoFrame], picture: Format, check: Callable[[], None]
) -> Iterator[Coded]:
    """Encodes frames, numbered from 0 in the order they are shown."""
    count = 0
    for place, frame in enumerate(frames):
        check()
        for packet in encoder.encode(_prepared(frame, place, picture)):
            yield _coded(packet, count)
            count += 1
    for packet in encoder.encode(None):
        check()
        yield _coded(packet, count)
        count += 1


def _prepared(frame: VideoFrame, place: int, picture: Format) -> VideoFrame:
    frame = _fitted(frame, picture)
    frame.pts, frame.time_base = place, 1 / picture.rate
    frame.pict_type = PictureType.NONE
    return frame


def _fitted(frame: VideoFrame, picture: Format) -> VideoFrame:
    if (frame.width, frame.height, frame.format.name) == (picture.width, picture.height, picture.pixels):
        return frame
    if not (0 <= frame.width - picture.width <= 1 and 0 <= frame.height - picture.height <= 1):
        return frame.reformat(picture.width, picture.height, picture.pixels)
    # A column or row too many is cut off: scaling would blur the whole picture.
    frame = frame.reformat(format=picture.pixels)
    graph = av.filter.Graph()
    entry = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 1000))
    crop = graph.add("crop", f"{picture.width}:{picture.height}:0:0:exact=1")
    leave = graph.add("buffersink")
    entry.link_to(crop)
    crop.link_to(leave)
    graph.configure()
    entry.push(frame)
    return cast(VideoFrame, leave.pull())


def _coded(packet: Any, order: int) -> Coded:
    return Coded(bytes(packet), int(packet.pts), order, bool(packet.is_keyframe))
