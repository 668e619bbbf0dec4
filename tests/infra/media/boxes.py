"""Takes MP4 files apart and puts them together again, with tables that promise what is not there."""

from __future__ import annotations

import struct
from collections.abc import Iterator

CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"moof", b"traf", b"edts")


def box(kind: bytes, *parts: bytes) -> bytes:
    """Makes a box."""
    content = b"".join(parts)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def table(kind: bytes, *numbers: int, version: int = 0, flags: int = 0) -> bytes:
    """Makes a box of 32-bit numbers behind version and flags."""
    return box(kind, struct.pack(f">{1 + len(numbers)}I", version << 24 | flags, *numbers))


def boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yields kind and content of the boxes that lie side by side."""
    at = 0
    while at + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        yield kind, content[at + 8 : at + size]
        at += size


def replaced(content: bytes, changes: dict[bytes, bytes]) -> bytes:
    """Gives the boxes again, at any depth, with those of some kinds changed for others."""
    made = []
    for kind, inner in boxes(content):
        if kind in changes:
            made.append(changes[kind])
        else:
            made.append(box(kind, replaced(inner, changes) if kind in CONTAINERS else inner))
    return b"".join(made)
