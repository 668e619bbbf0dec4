"""Counts what the header of an MP4 or MOV promises, before the demuxer makes room for it.

A few bytes can claim a billion samples, and the demuxer believes them: two kilobytes become gigabytes of index. Boxes
are found wherever the demuxer would read them, so nothing can be hidden by nesting it oddly. ISO/IEC 14496-12.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from reelops.errors import Invalid
from reelops.infra.media.model import MediaLimits

# Boxes that the demuxer looks into, and the tables themselves. All others, the media data above all, it skips.
_TABLE_NAMES = "trak hdlr stts stsz stz2 stsc stco co64 elst trun iloc iinf cmov"
_CONTAINERS = (
    f"moov moof mdia minf stbl stsd traf mvex edts dinf udta meta tref wave ilst sinf schi iprp {_TABLE_NAMES}"
)
_LOOKED_INTO = frozenset(name.encode() for name in _CONTAINERS.split())
_FREE = (b"free", b"hoov")
_TABLES = re.compile("|".join(_TABLE_NAMES.split()).encode())
_MEDIA = frozenset((b"vide", b"soun", b"m1a ", b"subp", b"clcp", b"pict"))
_MOST_BOXES = 300_000
_MOST_HEADER_BYTES = 256 * 1024 * 1024
_MOST_ITEMS = 10_000
# How the demuxer packs uncompressed sound: this many samples make one entry.
_PACKED = 1024
# Edit lists repeat entries, in files of honest makers a few times at most.
_EDITS = 4


@dataclass(slots=True)
class Track:
    """What the tables of one track, or of one fragment, claim."""

    handlers: set[bytes] = field(default_factory=set)
    lengths: list[tuple[int, int]] = field(default_factory=list)
    samples: int = 0
    chunks: int = 0
    samples_per_chunk: int = 0
    fragment_samples: int = 0
    edits: int = 0

    @property
    def entries(self) -> int:
        """How many entries the demuxer's index of this track would have, about."""
        entries = self.samples
        if self.handlers & _MEDIA == {b"soun"} and self.lengths == [(1, 1)]:
            # Uncompressed sound: the demuxer goes by chunks.
            entries = self.chunks + self.chunks * self.samples_per_chunk // _PACKED
        return entries * max(1, self.edits // _EDITS) + self.fragment_samples

    def note(self, kind: bytes, content: bytes, at: int) -> None:
        """Takes one table in, whose content begins at `at`. Raises `Invalid` VIDEO_UNREADABLE."""
        flags, first, second, third = struct.unpack(">4I", content[at : at + 16].ljust(16, b"\0"))
        if kind == b"hdlr":
            self.handlers.add(content[at + 8 : at + 12])
        elif kind == b"stts":
            self.lengths.append((first, third))
        elif kind in (b"stsz", b"stz2"):
            self.samples += second
        elif kind == b"stsc":
            table = np.frombuffer(_whole_rows(content[at + 8 : at + 8 + 12 * first]), ">u4")
            self.samples_per_chunk = max(self.samples_per_chunk, int(table[1::3].max(initial=0)))
        elif kind in (b"stco", b"co64"):
            self.chunks += first
        elif kind == b"elst":
            self.edits += first
        elif kind == b"trun":
            self.fragment_samples += first
        else:
            _check_items(kind, version=flags >> 24, fields=content[at + 4 : at + 10].ljust(6, b"\0"))


def check_tables(path: Path, limits: MediaLimits) -> None:
    """Passes a file that promises no more samples than four times `limits.max_frames`; blocking.

    Files that are no MP4 pass. Raises `Invalid` with VIDEO_TOO_LONG or VIDEO_UNREADABLE.
    """
    entries = 0
    with path.open("rb") as file:
        for content in _headers(file):
            entries += _promised(content)
            if entries > 4 * limits.max_frames:
                raise Invalid("VIDEO_TOO_LONG", "The file's header promises far more frames than are accepted.")


def _headers(file: BinaryIO) -> Iterator[bytes]:
    """Yields every outer box that may hold tables, whole, as they lie in the file; of another kind of file, nothing."""
    end = os.fstat(file.fileno()).st_size
    at = read = 0
    for _ in range(_MOST_BOXES):
        file.seek(at)
        head = file.read(24)
        if len(head) < 8:
            return
        stop = min(end, at + _size(head, left=end - at))
        if stop == at:
            return
        if head[4:8] in _LOOKED_INTO or _is_hidden_header(head):
            read += stop - at
            if read > _MOST_HEADER_BYTES:
                raise Invalid("VIDEO_UNREADABLE", "The file's header is too large.")
            file.seek(at)
            yield file.read(stop - at)
        at = stop
    raise Invalid("VIDEO_UNREADABLE", "The file is cut into too many pieces.")


def _size(head: bytes, *, left: int) -> int:
    """Reads how long a box is; 0 where this is none."""
    (size,) = struct.unpack_from(">I", head)
    if size == 1 and len(head) >= 16:
        (size,) = struct.unpack_from(">Q", head, 8)
        return size if size >= 16 else 0
    if size == 0:
        return left
    return size if size >= 8 else 0


def _is_hidden_header(head: bytes) -> bool:
    """Says whether an erased box is taken for a header all the same, as some players do."""
    return head[4:8] in _FREE and (head[12:16] in (b"mvhd", b"cmov") or head[20:24] in (b"mvhd", b"cmov"))


def _whole_rows(table: bytes) -> bytes:
    return table[: len(table) // 12 * 12]


def _check_items(kind: bytes, *, version: int, fields: bytes) -> None:
    """Raises `Invalid` VIDEO_UNREADABLE for lists of pictures that no video has, and for a compressed header."""
    place = 2 if kind == b"iloc" else 0
    wide = version > 1 if kind == b"iloc" else version > 0
    (items,) = struct.unpack_from(">I" if wide else ">H", fields, place)
    if kind == b"cmov" or items > _MOST_ITEMS:
        raise Invalid("VIDEO_UNREADABLE", "The file's header is of a kind that is not read.")


def _promised(content: bytes) -> int:
    """Counts the index entries that the tables of one header or fragment ask for."""
    tracks = [Track()]
    for found in _TABLES.finditer(content):
        at = found.start() - 4
        if at < 0 or not _size(content[at : at + 16], left=len(content) - at):
            continue  # four letters that happen to be there
        if found[0] == b"trak":
            tracks.append(Track())
        else:
            tracks[-1].note(found[0], content, at + (16 if content[at : at + 4] == b"\0\0\0\1" else 8))
    return sum(track.entries for track in tracks)
