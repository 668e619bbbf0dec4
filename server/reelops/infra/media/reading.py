"""Reads the packets of one video and says which moments each run of them covers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from av.container import InputContainer
from av.video.stream import VideoStream

from reelops.errors import Cancelled, Invalid
from reelops.infra.media.decoding import Clock
from reelops.infra.media.model import MediaLimits
from reelops.infra.media.opening import check_duration, container_fps, declared_duration
from reelops.infra.media.packets import Run, VideoPacket, cut_runs, shown
from reelops.infra.media.sampling import plan_sampling

CancelSignal = threading.Event | Callable[[], bool]

# A file that lacks more than this of what its header promises was cut off; less is how muxers round.
_LACKING_SHARE = 0.1
_LACKING_SEC = 2.0


class Guard:
    """Ends the work of every thread when it was cancelled, took too long, or nobody reads any more."""

    def __init__(self, limits: MediaLimits, cancelled: CancelSignal | None) -> None:
        self.stop = threading.Event()
        self._asked = cancelled.is_set if isinstance(cancelled, threading.Event) else cancelled
        self._seconds = limits.total_timeout_sec
        self._deadline = time.monotonic() + limits.total_timeout_sec

    def check(self) -> None:
        """Raises `Cancelled`, or `Invalid` VIDEO_TOO_SLOW."""
        if self.stop.is_set() or (self._asked is not None and self._asked()):
            raise Cancelled("CANCELLED", "Reading the video was cancelled.")
        if time.monotonic() > self._deadline:
            raise Invalid("VIDEO_TOO_SLOW", f"Reading the video took longer than {self._seconds:.0f} seconds.")


class PacketReader:
    """The reading side of one opened video; the clock starts at the first frame of the first run."""

    def __init__(
        self,
        path: Path | str,
        container: InputContainer,
        stream: VideoStream,
        limits: MediaLimits,
        *,
        closely: bool = False,
    ) -> None:
        self.sampling = plan_sampling(container_fps(stream), closely=closely)
        self.end_sec = 0.0
        self._container, self._stream, self._limits = container, stream, limits
        self._declared_sec = declared_duration(container, stream)
        self._bytes = Path(path).stat().st_size
        self._packets = self._position = 0
        self._next_place = 0
        self._runs: Iterator[Run] = cut_runs(self._read())
        first = next(self._runs, None)
        if first is None:
            raise Invalid("VIDEO_EMPTY", "The video has no frames in it.")
        self.clock = self._clock(first)
        self._runs = chain([first], self._runs)

    def runs(self) -> Iterator[tuple[Run, range]]:
        """Yields each run with the places of the samples that lie in it."""
        for run in self._runs:
            yield run, self._places(run)

    @property
    def progress(self) -> float:
        """The share read so far, 0 to 1, by time where the header says how long the video is, else by bytes."""
        share = self.end_sec / self._declared_sec if self._declared_sec else self._position / self._bytes
        return min(1.0, share)

    def check_whole(self) -> None:
        """Raises `Invalid` VIDEO_TRUNCATED when the packets ended long before the header's duration."""
        if self._stream.duration is None or self._declared_sec is None:
            return  # a duration of the whole file may be that of a longer sound track
        lacking = self._declared_sec - self.end_sec
        if lacking > max(_LACKING_SEC, _LACKING_SHARE * self._declared_sec):
            raise Invalid(
                "VIDEO_TRUNCATED",
                f"The file ends after {self.end_sec:.0f} s but says that it lasts {self._declared_sec:.0f} s; "
                "it was probably cut off while it was copied.",
            )

    def _read(self) -> Iterator[VideoPacket]:
        for packet in self._container.demux(self._stream):
            self._packets += 1
            self._position = max(self._position, packet.pos or 0)
            if self._packets > self._limits.max_frames:
                raise Invalid("VIDEO_TOO_LONG", f"The video has more than {self._limits.max_frames} frames.")
            yield packet

    def _clock(self, run: Run) -> Clock:
        tick = float(self._stream.time_base or 0)
        counted = not tick or any(packet.pts is None for packet in run.packets)
        # Pictures shown before the first key frame lean on what is not there, so they do not set the time.
        first = shown(run.packets[0]) or 0
        return Clock(first, tick, self.sampling.interval_sec, 1 / self.sampling.source_fps, counted)

    def _places(self, run: Run) -> range:
        self.end_sec = max(self.end_sec, self._end_sec(run))
        check_duration(self.end_sec, self._limits)
        counted = self.clock.counted or run.end is None
        end = self.end_sec if counted or run.end is None else self.clock.seconds(run.end)
        start = stop = self._next_place
        while self.clock.moment(stop) < end - 1e-6:
            stop += 1
        # Even one picture that lasts no time is a video of one sample.
        self._next_place = max(stop, 1)
        return range(start, self._next_place)

    def _end_sec(self, run: Run) -> float:
        if self.clock.counted:
            return self.end_sec + len(run.packets) * self.clock.frame_sec
        ends = ((stamp, packet.duration or 0) for packet in run.packets if (stamp := shown(packet)) is not None)
        clock = self.clock
        return max((clock.seconds(at) + (length * clock.tick_sec or clock.frame_sec) for at, length in ends), default=0)
