"""Keeps matrix products on one core, so that instances beside each other do not wait for each other's threads."""

from __future__ import annotations

import contextlib
import ctypes
from pathlib import Path

SETTERS = ("openblas_set_num_threads64_", "openblas_set_num_threads", "scipy_openblas_set_num_threads64_")


def use_one_thread() -> bool:
    """Tells the OpenBLAS that numpy has loaded; gives False where numpy uses another library."""
    told = False
    for library in {
        line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if "openblas" in line
    }:
        loaded = ctypes.CDLL(library)
        for name in SETTERS:
            with contextlib.suppress(AttributeError):
                getattr(loaded, name)(1)
                told = True
    return told
