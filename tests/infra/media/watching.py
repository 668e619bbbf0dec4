"""Tells which files of a folder were opened meanwhile, by anybody: the system's own notice (Linux)."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
from collections.abc import Iterator
from pathlib import Path

_OPEN = 0x20
_NONBLOCK = 0o4000
_HEAD = struct.Struct("iIII")


@contextlib.contextmanager
def opened(*places: Path) -> Iterator[set[str]]:
    """Gives a set that at the end holds the names of what was opened in folders, and of watched files by their path."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(_NONBLOCK)
    watched = {libc.inotify_add_watch(descriptor, os.fsencode(place), _OPEN): place for place in places}
    assert descriptor >= 0
    assert -1 not in watched
    found: set[str] = set()
    try:
        yield found
        with contextlib.suppress(BlockingIOError):
            while events := os.read(descriptor, 65_536):
                at = 0
                while at < len(events):
                    place, _, _, length = _HEAD.unpack_from(events, at)
                    name = events[at + _HEAD.size : at + _HEAD.size + length].rstrip(b"\0")
                    found.add(os.fsdecode(name) or str(watched[place]))
                    at += _HEAD.size + length
    finally:
        os.close(descriptor)
