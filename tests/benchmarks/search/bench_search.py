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
from dataclasses import dataclass
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

from tests.core.search.filming import CLIP_SEC, MODEL, make_video

CLIPS_PER_VIDEO = 75
VIDEOS_PER_COMMIT = 200
K = 10
CENTRES = 2000
HOUR_SEC = 3600.0
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured for one size. Milliseconds, but for the first searches: seconds."""

    clips: int
    first_sec: float
    restart_sec: float
    p50: float
    p99: float
    numpy_p50: float
    recall: float


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


async def measure(db: Database, blobs: BlobStore, folder: Path, rows: Floats, *, searches: int) -> Figures:
    """Measures a task with these embeddings."""
    task_id = f"task of {len(rows)}"
    videos = await fill(db, blobs, task_id, rows)
    async with searching(db, blobs, folder) as search:
        first_sec = await timed(search, task_id, videos[0][0], 0)
        if len(rows) > 100_000:
            await until_saved(blobs)
    vectors = normalised(rows)
    async with searching(db, blobs, folder) as search:
        restart_sec = await timed(search, task_id, videos[0][0], 0)
        random.shuffle(videos)
        picked = [(video_id, start, random.randrange(count)) for video_id, start, count in videos[:searches]]
        while len(picked) < searches:
            video_id, start, count = random.choice(videos)
            picked.append((video_id, start, random.randrange(count)))
        times = [await timed(search, task_id, video_id, clip) for video_id, _, clip in picked]
        owners = {video_id: start for video_id, start, _ in videos}
        scans, hits = [], 0
        for video_id, start, clip in picked[:100]:
            began = time.perf_counter()
            similarities = vectors @ vectors[start + clip]
            nearest = np.argpartition(-similarities, K)[: K + 1]
            scans.append(time.perf_counter() - began)
            found = await search.similar(task_id, video_id, clip, K)
            hits += len(
                {owners[hit.video_id] + hit.clip_idx for hit in found} & (set(nearest.tolist()) - {start + clip})
            )
    return Figures(
        clips=len(rows),
        first_sec=first_sec,
        restart_sec=restart_sec,
        p50=1000 * float(np.percentile(times, 50)),
        p99=1000 * float(np.percentile(times, 99)),
        numpy_p50=1000 * float(np.percentile(scans, 50)),
        recall=hits / (K * len(scans)),
    )


async def timed(search: Search, task_id: str, video_id: int, clip: int) -> float:
    """Returns the seconds that one search takes."""
    began = time.perf_counter()
    await search.similar(task_id, video_id, clip, K)
    return time.perf_counter() - began


async def until_saved(blobs: BlobStore) -> None:
    """Waits for the snapshot of the index."""
    while not any(info.key.endswith("current.json") for info in await blobs.list("index")):  # noqa: ASYNC110
        await asyncio.sleep(0.2)


def show(figures: list[Figures]) -> None:
    """Prints the table and the ratio of the last row to the first."""
    print(f"{'clips':>9} {'p50 ms':>8} {'p99 ms':>8} {'numpy p50':>10} {'recall':>7} {'first s':>8} {'restart s':>10}")
    for row in figures:
        print(
            f"{row.clips:>9} {row.p50:>8.3f} {row.p99:>8.3f} {row.numpy_p50:>10.3f} {row.recall:>7.4f}"
            f" {row.first_sec:>8.1f} {row.restart_sec:>10.2f}"
        )
    small, large = figures[0], figures[-1]
    print(f"p50 at {large.clips} clips / at {small.clips}: {large.p50 / small.p50:.2f}")
    print(f"numpy / ours at {large.clips} clips: {large.numpy_p50 / large.p50:.0f}")


async def run(sizes: list[int], dim: int, seed: int, searches: int) -> None:
    """Runs the benchmark."""
    random.seed(seed)
    rng = np.random.default_rng(seed)
    figures = []
    with tempfile.TemporaryDirectory(prefix="reelops-bench-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'reelops.sqlite3'}"
        await asyncio.to_thread(migrate, url)
        async with Database.open(url) as db:
            for size in sizes:
                rows = make_rows(rng, size, dim)
                figures.append(await measure(db, open_blobs(str(folder / "blobs")), folder, rows, searches=searches))
    show(figures)


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
