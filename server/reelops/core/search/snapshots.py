"""Indexes on disk, so that a start does not build the large ones anew. Losing one costs time and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
import zipfile
from dataclasses import asdict
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from reelops.core.search.model import IndexKey, Placed
from reelops.core.search.task_index import TaskIndex
from reelops.errors import NotFound, ReelOpsError
from reelops.infra.blobs import BlobStore
from reelops.infra.database import utc_now
from reelops.infra.vectors import VectorIndex

_FORMAT = 1
_FOLDER = "index"
_CURRENT = "current.json"
_ROLES = ("trainee", "gold")
# Younger files may belong to a process that has not pointed to them yet.
_SPARED = timedelta(minutes=10)
_ABANDONED_AFTER_SEC = 3600
_log = logging.getLogger(__name__)

_DAMAGE = (ReelOpsError, OSError, EOFError, ValueError, LookupError, TypeError, AttributeError, zipfile.BadZipFile)

Saved = tuple[VectorIndex, list[Placed]]


class IndexSnapshots:
    """Graphs and their directories as blobs.

    `current.json` names the files of the newest snapshot; it is written last, so that a snapshot is there whole or not
    at all.
    """

    def __init__(self, *, blobs: BlobStore, scratch: Path, exact_limit: int | None = None) -> None:
        self._blobs = blobs
        self._scratch = scratch
        self._exact_limit = exact_limit

    async def save(self, index: TaskIndex) -> None:
        """Writes an index's graph. Nothing may change the index meanwhile; searches may go on."""
        folder, stamp = _folder(index.key), uuid4().hex
        slots = index.vectors.in_graph
        if slots == 0:
            return
        placed = [video for video in index.placed.values() if video.first_slot < slots]
        await asyncio.to_thread(_tidy, self._scratch)
        graph, directory = self._scratch / f"{stamp}.usearch", self._scratch / f"{stamp}.npz"
        try:
            await asyncio.to_thread(index.vectors.save, graph)
            await asyncio.to_thread(_write_directory, directory, placed)
            await self._blobs.put_file(f"{folder}/{graph.name}", graph)
            await self._blobs.put_file(f"{folder}/{directory.name}", directory)
        finally:
            graph.unlink(missing_ok=True)
            directory.unlink(missing_ok=True)
        current = {"format": _FORMAT, "stamp": stamp, "dim": index.vectors.dim, "slots": slots, **asdict(index.key)}
        await self._blobs.put_bytes(f"{folder}/{_CURRENT}", json.dumps(current).encode())
        index.saved_slots = slots
        await self._remove_older(folder, stamp)

    async def load(self, key: IndexKey) -> TaskIndex | None:
        """Reads the newest snapshot of an index; None where there is none that is sound."""
        folder = _folder(key)
        try:
            current = json.loads(await self._blobs.get_bytes(f"{folder}/{_CURRENT}"))
            if current.get("format") != _FORMAT or IndexKey(*(current[name] for name in _KEY_FIELDS)) != key:
                return None
            vectors, placed = await self._read(folder, current)
        except NotFound:
            return None
        except _DAMAGE as error:
            _log.warning("the snapshot of an index is damaged and will be built anew: %s", error)
            return None
        return TaskIndex(key, vectors, placed)

    async def discard(self, adapter_version: str | None) -> None:
        """Deletes all indexes of an adapter's version."""
        await self._blobs.delete([info.key for info in await self._blobs.list(_version_folder(adapter_version))])

    async def versions(self) -> set[str]:
        """Lists the versions that have snapshots, `raw` for that without an adapter."""
        return {info.key.split("/")[1] for info in await self._blobs.list(_FOLDER)}

    async def _read(self, folder: str, current: dict[str, Any]) -> Saved:
        stamp, slots = str(current["stamp"]), int(current["slots"])
        async with self._blobs.local(f"{folder}/{stamp}.npz") as path:
            placed = await asyncio.to_thread(_read_directory, path, slots)
        async with self._blobs.local(f"{folder}/{stamp}.usearch") as path:
            dim = int(current["dim"])
            vectors = await asyncio.to_thread(VectorIndex.load, path, dim=dim, exact_limit=self._exact_limit)
        if len(vectors) != slots:
            raise ValueError(f"{len(vectors)} vectors where {slots} were saved")
        return vectors, placed

    async def _remove_older(self, folder: str, stamp: str) -> None:
        limit = utc_now() - _SPARED
        older = [
            info.key
            for info in await self._blobs.list(folder)
            if info.modified_at < limit and stamp not in info.key and not info.key.endswith(_CURRENT)
        ]
        await self._blobs.delete(older)


_KEY_FIELDS = ("task_id", "embedding_model", "adapter_version")


def version_name(adapter_version: str | None) -> str:
    """Returns the folder name of a version."""
    return adapter_version or "raw"


def _tidy(scratch: Path) -> None:
    """Makes the folder, and removes what processes left there that were killed while they wrote."""
    scratch.mkdir(parents=True, exist_ok=True)
    for path in scratch.iterdir():
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _ABANDONED_AFTER_SEC:
                path.unlink()


def _version_folder(adapter_version: str | None) -> str:
    return f"{_FOLDER}/{version_name(adapter_version)}"


def _folder(key: IndexKey) -> str:
    name = sha256(json.dumps([key.task_id, key.embedding_model]).encode()).hexdigest()[:32]
    return f"{_version_folder(key.adapter_version)}/{name}"


def _write_directory(path: Path, placed: list[Placed]) -> None:
    times: list[NDArray[np.float64]] = [video.times for video in placed]
    np.savez(
        path,
        video_ids=np.array([video.video_id for video in placed], dtype=np.int64),
        first_slots=np.array([video.first_slot for video in placed], dtype=np.int64),
        num_clips=np.array([video.num_clips for video in placed], dtype=np.int64),
        roles=np.array([_ROLES.index(video.role) for video in placed], dtype=np.uint8),
        times=np.concatenate(times) if times else np.empty((0, 2)),
    )


def _read_directory(path: Path, slots: int) -> list[Placed]:
    with np.load(path, allow_pickle=False) as arrays:
        counts, times = arrays["num_clips"], arrays["times"]
        parts = np.split(times, np.cumsum(counts)[:-1]) if len(counts) else []
        rows = zip(arrays["video_ids"].tolist(), arrays["roles"], arrays["first_slots"].tolist(), parts, strict=True)
        placed = [Placed(video_id, _ROLES[role], first, part) for video_id, role, first, part in rows]
    if len(times) != counts.sum() or any(video.first_slot + video.num_clips > slots for video in placed):
        raise ValueError("the directory does not fit the graph")
    return placed
