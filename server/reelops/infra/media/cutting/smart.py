"""The smart cut: encodes the pictures around the cut points and copies all others."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame

from reelops.infra.media.cutting.encoders import Coded, encode
from reelops.infra.media.cutting.indexing import Index, Stamps
from reelops.infra.media.cutting.joining import Joiner
from reelops.infra.media.cutting.model import Container, Piece, Span, Unjoinable
from reelops.infra.media.cutting.planning import Plan, held, make_plan
from reelops.infra.media.cutting.source import Source
from reelops.infra.media.cutting.timing import decoding_times
from reelops.infra.media.cutting.verifying import Expected, checksum
from reelops.infra.media.cutting.writing import Stamped, open_output

# How many copied pictures on either side of a seam are decoded from both files and compared.
_LOOK = 12
# Encoded pictures are held in memory until they are written.
_MOST_ENCODED = 3000
# Clips of fewer pixels than this in all (some twenty seconds of 1080p) are decoded whole once they are written.
_WHOLE_PIXELS = 10**9


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """What was written: where it begins in ticks of the source's clock, how much was copied, what it must be."""

    begin: int
    copied: int
    encoded: int
    expected: Expected


def cut_smart(
    source: Source,
    span: Span,
    index: Index,
    joiner: Joiner,
    *,
    target: Path,
    container: Container,
    on_progress: Callable[[float], None],
) -> Written:
    """Writes the clip; raises `Unjoinable` when the pieces do not fit or it is not worth it."""
    plan = make_plan(index, span)
    if plan.encoded > _MOST_ENCODED:
        raise Unjoinable("too many pictures lie between the cut points and the key frames")
    cut = _SmartCut(source, joiner, plan, held(plan.shown, plan.end, span, float(source.tick)), on_progress)
    cut.encode()
    tag = None
    # What kind of sample entry is needed is known for sure when all packets were seen; few streams need a second go.
    while tag != joiner.tag():
        tag = joiner.tag()
        with open_output(source, target, container) as output:
            output.add_like_source(header=joiner.header(), tag=tag)
            output.write(cut.pictures(), output.add_sounds(cut.piece, index.sounds), cut.piece)
    return cut.written()


class _SmartCut:
    def __init__(
        self, source: Source, joiner: Joiner, plan: Plan, piece: Piece, on_progress: Callable[[float], None]
    ) -> None:
        self._source, self._joiner, self._plan, self.piece = source, joiner, plan, piece
        self._on_progress = on_progress
        self._before: list[Coded] = []
        self._after: list[Coded] = []
        self._known: dict[int, VideoFrame | int] = {}
        self._digest = hashlib.blake2b(digest_size=16)

    def encode(self) -> None:
        """Decodes what lies around the seams, encodes what is not copied, and notes what it looked like."""
        plan = self._plan
        shown = np.sort(plan.copied)
        near = int(shown[min(_LOOK, len(shown)) - 1])
        self._before = self._encoded(plan.before, plan.before_from, int(plan.shown[0]), near)
        self._on_progress(0.5)
        near = int(shown[-min(_LOOK, len(shown))])
        self._after = self._encoded(plan.after, plan.after_from, near, int(plan.shown[-1]))
        self._on_progress(0.7)

    def pictures(self) -> Iterator[Stamped]:
        """Yields all pictures in decoding order."""
        plan = self._plan
        self._digest = hashlib.blake2b(digest_size=16)
        parts = [plan.before[[c.place for c in self._before]], plan.copied, plan.after[[c.place for c in self._after]]]
        order = np.concatenate([part.astype(np.int64) for part in parts])
        times = decoding_times(self._moved(order), self._source.frame_ticks)
        ends = dict(zip(plan.shown.tolist(), [*plan.shown[1:].tolist(), self.piece.end], strict=True))
        for place, (data, is_key) in enumerate(self._coded()):
            stamp = int(order[place])
            at = int(self._moved(order[place : place + 1])[0])
            yield Stamped(data, at, int(times[place]), ends[stamp] - self.piece.begin - at, is_key)

    def written(self) -> Written:
        plan, source = self._plan, self._source
        tick = float(source.tick)
        count = len(plan.shown)
        seam, end = len(plan.before), len(plan.before) + len(plan.copied)
        small = count * source.picture.width * source.picture.height <= _WHOLE_PIXELS
        spans = [(0, count - 1)] if small else [(0, min(seam + _LOOK, count) - 1), (max(0, end - _LOOK), count - 1)]
        expected = Expected(
            times=self._moved(plan.shown) * tick,
            end_sec=(self.piece.end - self.piece.begin) * tick,
            sounds=len(source.sounds),
            pictures=self._known,
            copied=range(seam, end),
            digest=self._digest.digest(),
            picture_bytes=lambda data: self._joiner.pictures(data, written=True),
            spans=spans,
        )
        return Written(self.piece.begin, len(plan.copied), plan.encoded, expected)

    def _moved(self, stamps: Stamps) -> Stamps:
        return np.maximum(stamps - self.piece.begin, 0)

    def _coded(self) -> Iterator[tuple[bytes, bool]]:
        for coded in self._before:
            yield self._joiner.made(coded.data), coded.is_key
        for place, packet in enumerate(self._copied()):
            data = bytes(packet)
            self._digest.update(self._joiner.pictures(data, written=False))
            yield self._joiner.copied(data, first=place == 0), packet.is_keyframe
            self._on_progress(0.7 + 0.3 * place / len(self._plan.copied))
        for coded in self._after:
            yield self._joiner.made(coded.data), coded.is_key

    def _copied(self) -> Iterator[Packet[Any]]:
        wanted = self._plan.copied.tolist()
        at = 0
        with closing(self._source.packets(wanted[0])) as packets:
            for packet in packets:
                if at == len(wanted):
                    return
                if packet.size and packet.pts == wanted[at]:
                    at += 1
                    yield packet
                elif packet.size and at and packet.pts is not None and packet.pts >= wanted[0]:
                    raise Unjoinable("reading it twice gave different packets")
        if at < len(wanted):
            raise Unjoinable("reading it twice gave different packets")

    def _encoded(self, stamps: Stamps, seed: int, first: int, last: int) -> list[Coded]:
        """Encodes the pictures with these time stamps; of the others from `first` to `last` it notes the checksums."""
        frames = self._looked(set(stamps.tolist()), seed, first, last)
        if not len(stamps):
            for _ in frames:
                pass
            return []
        encoder = self._joiner.encoder(self._source.picture)
        coded = list(encode(encoder, frames, self._source.picture, self._source.guard.check))
        if len(coded) != len(stamps):
            raise Unjoinable("some pictures around the cut points cannot be decoded")
        return coded

    def _looked(self, encoded: set[int], seed: int, first: int, last: int) -> Iterator[VideoFrame]:
        places = {stamp: place for place, stamp in enumerate(self._plan.shown.tolist())}
        with closing(self._source.frames(seed)) as frames:
            for stamp, frame in frames:
                if stamp > last:
                    return
                if stamp < first or stamp not in places:
                    continue
                if stamp in encoded:
                    if stamp in (min(encoded), max(encoded)):
                        self._known[places[stamp]] = frame
                    yield frame
                else:
                    self._known[places[stamp]] = checksum(frame)
