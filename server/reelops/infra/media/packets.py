"""Cuts a stream of packets into runs that can be decoded apart from each other.

A run begins with a key frame, so that several decoders can work on one video at the same time, each in one thread.
Frame threads of one decoder do not help here: with the unneeded frames skipped, what is left is one chain of
references, and its threads wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from av.packet import Packet
from av.video.stream import VideoStream

# Quoted: the class is generic for type checkers only.
VideoPacket: TypeAlias = "Packet[VideoStream]"

LEAST_PACKETS = 64
MOST_PACKETS = 512
_MOST_BYTES = 32 * 2**20
_PATIENCE = 300


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Consecutive packets in decoding order, those of one decoder.

    `resumes` says that the decoder goes on from the run before (a group of pictures too long for one run), `open_end`
    that the next run resumes this one. `end` is the time stamp of the next run's first frame, None at the end of the
    video or where it is not known. `borrowed` packets at the end belong to the next run too: pictures shown before its
    key frame that lean on it.
    """

    packets: tuple[VideoPacket, ...]
    borrowed: tuple[VideoPacket, ...]
    resumes: bool
    open_end: bool
    end: int | None

    @property
    def last(self) -> bool:
        return self.end is None and not self.open_end

    @property
    def independent(self) -> bool:
        """Whether every packet is a picture of its own, so that any of them can be left out."""
        return len(self.packets) > 1 and not self.borrowed and all(p.is_keyframe for p in self.packets)


def shown(packet: VideoPacket) -> int | None:
    """Gives the time stamp at which a packet's picture is shown, where the container says it."""
    return packet.pts if packet.pts is not None else packet.dts


def cut_runs(packets: Iterable[VideoPacket]) -> Iterator[Run]:
    """Cuts at key frames, at least `LEAST_PACKETS` apart, and anyway when a run grows too large for memory."""
    held: list[VideoPacket] = []
    size = 0
    resumes = False
    for packet, leading in _with_leading(_from_first_key(packets)):
        full = len(held) >= MOST_PACKETS or size >= _MOST_BYTES
        cut = packet.is_keyframe and len(held) >= LEAST_PACKETS and shown(packet) is not None
        if cut:
            yield Run(tuple(held), (packet, *leading) if leading else (), resumes, False, shown(packet))
        elif full:
            yield Run(tuple(held), (), resumes, True, None)
        if cut or full:
            held, size, resumes = [], 0, not cut
        held.append(packet)
        size += packet.size
    if held:
        yield Run(tuple(held), (), resumes, False, None)


def _from_first_key(packets: Iterable[VideoPacket]) -> Iterator[VideoPacket]:
    """Leaves out what comes before the first key frame, unless no key frame ever comes."""
    early: list[VideoPacket] = []
    found = False
    for packet in packets:
        if packet.size == 0:
            continue
        if not found and not packet.is_keyframe and len(early) < _PATIENCE:
            early.append(packet)
            continue
        if not found and not packet.is_keyframe:
            yield from early
        found, early = True, []
        yield packet
    yield from early


def _with_leading(packets: Iterable[VideoPacket]) -> Iterator[tuple[VideoPacket, tuple[VideoPacket, ...]]]:
    """Pairs each key frame with the pictures that follow it in the file and are shown before it."""
    waiting: list[VideoPacket] = []
    for packet in packets:
        if waiting and _leads(packet, waiting[0]):
            waiting.append(packet)
            continue
        yield from _release(waiting)
        waiting = []
        if packet.is_keyframe:
            waiting = [packet]
        else:
            yield packet, ()
    yield from _release(waiting)


def _leads(packet: VideoPacket, key: VideoPacket) -> bool:
    mine, its = shown(packet), shown(key)
    return mine is not None and its is not None and mine < its


def _release(waiting: list[VideoPacket]) -> Iterator[tuple[VideoPacket, tuple[VideoPacket, ...]]]:
    for place, packet in enumerate(waiting):
        yield packet, tuple(waiting[1:]) if place == 0 else ()
