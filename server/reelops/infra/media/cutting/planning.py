"""Decides which pictures of a piece are encoded and which are copied."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from reelops.infra.media.cutting.indexing import Index, Stamps
from reelops.infra.media.cutting.model import HELD_SEC, Piece, Span, Unjoinable


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Time stamps: of the pictures encoded before, of those copied in decoding order, of those encoded after.

    `before` and `after` are in the order shown. Each `*_from` is the key frame from which those pictures can be
    decoded; `end` is where the last picture's time is over.
    """

    before: Stamps
    copied: Stamps
    after: Stamps
    before_from: int
    after_from: int
    end: int

    @property
    def shown(self) -> Stamps:
        return np.concatenate([self.before, np.sort(self.copied), self.after])

    @property
    def encoded(self) -> int:
        return len(self.before) + len(self.after)


def make_plan(index: Index, span: Span) -> Plan:
    """Finds the longest stretch that can be copied; raises `Unjoinable` when it is not worth it.

    A copy begins with a key frame that needs nothing before it, without the pictures that are shown before that key
    frame (they may lean on what is gone). It ends anywhere in decoding order where the pictures so far are those shown
    first, so after it only the few pictures that lean on later ones are left to encode.
    """
    if index.flaw:
        raise Unjoinable(index.flaw)
    wanted = wanted_stamps(index, span)
    first, end = int(wanted[0]), wanted_end(index, wanted)
    begin = _begin(index, first, int(wanted[-1]))
    copied = _stretch(index.pts[begin:], wanted)
    last = int(copied.max())
    before, after = wanted[wanted < copied[0]], wanted[wanted > last]
    if len(copied) * 4 < len(wanted) and len(wanted) > 1:
        raise Unjoinable("too little of the piece lies between key frames to be worth copying")
    return Plan(before, copied, after, _seed(index, first), _seed(index, int(after[0]) if len(after) else last), end)


def wanted_stamps(index: Index, span: Span) -> Stamps:
    """Gives the time stamps of the pictures of the span, in the order shown; at least one where there is any."""
    shown = np.sort(index.pts)
    begun = shown[shown <= span.start + span.tolerance]
    first = begun[-1] if len(begun) else shown[0]
    within = shown[(shown >= first) & (shown < span.end - span.tolerance)]
    return np.asarray(within if len(within) else shown[shown == first], dtype=np.int64)


def wanted_end(index: Index, wanted: Stamps) -> int:
    later = index.pts[index.pts > wanted[-1]]
    return int(later.min()) if len(later) else int(wanted[-1]) + index.last_ticks


def _begin(index: Index, first: int, last: int) -> int:
    """Finds the first key frame within the piece at which a copy may begin."""
    highest = np.maximum.accumulate(index.pts)
    for at in np.flatnonzero(index.joins):
        stamp = index.pts[at]
        if stamp > last:
            break
        if stamp >= first and (at == 0 or highest[at - 1] < stamp):
            return int(at)
    keys = index.pts[index.keys]
    if np.any((keys >= first) & (keys <= last)):
        raise Unjoinable("its key frames within the piece lean on pictures before them (open groups of pictures)")
    raise Unjoinable("the piece lies within one group of pictures")


def _stretch(pts: Stamps, wanted: Stamps) -> Stamps:
    """Gives the longest start of the packets, in decoding order, that is a run of the wanted pictures without gaps."""
    packets = pts[pts >= pts[0]]
    places = np.searchsorted(np.sort(packets), packets)
    whole = np.maximum.accumulate(places) == np.arange(len(packets))
    within = np.count_nonzero(wanted >= pts[0])
    lengths = np.flatnonzero(whole[:within]) + 1
    if not len(lengths):
        raise Unjoinable("the order of its pictures leaves no piece to copy")
    return np.asarray(packets[: lengths[-1]], dtype=np.int64)


def _seed(index: Index, stamp: int) -> int:
    keys = index.pts[index.keys & (index.pts <= stamp)]
    return int(keys.max()) if len(keys) else int(index.pts[0])


def held(shown: Stamps, end: int, span: Span, tick: float) -> Piece:
    """Gives where the clip begins and ends: with its pictures, or where it was asked for if one stands for long."""
    long = HELD_SEC / tick
    begin = int(shown[0]) if span.start - shown[0] <= long else math.ceil(span.start)
    stop = end if end - span.end <= long else max(math.ceil(span.end), int(shown[-1]) + 1, begin + 1)
    return Piece(begin, stop)
