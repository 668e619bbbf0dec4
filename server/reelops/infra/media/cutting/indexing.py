"""Reads, without decoding, which pictures and sounds lie around the piece that is cut."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from av.packet import Packet

from reelops.errors import Invalid
from reelops.infra.media.cutting.model import Span
from reelops.infra.media.cutting.source import Source

Stamps = npt.NDArray[np.int64]

# Containers interleave sound and pictures only so well.
SKEW_SEC = 1.5
# A hole in the sound that is worth filling.
_HOLE_SEC = 0.06


@dataclass(slots=True)
class SoundIndex:
    """What one track has within the piece: packets, holes between them, and whether all are stamped."""

    packets: int = 0
    has_holes: bool = False
    is_stamped: bool = True
    end: Fraction | None = None

    def see(self, packet: Packet[Any], start: float, end: float) -> None:
        if packet.pts is None or packet.time_base is None:
            self.is_stamped = False
            return
        at = packet.pts * packet.time_base
        until = at + (packet.duration or 0) * packet.time_base
        if until > start and at < end:
            self.packets += 1
            hole = self.end is not None and abs(at - self.end) > _HOLE_SEC
            self.has_holes = self.has_holes or hole or not packet.duration
        self.end = until


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """The pictures from the key frame before the piece to past its end, in decoding order.

    `joins` marks key frames at which a copy may begin. `last_ticks` is how long the last picture shown stands. `flaw`
    says why the packets cannot be copied, or nothing.
    """

    pts: Stamps
    keys: npt.NDArray[np.bool_]
    joins: npt.NDArray[np.bool_]
    last_ticks: int
    flaw: str
    sounds: dict[int, SoundIndex] = field(default_factory=dict)


def read_index(source: Source, span: Span, joins: Callable[[bytes], bool]) -> Index:
    """Reads the packets around a span; raises `Invalid` VIDEO_TOO_LONG past the limit of frames."""
    reader = _Reader(source, span, joins)
    seek = int(span.start + span.tolerance) if not source.counted else None
    with closing(source.packets(seek, sounds=[sound.index for sound in source.sounds])) as packets:
        for packet in packets:
            source.guard.check()
            if not reader.take(packet):
                break
    return reader.index()


class _Reader:
    def __init__(self, source: Source, span: Span, joins: Callable[[bytes], bool]) -> None:
        self._source, self._span, self._joins = source, span, joins
        self._pts, self._keys, self._join = array("q"), bytearray(), bytearray()
        self._durations: dict[int, int] = {}
        self._flaw = "its frames carry no time stamps" if source.counted else ""
        self._is_past = False
        self._start, self._end = source.seconds(span.start), source.seconds(span.end)
        self._sounds = {sound.index: SoundIndex() for sound in source.sounds}

    def take(self, packet: Packet[Any]) -> bool:
        """Takes the next packet; false when everything around the span was seen."""
        if packet.size == 0:
            return True
        if packet.stream_index in self._sounds:
            self._sounds[packet.stream_index].see(packet, self._start, self._end)
            return True
        if packet.pts is None:
            self._flaw = self._flaw or "its frames carry no time stamps"
            return packet.dts is None or packet.dts < self._span.end
        self._note(packet, packet.pts)
        self._add(packet, packet.pts)
        return not self._is_done(packet, packet.pts)

    def index(self) -> Index:
        pts = np.array(self._pts, dtype=np.int64)
        flaw = self._flaw or ("" if len(set(self._pts)) == len(pts) else "its time stamps repeat")
        last = int(pts.max()) if len(pts) else 0
        length = self._durations.get(last) or self._source.frame_ticks
        keys, joins = np.array(self._keys, dtype=bool), np.array(self._join, dtype=bool)
        return Index(pts, keys, joins, length, flaw, self._sounds)

    def _add(self, packet: Packet[Any], pts: int) -> None:
        if len(self._pts) >= self._source.limits.max_frames:
            raise Invalid("VIDEO_TOO_LONG", f"The video has more than {self._source.limits.max_frames} frames.")
        self._pts.append(pts)
        self._keys.append(packet.is_keyframe)
        self._join.append(packet.is_keyframe and self._joins(bytes(packet)))
        self._durations = {pts: packet.duration or 0} | {k: v for k, v in self._durations.items() if k > pts}

    def _note(self, packet: Packet[Any], pts: int) -> None:
        if not self._span.includes(pts):
            return
        if packet.has_sidedata("new_extradata"):
            header = bytes(packet.get_sidedata("new_extradata"))
            self._flaw = self._flaw or ("" if header == self._source.extradata else "its pictures change on the way")
        elif packet.is_corrupt:
            self._flaw = self._flaw or "parts of it are damaged"
        elif packet.is_discard and not self._span.begun(pts):
            self._flaw = self._flaw or "parts of it are hidden by its edit list"

    def _is_done(self, packet: Packet[Any], pts: int) -> bool:
        """Whether all pictures before the end were seen, and the sound that lies behind them in the file."""
        skew = int(SKEW_SEC / self._source.tick)
        return packet.dts is not None and packet.dts >= self._span.end + skew
