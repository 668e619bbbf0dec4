"""The file that is cut: what it is, and its packets and pictures from any moment on."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias, cast

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from reelops.errors import Invalid
from reelops.infra.media.cutting import nal
from reelops.infra.media.cutting.encoders import Format
from reelops.infra.media.model import MediaLimits
from reelops.infra.media.opening import check_pixels, open_video
from reelops.infra.media.reading import Guard

Packets: TypeAlias = "Generator[Packet[Any], None, None]"
Frames: TypeAlias = "Generator[tuple[int, VideoFrame], None, None]"

# How much earlier to look, in seconds, when no key frame was found where the seek landed; None is the start.
_BACKWARDS: tuple[float | None, ...] = (0.0, 6.0, 60.0, None)
PATIENCE = 600
# Sound is read from a little earlier on: decoders need some packets before they are right.
_LEAD_SEC = 0.5


@dataclass(frozen=True, slots=True)
class Sound:
    """One audio track: its place in the file and what it is coded with."""

    index: int
    codec: str


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A video file; `origin` is the time stamp of its first frame, in ticks of `tick` seconds.

    `counted` says that its frames carry no usable time stamps: they are counted, and a tick is a frame. `opening` is
    the first packet, where encoders say who they are; `clock_sec` is where the file's clock starts.
    """

    path: Path
    limits: MediaLimits
    guard: Guard
    index: int
    origin: int
    tick: Fraction
    counted: bool
    codec: str
    tag: str
    extradata: bytes
    picture: Format
    sounds: tuple[Sound, ...]
    title: str
    clock_sec: float
    opening: bytes = field(repr=False)
    first: VideoFrame = field(repr=False)

    @property
    def frame_ticks(self) -> int:
        return max(1, round(1 / self.picture.rate / self.tick))

    def seconds(self, stamp: float) -> float:
        """Turns a time stamp of the video into seconds of the file's clock, which its sound keeps too."""
        return stamp * float(self.tick) + (self.clock_sec if self.counted else 0.0)

    def packets(self, start: int | None, *, sounds: Sequence[int] = ()) -> Packets:
        """Yields packets of the video and of the wanted sounds, from a key frame at or before `start` on.

        Sound that lies before that key frame in the file comes too. At the end comes an empty packet per stream.
        """
        for back in _BACKWARDS:
            with closing(self._attempt(start, back, sounds)) as packets:
                first = next(packets, None)
                if first is not None:
                    yield first
                    yield from packets
                    return

    def sound_packets(self, start_sec: float) -> Packets:
        """Yields the packets of all sounds from a little before a moment of the file's clock on."""
        for back in _BACKWARDS if start_sec > self.clock_sec else (None,):
            with closing(self._sound_attempt(start_sec, back)) as packets:
                first = next(packets, None)
                if first is not None:
                    yield first
                    yield from packets
                    return

    def frames(self, start: int | None) -> Frames:
        """Yields frames as they are shown, with their time stamps, the first at or before `start`."""
        if start is None or self.counted:
            yield from self._decode(None)
            return
        wanted = max(start, self.origin)
        for back in _BACKWARDS:
            # What calls itself a key frame may still need pictures before it; then decoding begins too late.
            with closing(self._decode(None if back is None else wanted - int(back / self.tick))) as frames:
                first = next(frames, None)
                if first is not None and (back is None or first[0] <= wanted):
                    yield first
                    yield from frames
                    return

    def _decode(self, start: int | None) -> Frames:
        count = 0
        last: int | None = None
        with closing(self.packets(start)) as packets:
            for place, packet in enumerate(packets):
                self.guard.check()
                for frame in decoded(self._signed(packet) if place == 0 else packet):
                    check_pixels(frame.width, frame.height, self.limits)
                    stamp = count if self.counted or frame.pts is None else frame.pts
                    count += 1
                    # Broken files repeat time stamps; every picture is shown for a tick at least.
                    last = stamp if last is None else max(stamp, last + 1)
                    yield last, frame

    def _signed(self, packet: Packet[Any]) -> Packet[Any]:
        """Puts the encoder's name, which only the very first packet has, before the packet that is decoded first."""
        found = nal.signatures(self.opening, self.extradata) if self.codec == "h264" else []
        data = bytes(packet)
        if not found or found[0] in data or not data:
            return packet
        size = nal.length_size(self.extradata)
        lengths = b"".join(len(unit).to_bytes(size, "big") + unit for unit in found) if size else nal.join(found)
        signed: Any = Packet(lengths + data)
        signed.pts, signed.dts, signed.time_base = packet.pts, packet.dts, packet.time_base
        signed.duration, signed.is_keyframe, signed.stream = packet.duration, packet.is_keyframe, packet.stream
        return cast("Packet[Any]", signed)

    def _attempt(self, start: int | None, back: float | None, sounds: Sequence[int]) -> Packets:
        """Yields nothing at all where the seek landed after `start`."""
        with open_video(self.path, limits=self.limits) as (container, stream):
            stream.thread_type = "AUTO"
            wanted = [stream, *(container.streams[index] for index in sounds)]
            for other in container.streams:
                if other.index not in {one.index for one in wanted}:
                    other.discard = Discard.all
            if start is not None and back is not None and not self._seek(container, stream, start, back):
                return
            yield from self._landed(container, wanted, None if back is None else start)

    def _sound_attempt(self, start_sec: float, back: float | None) -> Packets:
        with open_video(self.path, limits=self.limits) as (container, _):
            wanted: list[Any] = [container.streams[sound.index] for sound in self.sounds]
            for other in container.streams:
                if other.index not in {one.index for one in wanted}:
                    other.discard = Discard.all
            if back is not None:
                try:
                    container.seek(int((start_sec - _LEAD_SEC - back) * 1_000_000), backward=True)
                except av.FFmpegError:
                    return
            for count, packet in enumerate(container.demux(wanted)):
                if (
                    count == 0
                    and back is not None
                    and (packet.pts is None or packet.pts * packet.time_base > start_sec)
                ):
                    return
                yield packet

    def _seek(self, container: InputContainer, stream: VideoStream, start: int, back: float) -> bool:
        try:
            container.seek(start - int(back / self.tick), stream=stream, backward=True)
        except av.FFmpegError:
            return False
        return True

    def _landed(self, container: InputContainer, wanted: list[Any], start: int | None) -> Packets:
        early: list[Packet[Any]] = []
        landed = False
        for count, packet in enumerate(container.demux(wanted)):
            if landed:
                yield packet
                continue
            if packet.stream_index != wanted[0].index:
                early.append(packet)
                continue
            if start is None or (packet.is_keyframe and packet.pts is not None and packet.pts <= start):
                landed = True
                yield from early
                yield packet
            elif packet.is_keyframe or packet.size == 0 or count > PATIENCE:
                return


def past_end(source: Source, end: float | None) -> Invalid:
    """Says that a piece starts when the video is over; `end` is the time stamp at which it is."""
    lasts = "is shorter than that"
    if end is not None:
        lasts = f"lasts {(end - source.origin) * float(source.tick):.2f} s"
    return Invalid("CLIP_START_PAST_END", f"The video {lasts}; a clip cannot start after its end.")


def decoded(packet: Packet[Any]) -> list[Any]:
    try:
        return packet.decode()
    except (av.error.InvalidDataError, av.error.ArgumentError, av.error.EOFError):
        return []
