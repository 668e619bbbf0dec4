"""Searches tasks of a thousand and of a million clips through the search service, against a plain scan with numpy.

    python -m tests.benchmarks.search.bench_search [--clips 1000 1000000] [--dim 256] [--seed 7]

Everything but the network is real: rows in SQLite, embeddings and snapshots in a folder. Prints, for each size, the
median and the 99th percentile of a search for 10 clips, that of numpy over the same vectors in memory, how many of the
10 truly nearest were found, and how long the first search took before and after a restart; then the medians' ratio.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import random
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from reelops.core.library import store
from reelops.core.library.model import ClipRow, embeddings_key
from reelops.core.search.indexes import Indexes
from reelops.core.search.loading import IndexLoader
from reelops.core.search.service import Search
from reelops.core.search.snapshots import IndexSnapshots
from reelops.core.training.adapters import Adapters, normalised
from reelops.infra.blobs import BlobStore, open_blobs
from reelops.infra.database import Database, migrate

from tests.benchmarks.figures import Figure, publish
from tests.core.search.filming import CLIP_SEC, MODEL, make_video

CLIPS_PER_VIDEO = 75
VIDEOS_PER_COMMIT = 200
K = 10
CENTRES = 2000
COMPARED = 100
HOUR_SEC = 3600.0
Floats = NDArray[np.float32]


@dataclass(slots=True, kw_only=True)
class Task:
    """A task and what was measured of it. `videos` are (video_id, first row, clips); times are in seconds."""

    rows: Floats
    videos: list[tuple[int, int, int]]
    first_sec: float = 0.0
    restart_sec: float = 0.0
    times: list[float] = field(default_factory=list)
    scans: list[float] = field(default_factory=list)
    hits: int = 0

    @property
    def task_id(self) -> str:
        """Its name."""
        return f"task of {len(self.rows)}"

    @property
    def p50(self) -> float:
        """The median of a search in milliseconds."""
        return 1000 * float(np.percentile(self.times, 50))

    @property
    def scan_p50(self) -> float:
        """The median of numpy's scan in milliseconds."""
        return 1000 * float(np.percentile(self.scans, 50))

    def pick(self) -> tuple[int, int, int]:
        """Picks a clip: its video, its place there, its row."""
        video_id, start, count = random.choice(self.videos)
        clip = random.randrange(count)
        return video_id, clip, start + clip


def make_rows(rng: np.random.Generator, count: int, dim: int) -> Floats:
    """Makes embeddings that gather around centres, as clips of alike steps do."""
    centres = rng.standard_normal((CENTRES, dim), dtype=np.float32)
    rows = np.empty((count, dim), dtype=np.float32)
    for start in range(0, count, 50_000):
        end = min(count, start + 50_000)
        rows[start:end] = centres[rng.integers(0, CENTRES, end - start)]
        rows[start:end] += 0.7 * rng.standard_normal((end - start, dim), dtype=np.float32)
    return rows


async def fill(db: Database, blobs: BlobStore, task_id: str, rows: Floats) -> list[tuple[int, int, int]]:
    """Writes a task's videos and returns (video_id, first row, clips) of each."""
    starts = range(0, len(rows), CLIPS_PER_VIDEO)
    written: list[tuple[int, int, int]] = []
    for at in range(0, len(starts), VIDEOS_PER_COMMIT):
        async with db.write() as connection:
            for start in starts[at : at + VIDEOS_PER_COMMIT]:
                part = rows[start : start + CLIPS_PER_VIDEO]
                video_id = await store.reserve_video_id(connection)
                buffer = io.BytesIO()
                np.save(buffer, part)
                await blobs.put_bytes(embeddings_key(video_id, MODEL), buffer.getvalue())
                clips = [ClipRow(n, CLIP_SEC * n, CLIP_SEC * (n + 1), 100.0, 100.0, ()) for n in range(len(part))]
                video = make_video(video_id, task_id=task_id, num_clips=len(part))
                await store.insert_video(connection, video, clips)
                written.append((video_id, start, len(part)))
    return written


@asynccontextmanager
async def searching(db: Database, blobs: BlobStore, folder: Path) -> AsyncIterator[Search]:
    """Opens the search as a server does that was just started."""
    snapshots = IndexSnapshots(blobs=blobs, scratch=folder / "scratch")
    indexes = Indexes(loader=IndexLoader(db=db, blobs=blobs), snapshots=snapshots, patience_sec=HOUR_SEC)
    async with indexes.open():
        yield Search(db=db, adapters=Adapters(db=db, blobs=blobs), indexes=indexes)


