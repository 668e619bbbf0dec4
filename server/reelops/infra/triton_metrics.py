"""GPU memory as Triton reports it. Machines without a GPU report none."""

from __future__ import annotations

import asyncio
import re
import urllib.error
import urllib.request
from dataclasses import dataclass

_LINE = re.compile(r'^nv_gpu_memory_(total|used)_bytes\{[^}]*gpu_uuid="([^"]+)"[^}]*\} ([0-9.eE+]+)$', re.MULTILINE)
_TIMEOUT_SEC = 1.0


@dataclass(frozen=True, slots=True)
class GpuMemory:
    """The memory of one GPU, in bytes."""

    uuid: str
    used: float
    total: float


async def read_gpu_memory(url: str) -> list[GpuMemory]:
    """Reads Triton's metrics page; gives nothing when Triton is away."""
    try:
        text = await asyncio.to_thread(_fetch, url)
    except (OSError, urllib.error.URLError, ValueError):
        return []
    return parse_gpu_memory(text)


def parse_gpu_memory(text: str) -> list[GpuMemory]:
    """Finds the GPUs in Triton's metrics text."""
    found: dict[str, dict[str, float]] = {}
    for kind, uuid, value in _LINE.findall(text):
        found.setdefault(uuid, {})[kind] = float(value)
    return [GpuMemory(uuid, values.get("used", 0.0), values.get("total", 0.0)) for uuid, values in found.items()]


def _fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=_TIMEOUT_SEC) as answer:  # noqa: S310 - the URL is made from settings
        return str(answer.read(4 * 1024 * 1024).decode())
