"""Embedding in batches through Triton against one call per clip.

Run: python -m tests.benchmarks.inference.bench_embedding [--clips 128]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time

import numpy as np
from numpy.typing import NDArray
from reelops.infra.inference import InferenceClient

from tests.benchmarks.figures import Figure, publish
from tests.triton_fixture import running_triton

REPETITIONS = 5


async def one_by_one(inference: InferenceClient, frames: NDArray[np.uint8]) -> None:
    for clip in frames:
        await inference.embed(clip[None])


async def in_batches(inference: InferenceClient, frames: NDArray[np.uint8]) -> None:
    await inference.embed(frames)


async def measure(clips: int) -> None:
    rows: dict[str, list[float]] = {}
    with running_triton() as triton:
        async with (
            InferenceClient.connect(triton.address, shared_memory=True) as shared,
            InferenceClient.connect(triton.address, shared_memory=False) as plain,
        ):
            info = await shared.embedder()
            print(f"{info.label}, {clips} clips of {info.geometry}, {info.dim} dimensions")
            frames = np.random.default_rng(1).integers(0, 256, (clips, *info.geometry, 3), dtype=np.uint8)
            ways = (
                ("batches, shared memory", in_batches, shared),
                ("batches, gRPC messages", in_batches, plain),
                ("one call per clip, shared memory", one_by_one, shared),
                ("one call per clip, gRPC messages", one_by_one, plain),
            )
            # Interleaved, so that whatever else the machine does falls on all alike.
            for repetition in range(REPETITIONS + 1):
                for name, way, client in ways:
                    start = time.perf_counter()
                    await way(client, frames)
                    if repetition:
                        rows.setdefault(name, []).append(time.perf_counter() - start)
    base = statistics.median(rows["batches, shared memory"])
    print(f"{'':36}{'ms a clip':>12}{'clips/s':>10}{'× ours':>10}")
    for name, times in rows.items():
        median = statistics.median(times)
        print(f"{name:36}{median / clips * 1e3:12.2f}{clips / median:10.0f}{median / base:10.2f}")
    single = statistics.median(rows["one call per clip, shared memory"])
    publish(
        Figure(
            benchmark="embedding in batches",
            ours=f"{base / clips * 1e3:.2f} ms a clip",
            alternative=f"one call per clip {single / clips * 1e3:.2f} ms",
            ratio=single / base,
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=128)
    asyncio.run(measure(parser.parse_args().clips))


if __name__ == "__main__":
    main()
