"""Encodes every picture of a piece, for what cannot be joined."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from reelops.infra.media.cutting.encoders import Coded, Format, encode, open_encoder
from reelops.infra.media.cutting.indexing import Index
from reelops.infra.media.cutting.model import HELD_SEC, Container, Piece, Span
from reelops.infra.media.cutting.planning import held, wanted_end, wanted_stamps
from reelops.infra.media.cutting.smart import Written
from reelops.infra.media.cutting.source import Source, past_end
from reelops.infra.media.cutting.verifying import Expected
from reelops.infra.media.cutting.writing import Output, Stamped, open_output
from reelops.infra.media.pictures import shape

_KEPT = {"h264": "libx264", "hevc": "libx265", "vp9": "libvpx-vp9", "vp8": "libvpx", "av1": "libsvtav1"}
# By how many pictures the encoders, as they are set up here, let decoding run ahead.
_DELAYS = {"libx264": 1, "libx265": 1}
_WEB = frozenset({"vp8", "vp9", "av1"})
_PIXELS: dict[str, tuple[str, ...]] = {
    "libx264": ("yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "yuv420p10le", "yuv422p10le"),
    "libx265": ("yuv420p", "yuvj420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le"),
    "libvpx-vp9": ("yuv420p", "yuv422p", "yuv444p"),
    "libvpx": ("yuv420p",),
    "libsvtav1": ("yuv420p", "yuv420p10le"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """An encoder, the pictures it takes, its options, and whether the source has the same codec."""

    name: str
    picture: Format
    options: dict[str, str]
    is_kept: bool


def choose(source: Source, container: Container) -> Choice:
    """Chooses the codec of the source where container and encoders allow it, else H.264, or VP9 for WebM.

    High dynamic range needs ten bits: HEVC, or AV1 for WebM.
    """
    picture = source.picture
    keeps = source.codec in _KEPT and ((source.codec in _WEB) != container.is_isom)
    if container is Container.webm and source.codec not in _WEB:
        keeps = False
    if keeps and picture.pixels in _PIXELS[_KEPT[source.codec]]:
        name = _KEPT[source.codec]
    elif container is Container.webm or (source.codec in _WEB and not container.is_isom):
        name = "libsvtav1" if picture.is_hdr or "10" in picture.pixels else "libvpx-vp9"
    else:
        name = "libx265" if picture.is_hdr else "libx264"
    is_kept = _KEPT.get(source.codec) == name and keeps
    return Choice(name, _fitting(picture, name), _options(name, picture), is_kept)


def cut_whole(
    source: Source,
    span: Span,
    index: Index,
    *,
    target: Path,
    container: Container,
    on_progress: Callable[[float], None],
) -> Written:
    """Writes the clip; raises `Unjoinable` when the encoder or the container refuses."""
    choice = choose(source, container)
    pieces = _Pieces(source, span, index, on_progress)
    with open_output(source, target, container) as output:
        encoder = _add(output, choice)
        tracks = output.add_sounds(pieces.piece, index.sounds)
        coded = encode(encoder, pieces.frames(), choice.picture, source.guard.check)
        pictures = (pieces.stamped(one, _DELAYS.get(choice.name, 0)) for one in coded)
        output.write(pictures, tracks, pieces.piece)
    return pieces.written()


class _Pieces:
    """The frames of the piece as they are decoded, and their times."""

    def __init__(self, source: Source, span: Span, index: Index, on_progress: Callable[[float], None]) -> None:
        self._source, self._span, self._on_progress = source, span, on_progress
        self.piece = _piece(source, span, index)
        self._stamps, self._ends = array("q"), array("q")
        self._known: dict[int, VideoFrame | int] = {}

    def frames(self) -> Iterator[VideoFrame]:
        """Yields the frames to encode; notes when each is shown and until when."""
        length = max(1, self.piece.end - self.piece.begin)
        for stamp, end, frame in self._selected():
            at = max(0, stamp - self.piece.begin)
            self._stamps.append(at)
            self._ends.append(max(end - self.piece.begin, at + 1))
            if len(self._stamps) == 1:
                self._known[0] = frame
            self._last = frame
            self._on_progress(min(1.0, at / length))
            yield frame
        if self._stamps:
            self._ends[-1] = max(self._stamps[-1] + 1, self._ends[-1])
            self._known[len(self._stamps) - 1] = self._last

    def stamped(self, coded: Coded, delay: int) -> Stamped:
        """Gives a coded picture its times; it is decoded up to `delay` pictures before it is shown."""
        at = self._stamps[coded.place]
        early = coded.order - delay
        dts = self._stamps[early] if early >= 0 else self._stamps[0] + early * self._source.frame_ticks
        return Stamped(coded.data, at, dts, self._ends[coded.place] - at, coded.is_key)

    def written(self) -> Written:
        tick = float(self._source.tick)
        times = np.array(self._stamps, dtype=np.int64) * tick
        end = self._ends[-1] * tick if self._ends else 0.0
        expected = Expected(times, end, len(self._source.sounds), self._known)
        return Written(self.piece.begin, 0, len(times), expected)

    def _selected(self) -> Iterator[tuple[int, int, VideoFrame]]:
        """Yields from the last frame begun by the start to the last before the end, each with where it is over."""
        kept: tuple[int, VideoFrame] | None = None
        with closing(self._source.frames(int(self._span.start + self._span.tolerance))) as frames:
            for stamp, frame in frames:
                if kept is not None and not self._span.begun(stamp):
                    yield kept[0], self._over(stamp), kept[1]
                    if not self._span.includes(stamp):
                        return
                kept = stamp, frame
        over = 0 if kept is None else kept[0] + self._source.frame_ticks
        if kept is None or over <= self._span.start + self._span.tolerance:
            raise past_end(self._source, over)
        yield kept[0], self._over(over), kept[1]

    def _over(self, stamp: int) -> int:
        held_long = stamp - self._span.end > HELD_SEC / float(self._source.tick)
        return math.ceil(self._span.end) if held_long else stamp


def _piece(source: Source, span: Span, index: Index) -> Piece:
    if source.counted or not len(index.pts):
        return Piece(max(source.origin, math.floor(span.start + span.tolerance)), math.ceil(span.end - span.tolerance))
    wanted = wanted_stamps(index, span)
    return held(wanted, wanted_end(index, wanted), span, float(source.tick))


def _add(output: Output, choice: Choice) -> VideoCodecContext:
    if not choice.is_kept:
        return output.add_encoded(choice.name, choice.picture, choice.options)
    encoder = open_encoder(choice.name, choice.picture, choice.options)
    output.add_like_source(header=encoder.extradata, tag="hvc1" if choice.name == "libx265" else "")
    return encoder


def _fitting(picture: Format, name: str) -> Format:
    """Gives the nearest kind of picture that an encoder takes."""
    allowed = _PIXELS[name]
    if picture.pixels in allowed and (name != "libx264" or picture.pixels != "yuv422p"):
        fitting = picture
    elif name == "libx265" or (name == "libsvtav1" and (picture.is_hdr or "10" in picture.pixels)):
        fitting = picture.converted("yuv420p10le")
    elif picture.colour_range == 2 and "yuvj420p" in allowed:
        fitting = picture.converted("yuvj420p")
    else:
        fitting = picture.converted("yuv420p")
    if not picture.pixels.startswith("yuv"):
        fitting = replace(fitting, matrix=6 if picture.matrix in (0, 2) else picture.matrix)
    if name.startswith(("libvpx", "libsvt")) and picture.aspect != 1:
        # These streams cannot say how wide a pixel is.
        width, height = shape(picture.width, picture.height, picture.aspect)
        fitting = replace(fitting, width=width, height=height, aspect=Fraction(1))
    if name in ("libx264", "libx265", "libsvtav1"):
        fitting = replace(fitting, width=max(2, fitting.width & ~1), height=max(2, fitting.height & ~1))
    return fitting


def _options(name: str, picture: Format) -> dict[str, str]:
    if name == "libx265":
        light = picture.light.parameters if picture.light is not None else ""
        return {"x265-params": f"log-level=error:info=0:bframes=2:b-pyramid=0{light}"}
    if name == "libx264" and picture.is_interlaced:
        return {"bf": "2", "x264-params": "tff=1" if picture.field_order in (2, 5) else "bff=1"}
    return {"bf": "2", "x264-params": "b-pyramid=none"} if name == "libx264" else {}
