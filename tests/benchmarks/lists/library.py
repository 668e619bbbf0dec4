"""Fills a library with many videos or many clips at once, as ingests would have left them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from reelops.core.library import store
from reelops.core.library.model import embeddings_key
from reelops.infra.blobs import open_blobs
from reelops.infra.database import Database, migrate

from tests.core.search.filming import CLIP_SEC, MODEL, make_video

_ROWS_AT_ONCE = 20_000
_CENTRES = 2000
_SAMPLE = make_video(0, task_id="", num_clips=0)
_TEMPLATE = {column.name: getattr(_SAMPLE, column.name) for column in store.videos.columns} | {
    "role": _SAMPLE.role.value
}
Floats = NDArray[np.float32]


async def fill_videos(db: Database, count: int, *, task_of: int = 50) -> None:
    """Adds videos 1 to `count` without files, `task_of` to a task: `task 0`, `task 1`, ..."""
    numbers = range(1, count + 1)
    await _insert(db, store.videos, (_video(n, f"task {(n - 1) // task_of}", 1, MODEL) for n in numbers))
    tasks = ({"task_id": f"task {n}", "generation": 1, "clips": task_of} for n in range(count // task_of))
    await _insert(db, store.tasks, tasks)
    await _reserve(db, count)


async def fill_clips(
    db: Database, blobs: Path, *, task_id: str, first_video: int, videos: int, clips: int, dim: int, seed: int
) -> None:
    """Adds a task of `videos` videos with `clips` clips each, their embeddings gathered around some centres."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((_CENTRES, dim), dtype=np.float32)
    ids = range(first_video, first_video + videos)
    await _insert(db, store.videos, (_video(n, task_id, clips, MODEL) for n in ids))
    await _insert(db, store.clips, (_clip(n, at) for n in ids for at in range(clips)))
    await _insert(db, store.tasks, [{"task_id": task_id, "generation": 1, "clips": videos * clips}])
    await _reserve(db, first_video + videos)
    files = open_blobs(str(blobs))
    for n in ids:
        noise = rng.standard_normal((clips, dim), dtype=np.float32)
        rows = centres[rng.integers(0, _CENTRES, clips)] + 0.7 * noise
        await files.put_bytes(embeddings_key(n, MODEL), _packed(rows))


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Database]:
    """Opens the database of a data folder that no service uses."""
    folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{folder / 'reelops.sqlite3'}"
    await asyncio.to_thread(migrate, url)
    async with Database.open(url) as db:
        yield db


async def _insert(db: Database, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    at_once: list[dict[str, Any]] = []
    for row in rows:
        at_once.append(row)
        if len(at_once) == _ROWS_AT_ONCE:
            await _write(db, table, at_once)
            at_once = []
    if at_once:
        await _write(db, table, at_once)


async def _write(db: Database, table: Any, rows: list[dict[str, Any]]) -> None:
    async with db.write() as connection:
        await connection.execute(table.insert(), rows)


async def _reserve(db: Database, last: int) -> None:
    async with db.write() as connection:
        await store.reserve_video_id(connection)
        await connection.execute(store.video_ids.update().values(last_id=last))


def _video(video_id: int, task_id: str, clips: int, model: str) -> dict[str, Any]:
    return _TEMPLATE | {
        "video_id": video_id, "job_id": f"job-{video_id}", "task_id": task_id,
        "file_key": f"raw/video_{video_id}.mp4", "num_clips": clips, "embedding_model": model,
    }  # fmt: skip


def _clip(video_id: int, at: int) -> dict[str, Any]:
    return {
        "video_id": video_id, "clip_idx": at, "start_sec": CLIP_SEC * at, "end_sec": CLIP_SEC * (at + 1),
        "mean_luma": 100.0, "sharpness": 100.0, "flags": "",
    }  # fmt: skip


def _packed(rows: Floats) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, rows)
    return buffer.getvalue()
