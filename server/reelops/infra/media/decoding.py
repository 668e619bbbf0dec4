"""Decodes runs of packets into the few small pictures that sampling asks for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from reelops.infra.media.masking import PrivacyMask
from reelops.infra.media.model import ClipGeometry, MediaLimits, Pixels
from reelops.infra.media.opening import check_pixels
from reelops.infra.media.packets import Run, VideoPacket, shown
from reelops.infra.media.pictures import Quality, Scaler

# How far a picture may lie from the moment it stands for, in sampling intervals, before frames are no longer skipped.
TOLERANCE = 0.35


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One looked-at moment: the picture shown there, and its quality where it was measured."""

    place: int
    pixels: Pixels
    quality: Quality | None


@dataclass(frozen=True, slots=True)
class Clock:
    """Turns time stamps into seconds from the video's first frame, and places of samples into seconds."""

    first: int
    tick_sec: float
    interval_sec: float
    frame_sec: float
    counted: bool = False

    def seconds(self, stamp: int) -> float:
        return (stamp - self.first) * self.tick_sec

    def moment(self, place: int) -> float:
        return place * self.interval_sec


@dataclass(slots=True)
class Effort:
    """What all decoders of one video share: whether skipping frames is still worth it, and what went wrong."""

    skipping: bool
    broken_packets: int = 0
    decoded_frames: int = 0


class Picker:
    """Chooses for each moment the picture nearest to it, or the one still standing there when the next is far.

    Frames come in the order they are shown; what is not chosen is never scaled.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: deque[int] = deque()
        self._previous: tuple[float, VideoFrame] | None = None
        self.worst_sec = 0.0

    def ask(self, places: Sequence[int]) -> None:
        self._waiting.extend(places)

    def feed(self, seconds: float, frame: VideoFrame) -> Iterator[tuple[int, VideoFrame]]:
        while self._waiting and seconds >= self._clock.moment(self._waiting[0]) - 1e-6:
            moment = self._clock.moment(self._waiting[0])
            yield self._waiting.popleft(), self._nearest(moment, seconds, frame)
        self._previous = (seconds, frame)

    def finish(self) -> Iterator[tuple[int, VideoFrame]]:
        while self._waiting and self._previous is not None:
            yield self._waiting.popleft(), self._previous[1]
        self._previous = None

    def _nearest(self, moment: float, seconds: float, frame: VideoFrame) -> VideoFrame:
        late = seconds - moment
        early = moment - self._previous[0] if self._previous is not None else float("inf")
        self.worst_sec = max(self.worst_sec, min(abs(late), early))
        if self._previous is None or (late < early and late <= self._clock.interval_sec / 2):
            return frame
        return self._previous[1]


class RunDecoder:
    """One decoder with one thread; runs come to it one after the other."""

    def __init__(
        self,
        context: VideoCodecContext,
        *,
        clock: Clock,
        geometry: ClipGeometry,
        mask: PrivacyMask | None,
        limits: MediaLimits,
        effort: Effort,
        measure_every: int,
        check: Callable[[], None],
    ) -> None:
        self._context = context
        self._context.thread_count = 1
        self._context.options = {"max_pixels": str(limits.max_pixels)}
        self._clock, self._geometry, self._mask, self._limits = clock, geometry, mask, limits
        self._effort, self._measure_every, self._check = effort, measure_every, check
        self._scaler = Scaler()
        self._picker = Picker(clock)
        self._counted = 0

    def decode(self, run: Run, places: Sequence[int]) -> list[Sample]:
        """Gives the samples at `places` in order; those that need the next run's frames come with that run."""
        skipping = self._effort.skipping and not run.independent
        samples = self._attempt(run, places, skipping)
        if not skipping or self._picker.worst_sec <= TOLERANCE * self._clock.interval_sec:
            return samples
        # The frames that nothing leans on are too many here: without them sampling would miss its moments.
        self._effort.skipping = False
        if run.resumes:
            return samples
        self._context.flush_buffers()
        self._picker = Picker(self._clock)
        return self._attempt(run, places, False)

    def _attempt(self, run: Run, places: Sequence[int], skipping: bool) -> list[Sample]:
        self._context.skip_frame = "NONREF" if skipping else "DEFAULT"
        self._picker.ask(places)
        samples: list[Sample] = []
        last: VideoFrame | None = None
        for place, frame in self._chosen(run, places):
            # Where a picture stands still for several moments it is scaled only once.
            pixels = samples[-1].pixels if frame is last else self._scaled(frame)
            quality = self._scaler.quality(frame) if place % self._measure_every == 0 else None
            samples.append(Sample(place, pixels, quality))
            last = frame
        return samples

    def _chosen(self, run: Run, places: Sequence[int]) -> Iterator[tuple[int, VideoFrame]]:
        for frame in self._frames(run, places):
            seconds = self._seconds(frame)
            if seconds is None or (run.end is not None and seconds >= self._clock.seconds(run.end)):
                continue
            yield from self._picker.feed(seconds, frame)
        if not run.open_end:
            yield from self._picker.finish()
            self._context.flush_buffers()

    def _frames(self, run: Run, places: Sequence[int]) -> Iterator[VideoFrame]:
        packets: Sequence[VideoPacket | None] = _needed(run, places, self._clock) + run.borrowed
        for packet in packets if run.open_end else (*packets, None):
            self._check()
            for frame in self._decoded(packet):
                check_pixels(frame.width, frame.height, self._limits)
                self._effort.decoded_frames += 1
                yield frame

    def _decoded(self, packet: VideoPacket | None) -> list[VideoFrame]:
        try:
            return self._context.decode(packet)
        except av.error.EOFError:
            return []
        except (av.error.InvalidDataError, av.error.ArgumentError):
            check_pixels(self._context.width, self._context.height, self._limits)
            self._effort.broken_packets += 1
            return []

    def _seconds(self, frame: VideoFrame) -> float | None:
        if not self._clock.counted:
            return None if frame.pts is None else self._clock.seconds(frame.pts)
        self._counted += 1
        return (self._counted - 1) * self._clock.frame_sec

    def _scaled(self, frame: VideoFrame) -> Pixels:
        pixels = self._scaler.rgb(frame, width=self._geometry.width, height=self._geometry.height)
        return pixels if self._mask is None else self._mask.apply(pixels)


def _needed(run: Run, places: Sequence[int], clock: Clock) -> tuple[VideoPacket, ...]:
    """Leaves out pictures that stand alone and are nearest to no moment; of others everything is needed."""
    if not run.independent or clock.counted:
        return run.packets
    stamped = [(clock.seconds(stamp), p) for p in run.packets if (stamp := shown(p)) is not None]
    stamped.sort(key=lambda pair: pair[0])
    keep: dict[int, VideoPacket] = {id(stamped[0][1]): stamped[0][1]} if stamped else {}
    at = 0
    for place in places:
        moment = clock.moment(place)
        while at + 1 < len(stamped) and stamped[at + 1][0] <= moment:
            at += 1
        for _, packet in stamped[at : at + 2]:
            keep[id(packet)] = packet
    return tuple(p for p in run.packets if id(p) in keep)
