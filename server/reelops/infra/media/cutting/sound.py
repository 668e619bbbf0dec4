"""Brings the sound of a piece along: packets as they are where they fit, else decoded, set in place and encoded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.packet import Packet

from reelops.infra.media.cutting.model import Container

Samples = npt.NDArray[np.float32]

_COPIED: dict[Container, frozenset[str]] = {
    Container.mp4: frozenset({"aac", "mp3", "ac3", "eac3", "alac"}),
    Container.mov: frozenset({"aac", "mp3", "ac3", "alac", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be"}),
    Container.webm: frozenset({"opus", "vorbis"}),
    Container.mkv: frozenset({"aac", "mp3", "mp2", "ac3", "eac3", "opus", "vorbis", "flac", "dts", "pcm_s16le"}),
}
_MADE = {Container.mp4: "aac", Container.mov: "aac", Container.webm: "libopus", Container.mkv: "libopus"}
# Codecs whose packets need the one before them to sound right.
_OVERLAPPING = frozenset({"aac", "mp3", "opus", "vorbis", "ac3", "eac3"})
_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
_AAC_RATES = frozenset({8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000})
_BIT_RATE = 112_000
# Time stamps wander by rounding; only a jump of more than this is a hole.
_JUMP_SEC = 0.03


class Track(Protocol):
    """One track of the clip: takes packets of the source in order and gives packets of the clip."""

    def take(self, packet: Packet[Any]) -> Iterator[Packet[Any]]:
        """Gives what can be written now."""

    def finish(self) -> Iterator[Packet[Any]]:
        """Gives what is left."""

    def is_done(self) -> bool:
        """Whether packets past the end have come."""


def may_copy(codec: str, container: Container, extradata: bytes) -> bool:
    """Whether a track's packets may be copied as they are; AAC with headers of its own in each packet may not."""
    return codec in _COPIED[container] and (codec != "aac" or bool(extradata))


class CopiedTrack:
    """Copies the packets that sound within the piece, with their own times.

    In the MP4 family the first packets may begin before the clip: the edit list hides that to the sample. Elsewhere
    times below zero would move the pictures, so the first packet is the first that begins within the clip.
    """

    def __init__(self, out: Any, container: Container, codec: str, begin_sec: float, end_sec: float) -> None:
        self._out, self._early = out, container.is_isom
        self._overlapping = codec in _OVERLAPPING
        self._begin, self._end = begin_sec, end_sec
        self._held: Packet[Any] | None = None
        self._done = self._started = False

    def take(self, packet: Packet[Any]) -> Iterator[Packet[Any]]:
        if packet.pts is None or not packet.size:
            return
        tick = float(packet.time_base)
        at, until = packet.pts * tick, (packet.pts + (packet.duration or 0)) * tick
        if at >= self._end - 1e-6:
            self._done = True
            return
        if until <= self._begin + 1e-6 or (not self._early and at < self._begin - 1e-3):
            self._held = packet
            return
        if not self._started and self._early and self._overlapping and self._held is not None:
            yield self._moved(self._held)
        self._started = True
        yield self._moved(packet)

    def finish(self) -> Iterator[Packet[Any]]:
        yield from ()

    def is_done(self) -> bool:
        return self._done

    def _moved(self, packet: Packet[Any]) -> Packet[Any]:
        moved: Any = Packet(bytes(packet))
        shift = round(self._begin / packet.time_base)
        moved.pts = (packet.pts or 0) - shift
        moved.dts = moved.pts
        moved.duration, moved.time_base = packet.duration, packet.time_base
        moved.stream, moved.is_keyframe = self._out, True
        return moved  # type: ignore[no-any-return]


class EncodedTrack:
    """Decodes a track, cuts it to the sample, fills its holes with silence, and encodes it."""

    def __init__(self, out: Any, decoder: Any, begin_sec: float, end_sec: float, *, is_empty: bool) -> None:
        self._out, self._decoder = out, decoder
        self._begin, self._rate = begin_sec, int(out.codec_context.rate)
        self._channels = int(out.codec_context.layout.nb_channels)
        self._length = round((end_sec - begin_sec) * self._rate)
        self._end, self._is_empty = end_sec, is_empty
        self._at = 0
        self._resampler = self._new_resampler()
        self._expected: float | None = None
        self._done = False

    def take(self, packet: Packet[Any]) -> Iterator[Packet[Any]]:
        if packet.pts is not None and packet.pts * packet.time_base >= self._end + 0.1:
            self._done = True
        if self._done or not packet.size:
            return
        try:
            frames = self._decoder.decode(packet)
        except (av.error.InvalidDataError, av.error.ArgumentError, av.error.EOFError):
            return
        for frame in frames:
            yield from self._placed(frame)

    def finish(self) -> Iterator[Packet[Any]]:
        yield from self._drained()
        if self._is_empty or self._at == 0:
            yield from self._silence(self._length)
        yield from self._out.encode(None)

    def is_done(self) -> bool:
        return self._done or self._at >= self._length

    def _placed(self, frame: AudioFrame) -> Iterator[Packet[Any]]:
        at = float(frame.pts * frame.time_base) if frame.pts is not None and frame.time_base else self._expected
        at = self._begin if at is None else at
        if self._expected is None or abs(at - self._expected) > _JUMP_SEC:
            yield from self._drained()
            self._resampler = self._new_resampler()
            place = round((at - self._begin) * self._rate)
            yield from self._silence(min(place, self._length))
            # What was sounding already is left out of what comes.
            self._skip = max(0, self._at - place)
        self._expected = at + frame.samples / frame.sample_rate
        frame.pts = None
        for piece in self._resampler.resample(frame):
            yield from self._added(np.asarray(piece.to_ndarray(), dtype=np.float32))

    def _drained(self) -> Iterator[Packet[Any]]:
        if self._expected is not None:
            for piece in self._resampler.resample(None):
                yield from self._added(np.asarray(piece.to_ndarray(), dtype=np.float32))

    def _silence(self, until: int) -> Iterator[Packet[Any]]:
        while self._at < until:
            count = min(self._rate, until - self._at)
            yield from self._written(np.zeros((self._channels, count), np.float32))

    def _added(self, samples: Samples) -> Iterator[Packet[Any]]:
        skipped = min(self._skip, samples.shape[1])
        self._skip -= skipped
        yield from self._written(samples[:, skipped:])

    def _written(self, samples: Samples) -> Iterator[Packet[Any]]:
        samples = samples[:, : self._length - self._at]
        if not samples.shape[1]:
            return
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=self._layout())
        frame.sample_rate, frame.pts = self._rate, self._at
        frame.time_base = self._out.codec_context.time_base
        self._at += samples.shape[1]
        yield from self._out.encode(frame)

    def _new_resampler(self) -> av.AudioResampler:
        self._skip = 0
        return av.AudioResampler(format="fltp", layout=self._layout(), rate=self._rate)

    def _layout(self) -> str:
        return str(self._out.codec_context.layout.name)


def add_encoded_stream(output: Any, stream: Any, container: Container) -> Any:
    """Adds a stream for a track that is encoded: AAC for the MP4 family, Opus elsewhere; channels are kept."""
    name = _MADE[container]
    context = stream.codec_context
    channels = context.channels if context.channels in _LAYOUTS else 2
    rate = context.sample_rate if name == "aac" and context.sample_rate in _AAC_RATES else 48_000
    out = output.add_stream(name, rate=rate)
    out.codec_context.layout = _LAYOUTS[channels]
    out.codec_context.bit_rate = _BIT_RATE * channels if channels <= 2 else 80_000 * channels
    return out
