"""Single pictures at exact moments, for reports and previews."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from reelops.errors import Invalid
from reelops.infra.media.masking import PrivacyMask
from reelops.infra.media.model import MediaLimits, Pixels
from reelops.infra.media.opening import check_pixels, container_fps, open_video
from reelops.infra.media.pictures import Scaler, fit, orientation, shape
from reelops.infra.media.reading import CancelSignal, Guard

# Within this many seconds it is quicker to decode on than to seek.
_NEAR_SEC = 3.0
_AHEAD_SEC = 10.0


def frame_at(
    path: Path | str,
    seconds: float,
    *,
    max_side: int,
    limits: MediaLimits | None = None,
    mask: PrivacyMask | None = None,
) -> Pixels:
    """Gives the picture shown at `seconds` after the first frame, uint8 (height, width, 3), display orientation.

    The longest side is at most `max_side`; pixels are made square. A moment past the end gives the last picture, one
    before the start the first. Raises what `read_clips` raises.
    """
    return frames_at(path, [seconds], max_side=max_side, limits=limits, mask=mask)[0]


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """A picture, and from when until when it is shown, in seconds after the first frame."""

    picture: Pixels
    begin_sec: float
    end_sec: float


def still_at(
    path: Path | str,
    seconds: float,
    *,
    max_side: int,
    limits: MediaLimits | None = None,
    mask: PrivacyMask | None = None,
    cancelled: CancelSignal | None = None,
) -> Still:
    """Gives what `frame_at` gives and how long it is shown, so that a moment past the end can be told.

    The last picture is shown for as long as it says itself or the header says, and for a thirtieth at least where
    neither does. Raises what `read_clips` raises, and `Cancelled`.
    """
    limits = limits or MediaLimits()
    with open_video(path, limits=limits) as (container, stream):
        stills = _Stills(container, stream, limits, Guard(limits, cancelled))
        frame = stills.at(max(0.0, seconds))
        picture = _picture(Scaler(), frame, stream, max_side)
        begin, end = stills.shown()
        return Still(picture if mask is None else mask.apply(picture), begin, end)


def frames_at(
    path: Path | str,
    seconds: Sequence[float],
    *,
    max_side: int,
    limits: MediaLimits | None = None,
    mask: PrivacyMask | None = None,
) -> list[Pixels]:
    """Gives the pictures at several moments, in the order asked, going through the file once."""
    limits = limits or MediaLimits()
    guard = Guard(limits, None)
    pictures: dict[float, Pixels] = {}
    with open_video(path, limits=limits) as (container, stream):
        stills = _Stills(container, stream, limits, guard)
        scaler = Scaler()
        for moment in sorted(set(seconds)):
            picture = _picture(scaler, stills.at(max(0.0, moment)), stream, max_side)
            pictures[moment] = picture if mask is None else mask.apply(picture)
    return [pictures[moment] for moment in seconds]


class _Stills:
    """Walks forward through one video, seeking where the next moment is far."""

    def __init__(self, container: InputContainer, stream: VideoStream, limits: MediaLimits, guard: Guard) -> None:
        self._container, self._stream, self._limits, self._guard = container, stream, limits, guard
        stream.thread_type = "AUTO"
        self._tick = float(stream.time_base or 0) or 1 / 30
        # Bare streams have no time stamps: their frames follow each other at the rate that they give.
        self._last: int | None = None
        self._is_bare = False
        self._each = max(1, round(1 / (container_fps(stream) * self._tick)))
        self._frames = self._decode()
        current = self._advance()
        if current is None:
            raise Invalid("VIDEO_UNREADABLE", "Not one frame of the video could be decoded; the file is damaged.")
        self._current = current
        self._first = current.pts or 0
        self._next = self._advance()

    def at(self, moment: float) -> VideoFrame:
        # Half a millisecond covers containers that keep whole milliseconds.
        moment += 0.0005
        if self._seconds(self._current) + _NEAR_SEC < moment:
            self._seek(moment)
        while self._next is not None and self._seconds(self._next) <= moment:
            self._current, self._next = self._next, self._advance()
        return self._current

    def shown(self) -> tuple[float, float]:
        """Says from when until when the present frame is shown."""
        begin = self._seconds(self._current)
        if self._next is not None:
            return begin, max(begin, self._seconds(self._next))
        own = 0 if self._is_bare else self._current.duration or 0
        own_sec = (own or self._each) * self._tick
        declared = (self._stream.duration or 0) * self._tick
        return begin, max(begin + own_sec, declared)

    def _seek(self, moment: float) -> None:
        """Goes to the key frame before the moment; stays where it is when the file cannot be sought in."""
        kept, kept_next = self._current, self._next
        if self._is_bare:
            return
        try:
            self._container.seek(self._first + int((moment - 1) / self._tick), stream=self._stream, backward=True)
            self._frames = self._decode()
            landed = self._advance()
        except av.FFmpegError:
            landed = None
        if landed is not None and landed.pts is not None and self._seconds(landed) <= moment:
            self._current, self._next = landed, self._advance()
            return
        self._restart(kept, kept_next)

    def _restart(self, kept: VideoFrame, kept_next: VideoFrame | None) -> None:
        # From well before the start: transport streams land on the key frame after the time asked for.
        self._container.seek(self._first - int(_AHEAD_SEC / self._tick), stream=self._stream, backward=True)
        self._frames = self._decode()
        self._current, self._next = kept, self._advance()
        if self._next is None:
            self._next = kept_next

    def _advance(self) -> VideoFrame | None:
        self._guard.check()
        frame = next(self._frames, None)
        if frame is None:
            return None
        check_pixels(frame.width, frame.height, self._limits)
        if frame.pts is None:
            self._is_bare |= self._last is None
            frame.pts = 0 if self._last is None else self._last + self._each
        self._last = frame.pts
        return frame

    def _decode(self) -> Iterator[VideoFrame]:
        for packet in self._container.demux(self._stream):
            try:
                yield from packet.decode()
            except (av.error.InvalidDataError, av.error.ArgumentError):
                continue

    def _stamp(self, frame: VideoFrame) -> int:
        return frame.pts if frame.pts is not None else 0

    def _seconds(self, frame: VideoFrame) -> float:
        return (self._stamp(frame) - self._first) * self._tick


def _picture(scaler: Scaler, frame: VideoFrame, stream: VideoStream, max_side: int) -> Pixels:
    width, height = shape(frame.width, frame.height, stream.sample_aspect_ratio)
    if orientation(frame)[0] % 2:
        width, height = height, width
    width, height = fit(width, height, max_side=max_side)
    return scaler.rgb(frame, width=width, height=height)
