"""Lists, looks up and searches through the edge: a library of 1 000 rows against one of 1 000 000.

    python -m tests.benchmarks.lists.bench_lists [--small 1000] [--large 1000000] [--dim 64] [--seconds 3]

Two services run side by side, one with each library, and are asked in turn, so that whatever else the machine does
falls on both. A library has that many videos in tasks of 50, and beside them one task of that many clips to search,
whose index the service makes from embeddings on disk before it is measured. `--dim` is the length of those made
embeddings. Rows are put into the database and files into the folder as ingests would have left them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.api.load import Connect, Measured, closed_loop, http
from tests.benchmarks.figures import Figure, publish
from tests.benchmarks.lists.library import fill_clips, fill_videos, opened
from tests.service_fixture import TOKENS, RunningService, running_service

_AUTH = {"authorization": f"Bearer {TOKENS['viewer']}"}
_SEARCHED = "searched task"
_CLIPS_PER_VIDEO = 1000
_PATHS = 64
_CONNECTIONS = 2
_ROUNDS = 3
_BUILD_SEC = 1200.0


@dataclass(frozen=True, slots=True)
class Library:
    """A library of so many videos, and its service."""

    rows: int
    service: RunningService

    def paths(self, rng: random.Random) -> dict[str, list[str]]:
        """Gives for each kind of request some that differ."""
        tasks, searched = max(1, self.rows // 50), max(1, self.rows // _CLIPS_PER_VIDEO)
        clips = min(self.rows, _CLIPS_PER_VIDEO)
        return {
            "GET /videos": ["/videos"],
            "GET /videos?task_id=": [f"/videos?task_id=task+{rng.randrange(tasks)}" for _ in range(_PATHS)],
            "GET /videos/{id}": [f"/videos/{rng.randint(1, self.rows)}" for _ in range(_PATHS)],
            "GET /search": [
                self.search_path(self.rows + 1 + rng.randrange(searched), rng.randrange(clips)) for _ in range(_PATHS)
            ],
        }

    def search_path(self, video_id: int, clip: int) -> str:
        """Gives a search for the ten clips nearest to one."""
        return f"/search?task_id={_SEARCHED.replace(' ', '+')}&video_id={video_id}&clip_idx={clip}&k=10"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--dim", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    options = parser.parse_args()
    print(f"seed {options.seed}, embeddings of {options.dim} numbers", flush=True)
    sizes = (options.small, options.large)
    with tempfile.TemporaryDirectory(prefix="reelops-bench-") as name, ExitStack() as stack:
        folders = [Path(name) / str(rows) for rows in sizes]
        for rows, folder in zip(sizes, folders, strict=True):
            begun = time.perf_counter()
            asyncio.run(fill(folder / "data", rows, dim=options.dim, seed=options.seed))
            print(f"{rows} videos and {rows} clips written in {time.perf_counter() - begun:.0f} s", flush=True)
        small = Library(sizes[0], stack.enter_context(running_service(folders[0])))
        triton = f"127.0.0.1:{9101 + small.service.offset}"
        large = Library(sizes[1], stack.enter_context(running_service(folders[1], REELOPS_TRITON_ADDRESS=triton)))
        for library in (small, large):
            build(library)
        report(asyncio.run(measure(small, large, options.seconds, random.Random(options.seed))), sizes)


async def fill(data: Path, rows: int, *, dim: int, seed: int) -> None:
    """Writes a library of `rows` videos and a task of `rows` clips."""
    async with opened(data) as db:
        await fill_videos(db, rows)
        clips = min(rows, _CLIPS_PER_VIDEO)
        await fill_clips(
            db, data / "blobs", task_id=_SEARCHED, first_video=rows + 1, videos=rows // clips, clips=clips, dim=dim,
            seed=seed,
        )  # fmt: skip


def build(library: Library) -> None:
    """Searches until the index is there."""
    begun = time.monotonic()
    with library.service.client("viewer") as client:
        while (answer := client.get(library.search_path(library.rows + 1, 0))).status_code == 503:
            if time.monotonic() - begun > _BUILD_SEC:
                raise TimeoutError(answer.text)
            time.sleep(1)
        assert answer.status_code == 200, answer.text
    print(f"index of {library.rows} clips made in {time.monotonic() - begun:.0f} s", flush=True)


async def measure(
    small: Library, large: Library, seconds: float, rng: random.Random
) -> dict[str, tuple[Measured, Measured]]:
    """Measures each kind of request on both in turn, and keeps the round with the lowest median of each."""
    paths = {library.rows: library.paths(rng) for library in (small, large)}
    best: dict[str, tuple[Measured, Measured]] = {}
    for name in paths[small.rows]:
        rounds = [
            [
                await closed_loop(varied(library, paths[library.rows][name]), connections=_CONNECTIONS, seconds=seconds)
                for library in (small, large)
            ]
            for _ in range(_ROUNDS)
        ]
        least = [min(column, key=lambda seen: seen.p50_ms) for column in zip(*rounds, strict=True)]
        best[name] = (least[0], least[1])
    return best


def varied(library: Library, paths: list[str]) -> Connect:
    """Asks for the paths in turn, each over a kept connection of its own."""
    port = 8000 + library.service.offset

    async def connect() -> Callable[[], Awaitable[None]]:
        requests = [await http("127.0.0.1", port, path, _AUTH)() for path in paths]
        for warm in requests:
            await warm()
        turn = 0

        async def request() -> None:
            nonlocal turn
            turn += 1
            await requests[turn % len(requests)]()

        return request

    return connect


def report(rows: Mapping[str, tuple[Measured, Measured]], sizes: tuple[int, int]) -> None:
    """Prints the medians of both libraries."""
    print(f"load average {os.getloadavg()[0]:.1f}")
    for name, (small, large) in rows.items():
        p50 = f"p50 {small.p50_ms:6.2f} and {large.p50_ms:6.2f} ms"
        print(f"{name:22} {p50}, p99 {small.p99_ms:6.2f} and {large.p99_ms:6.2f} ms")
        publish(
            Figure(
                benchmark=f"{name}, p50 at {sizes[1]} rows",
                ours=f"{large.p50_ms:.2f} ms",
                alternative=f"{sizes[0]} rows {small.p50_ms:.2f} ms",
                ratio=large.p50_ms / small.p50_ms,
                target="<= 2",
            )
        )


if __name__ == "__main__":
    main()
