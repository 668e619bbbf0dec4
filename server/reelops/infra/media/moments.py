"""Finds the frame of a video that makes the best picture of it: sharp, well lit, still, with something to see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise
from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from reelops.errors import Invalid
from reelops.infra.media.appeal import Look, best, look
from reelops.infra.media.masking import PrivacyMask
from reelops.infra.media.model import MediaLimits, Pixels
from reelops.infra.media.opening import check_pixels, declared_duration, open_video
from reelops.infra.media.packets import VideoPacket
from reelops.infra.media.pictures import Scaler, fit, orientation
from reelops.infra.media.reading import CancelSignal, Guard

_SIDE = 256
_PLACES = 48
_AFTER = 2  # frames decoded behind each key frame, to see what moves
_ENOUGH = 16
_WHOLE_SEC = 120.0
_LOOKS_PER_SEC = 5.0
_MOST_LOOKS = 600

Progress = Callable[[float], None]


def best_moment(
    path: Path | str,
    *,
    limits: MediaLimits | None = None,
    mask: PrivacyMask | None = None,
    on_progress: Progress | None = None,
    cancelled: CancelSignal | None = None,
) -> float:
    """Gives the moment of the best frame, in seconds after the first frame, as `frame_at` takes it; blocking.

    Looks at 48 key frames spread over the video and at what follows them, so that a long video takes no longer than a
    short one; a video of at most two minutes with few key frames is looked at as a whole. `mask` hides what must not
    count. `on_progress` is told a growing share of 0 to 1. Raises what `read_clips` raises, and `Cancelled`.
    """
    limits = limits or MediaLimits()
    with open_video(path, limits=limits) as (container, stream):
        watcher = _Watcher(container, stream, limits, mask, Guard(limits, cancelled), on_progress or _ignore)
        looks = watcher.spread()
        if len(looks) < _ENOUGH and watcher.duration <= _WHOLE_SEC:
            looks = watcher.whole()
        if on_progress is not None:
            on_progress(1.0)
        return best(looks, watcher.duration)


def _ignore(share: float) -> None:
    """Tells nobody."""


class _Watcher:
    """Decodes single frames of one video and measures them."""

    def __init__(
        self,
        container: InputContainer,
        stream: VideoStream,
        limits: MediaLimits,
        mask: PrivacyMask | None,
        guard: Guard,
        progress: Progress,
    ) -> None:
        self._container, self._stream, self._limits = container, stream, limits
        self._mask, self._guard, self._progress = mask, guard, progress
        self._scaler = Scaler()
        self._seen: set[int | None] = set()
        self._tick = float(stream.time_base or 0) or 1 / 30
        stream.thread_type = "AUTO"
        first = next(self._frames(), None)
        if first is None:
            raise Invalid("VIDEO_UNREADABLE", "Not one frame of the video could be decoded; the file is damaged.")
        self._first = first.pts or 0
        self._opening = first
        self.duration = declared_duration(container, stream) or 0.0

    def spread(self) -> list[Look]:
        """Looks at key frames all over the video; at the first frame alone when its length is not known."""
        looks: dict[float, Look] = {0.0: look(0.0, [self._picture(self._opening)])}
        for place in range(_PLACES):
            self._progress(place / _PLACES / 2)
            found = self._near(self.duration * (place + 0.5) / _PLACES)
            if found is not None:
                looks.setdefault(found.seconds, found)
        return list(looks.values())

    def whole(self) -> list[Look]:
        """Looks at every part of a short video, in one pass."""
        if not self._seek(0.0):
            return [look(0.0, [self._picture(self._opening)])]
        apart = max(1 / _LOOKS_PER_SEC, self.duration / _MOST_LOOKS)
        looks: list[Look] = []
        for before, frame in pairwise(self._frames()):
            seconds = self._seconds(before)
            if seconds is None or seconds < 0 or (looks and seconds < looks[-1].seconds + apart):
                continue
            looks.append(look(seconds, [self._picture(before), self._picture(frame)]))
            self._progress(0.5 + min(0.5, seconds / (self.duration or 1) / 2))
        return looks or [look(0.0, [self._picture(self._opening)])]

    def _near(self, moment: float) -> Look | None:
        if not self._seek(moment):
            return None
        packets = self._container.demux(self._stream)
        key = next(packets, None)
        if key is None or key.pts in self._seen:
            return None
        self._seen.add(key.pts)
        frames = list(islice(self._frames(chain([key], packets)), 1 + _AFTER))
        seconds = self._seconds(frames[0]) if frames else None
        if seconds is None or seconds < 0:
            return None
        return look(seconds, [self._picture(frame) for frame in frames])

    def _seek(self, moment: float) -> bool:
        try:
            self._container.seek(self._first + int(moment / self._tick), stream=self._stream, backward=True)
        except av.FFmpegError:
            return False
        return True

    def _frames(self, packets: Iterable[VideoPacket] | None = None) -> Iterator[VideoFrame]:
        for packet in self._container.demux(self._stream) if packets is None else packets:
            self._guard.check()
            try:
                decoded: Sequence[VideoFrame] = packet.decode()
            except (av.error.InvalidDataError, av.error.ArgumentError):
                continue
            for frame in decoded:
                check_pixels(frame.width, frame.height, self._limits)
                yield frame

    def _seconds(self, frame: VideoFrame) -> float | None:
        return None if frame.pts is None else (frame.pts - self._first) * self._tick

    def _picture(self, frame: VideoFrame) -> Pixels:
        width, height = fit(frame.width, frame.height, max_side=_SIDE)
        if orientation(frame)[0] % 2:
            width, height = height, width
        picture = self._scaler.rgb(frame, width=width, height=height)
        return picture if self._mask is None else self._mask.apply(picture)
