"""Reads a written clip back and holds it against what it was meant to be."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

import av
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from reelops.errors import ReelOpsError
from reelops.infra.media.model import MediaLimits
from reelops.infra.media.opening import open_video
from reelops.infra.media.reading import Guard

# The least likeness of an encoded picture and its original, dB; visibly different pictures lie below.
LEAST_PSNR = 24.0
# Milliseconds are the coarsest clock of the containers.
_COARSE_SEC = 0.0011
_SOUND_SLACK_SEC = 0.25


class Mismatch(Exception):
    """The clip is not what it was meant to be; the text says in what."""


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """What the clip must be.

    `times` are seconds from its start, in the order shown, `end_sec` when the last picture is over. `copied` is the
    range of packets in decoding order whose coded pictures must hash to `digest`. `pictures` are known pictures by
    their place in the order shown: frames that are to be alike, or checksums of those that are to be the same.
    """

    times: npt.NDArray[np.floating[Any]]
    end_sec: float
    sounds: int
    pictures: dict[int, VideoFrame | int]
    copied: range = range(0)
    digest: bytes = b""
    picture_bytes: Callable[[bytes], bytes] = bytes
    spans: list[tuple[int, int]] = field(default_factory=list)


def verify(path: Path, expected: Expected, *, limits: MediaLimits, guard: Guard) -> float:
    """Raises `Mismatch` where the clip is not as expected; gives its duration in seconds.

    All packets are read. Pictures are decoded where `expected.spans` (places in the order shown) says, all of them
    where it says nothing: the rest are packets that the source has too, behind the same key frame.
    """
    try:
        duration = _check_packets(path, expected, limits, guard)
        for first, last in expected.spans or [(0, len(expected.times) - 1)]:
            _check_pictures(path, expected, first, last, limits, guard)
    except (av.FFmpegError, ReelOpsError) as error:
        guard.check()
        raise Mismatch("it cannot be read back") from error
    return duration


def checksum(frame: VideoFrame) -> int:
    """Sums up a decoded picture without the padding of its rows."""
    total = 0
    wide = 2 if frame.format.components[0].bits > 8 else 1
    for plane in frame.planes:
        rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)  # type: ignore[call-overload]
        total = crc32(rows[:, : plane.width * wide].tobytes(), total)
    return total


def psnr(one: VideoFrame, other: VideoFrame) -> float:
    """Compares the luma of two pictures, dB; 100 where they are the same."""
    if abs(one.width - other.width) > 1 or abs(one.height - other.height) > 1:
        other = other.reformat(one.width, one.height)
    first, second = _luma(one), _luma(other)
    height, width = min(first.shape[0], second.shape[0]), min(first.shape[1], second.shape[1])
    first, second = first[:height, :width], second[:height, :width]
    error = float(np.mean((first - second) ** 2))
    return 100.0 if error == 0 else 10 * float(np.log10(255.0**2 / error))


def _luma(frame: VideoFrame) -> npt.NDArray[np.float32]:
    grey: Any = frame.reformat(format="gray").to_ndarray()
    return np.asarray(grey, dtype=np.float32)


def _check_packets(path: Path, expected: Expected, limits: MediaLimits, guard: Guard) -> float:
    digest = hashlib.blake2b(digest_size=16)
    stamps: list[int] = []
    last_dts: int | None = None
    with open_video(path, limits=limits) as (container, stream):
        if len(container.streams.audio) != expected.sounds:
            raise Mismatch("it has other sound tracks")
        tick = float(stream.time_base or 0)
        # Matroska does not store decoding times; what its reader makes up is not ours.
        has_dts = "mp4" in container.format.name
        for packet in container.demux(stream):
            guard.check()
            if packet.size == 0 or packet.pts is None:
                continue
            if len(stamps) in expected.copied:
                digest.update(expected.picture_bytes(bytes(packet)))
            if has_dts and packet.dts is not None and last_dts is not None and packet.dts <= last_dts:
                raise Mismatch("its decoding times do not rise")
            last_dts = packet.dts
            stamps.append(packet.pts)
    if expected.digest and digest.digest() != expected.digest:
        raise Mismatch("the copied part differs")
    times = (np.sort(np.array(stamps, dtype=np.int64))) * tick
    _check_times(times, expected)
    return expected.end_sec


def _check_times(times: npt.NDArray[np.floating[Any]], expected: Expected) -> None:
    if len(times) != len(expected.times):
        raise Mismatch(f"it has {len(times)} frames and not {len(expected.times)}")
    if np.max(np.abs(times - times[0] - expected.times)) > _COARSE_SEC:
        raise Mismatch("its frames are not shown at their times")
    if abs(float(times[0])) > _COARSE_SEC:
        raise Mismatch("it does not begin at its start")


def _check_pictures(path: Path, expected: Expected, first: int, last: int, limits: MediaLimits, guard: Guard) -> None:
    seen = first
    for at, frame in _decoded(path, float(expected.times[first]), limits, guard):
        if seen > last:
            return
        if at < expected.times[first] - _COARSE_SEC:
            continue
        if abs(at - expected.times[seen]) > _COARSE_SEC:
            raise Mismatch(f"decoding gives a frame at {at:.4f} s and none at {expected.times[seen]:.4f} s")
        _check_picture(frame, expected.pictures.get(seen), seen)
        seen += 1
    if seen <= last:
        raise Mismatch(f"only {seen - first} of {last - first + 1} frames can be decoded")


def _check_picture(frame: VideoFrame, known: VideoFrame | int | None, place: int) -> None:
    if isinstance(known, int) and checksum(frame) != known:
        raise Mismatch(f"the copied frame {place} decodes to another picture")
    if isinstance(known, VideoFrame) and psnr(frame, known) < LEAST_PSNR:
        raise Mismatch(f"the encoded frame {place} shows another picture")


def _decoded(path: Path, start_sec: float, limits: MediaLimits, guard: Guard) -> Iterator[tuple[float, VideoFrame]]:
    with open_video(path, limits=limits) as (container, stream):
        stream.thread_type = "AUTO"
        tick = float(stream.time_base or 0)
        if start_sec > 0:
            container.seek(int((start_sec + _COARSE_SEC) / tick), stream=stream, backward=True)
        for packet in container.demux(stream):
            guard.check()
            for frame in packet.decode():
                if frame.pts is None:
                    raise Mismatch("a frame has no time")
                yield frame.pts * tick, frame
