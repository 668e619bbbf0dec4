"""Writes the clip's file: its streams with all that the source says of them, pictures and sound side by side."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import OutputContainer
from av.packet import Packet
from av.sidedata.sidedata import SideData
from av.video.codeccontext import VideoCodecContext

from reelops.errors import Unavailable
from reelops.infra.media.cutting.encoders import Format, open_encoder
from reelops.infra.media.cutting.indexing import SoundIndex
from reelops.infra.media.cutting.model import Container, Piece, Unjoinable
from reelops.infra.media.cutting.sound import CopiedTrack, EncodedTrack, Track, add_encoded_stream, may_copy
from reelops.infra.media.cutting.source import Source
from reelops.infra.media.opening import open_video

# How far sound is read ahead of the pictures.
_AHEAD_SEC = 0.5
_STORAGE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})


@dataclass(frozen=True, slots=True)
class Stamped:
    """One coded picture with its times, in ticks of the source's clock from the start of the clip."""

    data: bytes
    pts: int
    dts: int
    duration: int
    is_key: bool


class Output:
    """An opened clip: one video stream, then one stream for each track of the source."""

    def __init__(self, container: OutputContainer, template: Any, source: Source, kind: Container) -> None:
        self._container, self._template = container, template
        self._source, self._kind = source, kind
        self._video: Any = None
        container.metadata.update({"title": source.title} if source.title else {})

    def add_like_source(self, *, header: bytes | None, tag: str) -> None:
        """Adds the video stream as the source's is, with another header where one is given."""
        stream = self._main()
        self._video = _added_like(self._container, stream, self._kind)
        if header is not None:
            self._video.codec_context.extradata = header
        if tag and (self._kind.is_isom or self._source.codec == "prores"):
            self._video.codec_context.codec_tag = tag
        self._finish_video(stream)

    def add_encoded(self, name: str, picture: Format, options: dict[str, str]) -> VideoCodecContext:
        """Adds a video stream for an encoder and gives the encoder."""
        self._video = self._container.add_stream(name, rate=picture.rate)
        encoder = open_encoder(name, picture, options, context=self._video.codec_context)
        if name == "libx265" and self._kind.is_isom:
            self._video.codec_context.codec_tag = "hvc1"
        matrix = self._source.first.side_data.get("DISPLAYMATRIX")
        if isinstance(matrix, SideData):
            self._video.set_display_matrix([int(v) for v in np.frombuffer(bytes(matrix), dtype=np.int32, count=9)])
        self._finish_video(self._main())
        return encoder

    def add_sounds(self, piece: Piece, indexes: dict[int, SoundIndex]) -> dict[int, Track]:
        """Adds a stream for each track of the source."""
        begin, end = self._source.seconds(piece.begin), self._source.seconds(piece.end)
        tracks: dict[int, Track] = {}
        for sound in self._source.sounds:
            stream: Any = self._template.streams[sound.index]
            index = indexes.get(sound.index) or SoundIndex()
            copies = index.packets and index.is_stamped and not index.has_holes
            if copies and may_copy(sound.codec, self._kind, stream.codec_context.extradata or b""):
                out = self._container.add_stream_from_template(stream, opaque=True)
                tracks[sound.index] = CopiedTrack(out, self._kind, sound.codec, begin, end)
            else:
                out = add_encoded_stream(self._container, stream, self._kind)
                is_empty = not index.packets
                tracks[sound.index] = EncodedTrack(out, stream.codec_context, begin, end, is_empty=is_empty)
            out.metadata.update({"language": stream.language} if stream.language else {})
            out.disposition = stream.disposition
        return tracks

    def write(self, pictures: Iterable[Stamped], tracks: dict[int, Track], piece: Piece) -> None:
        """Writes everything, in the order of time."""
        begin = self._source.seconds(piece.begin)
        with closing(_Pump(self._source, tracks, begin)) as pump:
            for picture in pictures:
                self._source.guard.check()
                self._container.mux(self._packet(picture))
                for packet in pump.until(begin + picture.dts * float(self._source.tick) + _AHEAD_SEC):
                    self._container.mux(packet)
            for packet in pump.rest():
                self._container.mux(packet)

    def _packet(self, picture: Stamped) -> Packet[Any]:
        packet: Any = Packet(picture.data)
        packet.pts, packet.dts, packet.duration = picture.pts, picture.dts, picture.duration
        packet.time_base, packet.is_keyframe, packet.stream = self._source.tick, picture.is_key, self._video
        return packet  # type: ignore[no-any-return]

    def _finish_video(self, stream: Any) -> None:
        self._video.time_base = self._source.tick
        self._video.metadata.update({"language": stream.language} if stream.language else {})

    def _main(self) -> Any:
        return self._template.streams[self._source.index]


class _Pump:
    """Reads the sound beside the pictures, up to any moment."""

    def __init__(self, source: Source, tracks: dict[int, Track], begin_sec: float) -> None:
        self._source, self._tracks = source, tracks
        self._packets: Iterator[Packet[Any]] = source.sound_packets(begin_sec) if tracks else iter(())
        self._at = begin_sec

    def until(self, moment: float) -> Iterator[Packet[Any]]:
        while self._at < moment and not self._is_done():
            packet = next(self._packets, None)
            if packet is None:
                return
            self._source.guard.check()
            if not packet.size:
                continue
            if packet.pts is not None and packet.time_base is not None:
                self._at = max(self._at, float(packet.pts * packet.time_base))
            yield from self._tracks[packet.stream_index].take(packet)

    def rest(self) -> Iterator[Packet[Any]]:
        yield from self.until(float("inf"))
        for track in self._tracks.values():
            yield from track.finish()

    def close(self) -> None:
        closer: Callable[[], None] | None = getattr(self._packets, "close", None)
        if closer is not None:
            closer()

    def _is_done(self) -> bool:
        return all(track.is_done() for track in self._tracks.values())


@contextmanager
def open_output(source: Source, target: Path, kind: Container) -> Iterator[Output]:
    """Opens a clip's file for writing; what FFmpeg refuses to write raises `Unjoinable`."""
    options = {"movflags": "+faststart"} if kind.is_isom else {"cues_to_front": "1"}
    with ExitStack() as stack:
        template, _ = stack.enter_context(open_video(source.path, limits=source.limits))
        container = av.open(
            f"file:{target}", "w", format=kind.muxer, container_options=options, metadata_errors="replace"
        )
        stack.callback(_close, container)
        try:
            yield Output(container, template, source, kind)
            container.close()
        except (av.FFmpegError, ValueError) as error:
            if isinstance(error, OSError) and error.errno in _STORAGE:
                raise Unavailable("STORAGE_FULL", "There is no space left to store the clip.") from error
            raise Unjoinable("the container refused what was to be written") from error


def check_holds(source: Source, kind: Container) -> None:
    """Raises `Unjoinable` when files of this kind do not hold the source's pictures as they are; writes nothing."""
    with ExitStack() as stack:
        template, _ = stack.enter_context(open_video(source.path, limits=source.limits))
        container = av.open(BytesIO(), "w", format=kind.muxer)
        stack.callback(_close, container)
        _added_like(container, template.streams[source.index], kind)


def _added_like(container: OutputContainer, stream: Any, kind: Container) -> Any:
    try:
        return container.add_stream_from_template(stream, opaque=True)
    except ValueError as error:
        raise Unjoinable(f"{kind.value} files do not hold this kind of video") from error


def _close(container: OutputContainer) -> None:
    """Closes a file that may be broken off; why it was is what counts."""
    with suppress(av.FFmpegError):
        container.close()
