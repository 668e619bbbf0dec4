"""How the C library's allocator keeps what was freed."""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
_KEPT_BYTES = 8 * 1024 * 1024


def keep_freed_blocks() -> None:
    """Lets glibc use freed blocks of some megabytes again, instead of giving them back to the system each time.

    Files and frames pass in blocks of about a megabyte. By default each of them costs fresh pages, which the kernel
    has to clear: most of the time of a large download. Keeps at most about 8 MiB for each heap; does nothing where
    the C library is another.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    mallopt(_MMAP_THRESHOLD, _KEPT_BYTES)
    mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
    mallopt(_TOP_PAD, _KEPT_BYTES // 8)
