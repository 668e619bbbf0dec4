"""Reads a video as clips, decoding only what sampling needs."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from reelops.errors import Invalid
from reelops.infra.media.decoding import Effort, RunDecoder, Sample
from reelops.infra.media.masking import PrivacyMask
from reelops.infra.media.model import Clip, ClipGeometry, MediaLimits
from reelops.infra.media.opening import open_video
from reelops.infra.media.pictures import Quality, evenly, flags
from reelops.infra.media.reading import CancelSignal, Guard, PacketReader

# With fewer source frames per sample than this, skipping frames would move the samples too far.
_LEAST_STRIDE_TO_SKIP = 3
# Decoders that let skipping be changed between two packets, as it has to be where too few frames are left.
_SKIPPING_CODECS = frozenset({"h264", "hevc", "mpeg4", "mpeg2video", "mpeg1video", "vp9", "vp8"})
_MOST_DECODERS = 8

_Worker = tuple[RunDecoder, ThreadPoolExecutor]


def read_clips(
    path: Path | str,
    geometry: ClipGeometry,
    *,
    limits: MediaLimits | None = None,
    mask: PrivacyMask | None = None,
    on_progress: Callable[[float], None] | None = None,
    cancelled: CancelSignal | None = None,
    decoders: int | None = None,
    closely: bool = False,
) -> Iterator[Clip]:
    """Yields the clips of a video in order; blocking, meant for a thread.

    Memory does not grow with the video's length: the packets and samples of a few runs are held, and nothing more is
    read while the consumer waits. `on_progress` gets the share read, 0 to 1, never falling. `cancelled` is an event or
    a predicate that is looked at between packets. `decoders` defaults to one for each core that may be used. `closely`
    looks twice as often, and gives clips half as long.

    Raises `Cancelled`, or `Invalid` with VIDEO_EMPTY, VIDEO_UNREADABLE, VIDEO_NO_STREAM, VIDEO_TOO_LARGE,
    VIDEO_TOO_LONG, VIDEO_TOO_SLOW, and VIDEO_TRUNCATED after the clips of a file that ends long before its header says.
    """
    limits = limits or MediaLimits()
    guard = Guard(limits, cancelled)
    count = max(1, decoders or min(_MOST_DECODERS, len(os.sched_getaffinity(0))))
    contexts = [_codec_context(path, limits) for _ in range(count)]
    with ExitStack() as resources:
        container, stream = resources.enter_context(open_video(path, limits=limits))
        reader = PacketReader(path, container, stream, limits, closely=closely)
        effort = Effort(skipping=_may_skip(stream, reader))
        workers: list[_Worker] = []
        for context in contexts:
            decoder = RunDecoder(
                context,
                clock=reader.clock,
                geometry=geometry,
                mask=mask,
                limits=limits,
                effort=effort,
                measure_every=max(1, reader.sampling.window // 4),
                check=guard.check,
            )
            thread = resources.enter_context(ThreadPoolExecutor(1, thread_name_prefix="decode"))
            workers.append((decoder, thread))
        resources.callback(guard.stop.set)
        samples = _samples(reader, workers, guard, on_progress)
        yield from _assembled(samples, reader, geometry)
        _check_decoded(effort)
        reader.check_whole()


def _codec_context(path: Path | str, limits: MediaLimits) -> VideoCodecContext:
    """Takes a decoder that is set up just as the container wants it, and lets go of the container.

    A container holds the index of the whole file, which for hours of video is more than all frames in work.
    """
    with open_video(path, limits=limits) as (_, stream):
        return stream.codec_context


def _may_skip(stream: VideoStream, reader: PacketReader) -> bool:
    return stream.codec_context.codec.name in _SKIPPING_CODECS and reader.sampling.stride >= _LEAST_STRIDE_TO_SKIP


def _samples(
    reader: PacketReader, workers: list[_Worker], guard: Guard, on_progress: Callable[[float], None] | None
) -> Iterator[Sample]:
    """Deals runs to the decoders in turn and takes the samples back in order."""
    pending: deque[tuple[Future[list[Sample]], float]] = deque()
    turn = 0
    for run, places in reader.runs():
        guard.check()
        # A run that goes on from the one before has to come to the decoder that holds its references.
        turn = turn if run.resumes else turn + 1
        decoder, thread = workers[turn % len(workers)]
        pending.append((thread.submit(decoder.decode, run, places), reader.progress))
        if len(pending) > len(workers):
            yield from _finished(pending, on_progress)
    while pending:
        yield from _finished(pending, on_progress)


def _finished(
    pending: deque[tuple[Future[list[Sample]], float]], on_progress: Callable[[float], None] | None
) -> list[Sample]:
    future, progress = pending.popleft()
    samples = future.result()
    if on_progress is not None:
        on_progress(progress if pending else 1.0)
    return samples


def _assembled(samples: Iterator[Sample], reader: PacketReader, geometry: ClipGeometry) -> Iterator[Clip]:
    """Groups samples into windows; what is left over makes a clip when it is long enough, or the only one."""
    window = reader.sampling.window
    held: list[Sample] = []
    index = 0
    for sample in samples:
        held.append(sample)
        if len(held) == window:
            yield _clip(index, held, reader, geometry)
            held, index = [], index + 1
    if held and (len(held) >= reader.sampling.least_tail or index == 0):
        yield _clip(index, held, reader, geometry)


def _clip(index: int, samples: list[Sample], reader: PacketReader, geometry: ClipGeometry) -> Clip:
    window = reader.sampling.window
    measured = [sample.quality for sample in samples if sample.quality is not None]
    quality = Quality(float(np.mean([q.mean_luma for q in measured])), float(np.mean([q.sharpness for q in measured])))
    return Clip(
        index=index,
        start_sec=reader.clock.moment(index * window),
        end_sec=min(reader.clock.moment((index + 1) * window), reader.end_sec),
        frames=evenly([sample.pixels for sample in samples], window, geometry),
        mean_luma=quality.mean_luma,
        sharpness=quality.sharpness,
        flags=flags(quality),
    )


def _check_decoded(effort: Effort) -> None:
    if effort.decoded_frames == 0:
        raise Invalid("VIDEO_UNREADABLE", "Not one frame of the video could be decoded; the file is damaged.")
    if effort.broken_packets > max(10, effort.decoded_frames):
        raise Invalid("VIDEO_UNREADABLE", "Most of the video could not be decoded; the file is damaged.")