async def measure(db: Database, blobs: BlobStore, folder: Path, tasks: list[Task], *, searches: int) -> None:
    """Measures tasks beside each other, so that what else the machine does falls on all of them."""
    async with searching(db, blobs, folder) as search:
        for task in tasks:
            task.first_sec = await timed(search, task)
        if len(tasks[-1].rows) > 10_000:
            await until_saved(blobs, tasks[-1])
    async with searching(db, blobs, folder) as search:
        for task in tasks:
            task.restart_sec = await timed(search, task)
        for _ in range(searches):
            for task in tasks:
                task.times.append(await timed(search, task))
        for task in tasks:
            await compare(search, task, searches=min(searches, COMPARED))


async def compare(search: Search, task: Task, *, searches: int) -> None:
    """Scans with numpy and counts how many of the truly nearest clips a search finds."""
    vectors = normalised(task.rows)
    starts = {video_id: start for video_id, start, _ in task.videos}
    for _ in range(searches):
        video_id, clip, row = task.pick()
        began = time.perf_counter()
        similarities = vectors @ vectors[row]
        nearest = np.argpartition(-similarities, K + 1)[: K + 1]
        task.scans.append(time.perf_counter() - began)
        found = {starts[hit.video_id] + hit.clip_idx for hit in await search.similar(task.task_id, video_id, clip, K)}
        task.hits += len(found & (set(nearest.tolist()) - {row}))


async def timed(search: Search, task: Task) -> float:
    """Returns the seconds that one search takes."""
    video_id, clip, _ = task.pick()
    began = time.perf_counter()
    await search.similar(task.task_id, video_id, clip, K)
    return time.perf_counter() - began


async def until_saved(blobs: BlobStore, task: Task) -> None:
    """Waits for the snapshot of a task's index."""
    while True:
        for info in await blobs.list("index"):
            if info.key.endswith("current.json") and task.task_id.encode() in await blobs.get_bytes(info.key):
                return
        await asyncio.sleep(0.2)


def show(tasks: list[Task]) -> None:
    """Prints the table and the ratio of the last row to the first."""
    print(f"{'clips':>9} {'p50 ms':>8} {'p99 ms':>8} {'numpy p50':>10} {'recall':>7} {'first s':>8} {'restart s':>10}")
    for task in tasks:
        p99, recall = 1000 * float(np.percentile(task.times, 99)), task.hits / (K * len(task.scans))
        print(
            f"{len(task.rows):>9} {task.p50:>8.3f} {p99:>8.3f} {task.scan_p50:>10.3f} {recall:>7.4f}"
            f" {task.first_sec:>8.1f} {task.restart_sec:>10.2f}"
        )
    small, large = tasks[0], tasks[-1]
    print(f"p50 at {len(large.rows)} clips / at {len(small.rows)}: {large.p50 / small.p50:.2f}")
    publish(
        Figure(
            benchmark=f"search of {len(large.rows)} clips, in process",
            ours=f"{large.p50:.2f} ms",
            alternative=f"numpy's scan {large.scan_p50:.2f} ms",
            ratio=large.scan_p50 / large.p50,
        )
    )
    print(f"numpy / ours at {len(large.rows)} clips: {large.scan_p50 / large.p50:.0f}")


async def run(sizes: list[int], dim: int, seed: int, searches: int) -> None:
    """Runs the benchmark."""
    random.seed(seed)
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory(prefix="reelops-bench-") as name:
        folder = Path(name)
        url, blobs = f"sqlite:///{folder / 'reelops.sqlite3'}", open_blobs(str(folder / "blobs"))
        await asyncio.to_thread(migrate, url)
        async with Database.open(url) as db:
            tasks = [Task(rows=make_rows(rng, size, dim), videos=[]) for size in sizes]
            for task in tasks:
                task.videos = await fill(db, blobs, task.task_id, task.rows)
            await measure(db, blobs, folder, tasks, searches=searches)
    show(tasks)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, nargs="+", default=[1_000, 1_000_000])
    parser.add_argument("--dim", type=int, default=256)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--searches", type=int, default=500)
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.dim} numbers to an embedding, {K} nearest of {options.searches} searches")
    asyncio.run(run(options.clips, options.dim, options.seed, options.searches))


if __name__ == "__main__":
    main()
