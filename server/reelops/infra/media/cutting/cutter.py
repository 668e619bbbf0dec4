"""Cuts a piece out of a video, to the frame, as fast as a copy where that is possible."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from pathlib import Path

from reelops.errors import Internal, Invalid
from reelops.infra.media.cutting.h264 import H264
from reelops.infra.media.cutting.hevc import Hevc
from reelops.infra.media.cutting.indexing import Index, read_index
from reelops.infra.media.cutting.inspecting import open_source
from reelops.infra.media.cutting.joining import Av1, Joiner, SelfContained
from reelops.infra.media.cutting.model import TOLERANCE_SEC, Container, CutReport, Mode, Span, Unjoinable
from reelops.infra.media.cutting.planning import wanted_end, wanted_stamps
from reelops.infra.media.cutting.smart import Written, cut_smart
from reelops.infra.media.cutting.source import Source, past_end
from reelops.infra.media.cutting.verifying import Mismatch, verify
from reelops.infra.media.cutting.whole import cut_whole
from reelops.infra.media.cutting.writing import check_holds
from reelops.infra.media.model import MediaLimits
from reelops.infra.media.reading import Guard

Progress = Callable[[float], None]


def cut(
    source: Path,
    target: Path,
    *,
    start_sec: float,
    duration_sec: float,
    container: Container,
    limits: MediaLimits | None = None,
    on_progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> CutReport:
    """Writes the frames shown from `start_sec` until `duration_sec` later to `target`; blocking, for a thread.

    The first frame is the one on at `start_sec`, counted from the video's first frame; the last is the last that
    begins before the end. All sound tracks come along. A piece that goes past the end is shortened. `target` appears
    when all is written and verified, or not at all. `on_progress` gets shares from 0 to 1, never falling.

    Raises `Cancelled`, `Invalid` with what `open_video` gives, CLIP_RANGE_INVALID, CLIP_START_PAST_END or
    VIDEO_TOO_SLOW, `Unavailable` STORAGE_FULL, and `Internal` CLIP_NOT_VERIFIED when even an encoded clip is not what
    it should be.
    """
    if not (math.isfinite(start_sec) and math.isfinite(duration_sec)) or start_sec < 0 or duration_sec <= 0:
        raise Invalid("CLIP_RANGE_INVALID", "A clip starts at 0 s or later and lasts longer than 0 s.")
    limits = limits or MediaLimits()
    guard = Guard(limits, cancelled)
    guard.check()
    aside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        opened = open_source(Path(source), limits=limits, guard=guard)
        report = _Cutter(opened, aside, container, _Rising(on_progress)).cut(start_sec, duration_sec)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
    return report


class _Cutter:
    def __init__(self, source: Source, aside: Path, container: Container, on_progress: _Rising) -> None:
        self._source, self._aside, self._container = source, aside, container
        self._on_progress = on_progress

    def cut(self, start_sec: float, duration_sec: float) -> CutReport:
        source = self._source
        span = _span(source, start_sec, duration_sec)
        reason, joiner = "", None
        try:
            check_holds(source, self._container)
            joiner = _joiner(source, self._container)
        except Unjoinable as refusal:
            reason = str(refusal)
        index = read_index(source, span, joiner.joins if joiner is not None else lambda _: False)
        _check_start(source, span, index)
        self._on_progress(0.05)
        if joiner is not None:
            try:
                return self._smart(span, index, joiner)
            except (Unjoinable, Mismatch) as refusal:
                reason = str(refusal)
        return self._whole(span, index, reason)

    def _smart(self, span: Span, index: Index, joiner: Joiner) -> CutReport:
        written = cut_smart(
            self._source,
            span,
            index,
            joiner,
            target=self._aside,
            container=self._container,
            on_progress=_between(self._on_progress, 0.05, 0.8),
        )
        return self._report("smart" if written.encoded else "copied", written, "")

    def _whole(self, span: Span, index: Index, reason: str) -> CutReport:
        # After a smart cut that failed, the rest of the way is this one's.
        begun = self._on_progress.highest
        try:
            written = cut_whole(
                self._source,
                span,
                index,
                target=self._aside,
                container=self._container,
                on_progress=_between(self._on_progress, begun, begun + 0.85 * (1.0 - begun)),
            )
            return self._report("encoded", written, reason)
        except (Unjoinable, Mismatch) as error:
            raise Internal("CLIP_NOT_VERIFIED", f"The clip could not be made: {error}.") from error

    def _report(self, mode: Mode, written: Written, reason: str) -> CutReport:
        source = self._source
        duration = verify(self._aside, written.expected, limits=source.limits, guard=source.guard)
        self._on_progress(1.0)
        return CutReport(
            mode=mode,
            start_sec=float((written.begin - source.origin) * source.tick),
            duration_sec=duration,
            frames=written.copied + written.encoded,
            copied_frames=written.copied,
            encoded_frames=written.encoded,
            audio_tracks=len(source.sounds),
            width=source.picture.width,
            height=source.picture.height,
            reason=reason,
        )


def _span(source: Source, start_sec: float, duration_sec: float) -> Span:
    tick = float(source.tick)
    tolerance = min(TOLERANCE_SEC, 0.2 / float(source.picture.rate)) / tick
    start = source.origin + start_sec / tick
    return Span(start, source.origin + (start_sec + duration_sec) / tick, tolerance)


def _joiner(source: Source, container: Container) -> Joiner:
    if source.codec == "h264":
        return H264(source.extradata, opening=source.opening)
    if source.codec == "hevc":
        return Hevc(source.extradata)
    if source.codec in ("av1", "vp9", "vp8") and source.picture.aspect != 1:
        raise Unjoinable("its pixels are not square, which only its container says")
    if source.codec == "av1":
        return Av1(source.extradata, encodes=not container.is_isom)
    # The kind of ProRes stands nowhere but in the four letters.
    tag = source.tag if source.codec == "prores" else ""
    return SelfContained({"vp9": "libvpx-vp9", "vp8": "libvpx"}.get(source.codec), tag=tag)


def _check_start(source: Source, span: Span, index: Index) -> None:
    """Raises `Invalid` when the video is over by the start of the piece."""
    if source.counted:
        return
    if not len(index.pts):
        raise past_end(source, None)
    wanted = wanted_stamps(index, span)
    over = wanted_end(index, wanted)
    if over <= span.start and int(wanted[-1]) == int(index.pts.max()):
        raise past_end(source, over)


def _between(on_progress: Progress, low: float, high: float) -> Progress:
    return lambda share: on_progress(low + (high - low) * share)


class _Rising:
    """Passes shares on, at most a hundred of them and never a lower one."""

    def __init__(self, on_progress: Progress | None) -> None:
        self._on_progress = on_progress
        self.highest = -1.0

    def __call__(self, share: float) -> None:
        if share >= self.highest + 0.01 or share >= 1.0 > self.highest:
            self.highest = share
            if self._on_progress is not None:
                self._on_progress(min(1.0, share))
