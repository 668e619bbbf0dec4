"""`sequence_aligner` through Triton against librosa and dtaidistance called directly, on the same embeddings.

Run: python -m tests.benchmarks.inference.bench_aligner [--clips 2000] [--dim 768]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from functools import partial

import librosa
import numpy as np
from dtaidistance import dtw_ndim
from numpy.typing import NDArray
from reelops.infra.inference import InferenceClient

from tests.benchmarks.figures import Figure, publish
from tests.triton_fixture import running_triton

REPETITIONS = 15


def embeddings(clips: int, dim: int, seed: int) -> NDArray[np.float32]:
    """Gives a walk through 40 steps with noise, as the clips of a take are."""
    random = np.random.default_rng(seed)
    steps = np.random.default_rng(0).standard_normal((40, dim))
    which = np.linspace(0, 39.999, clips).astype(int)
    return np.asarray(steps[which] + 0.7 * random.standard_normal((clips, dim)), np.float32)


async def milliseconds(call: Callable[[], Awaitable[object]], repetitions: int) -> tuple[float, float]:
    """Gives the median and the best time, after one call that is not counted."""
    await call()
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        await call()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times), min(times)


def direct(call: Callable[[], object], repetitions: int) -> tuple[float, float]:
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times), min(times)


async def through_triton(gold: NDArray[np.float32], trainee: NDArray[np.float32]) -> dict[str, tuple[float, float]]:
    rows = {}
    with running_triton() as triton:
        for shared, name in ((True, "shared memory"), (False, "gRPC messages")):
            async with InferenceClient.connect(triton.address, shared_memory=shared) as inference:
                warping = partial(inference.align, gold, trainee)
                rows[f"ours, warping, {name}"] = await milliseconds(warping, REPETITIONS)
                with_gaps = partial(inference.align, gold, trainee, gap_cost=0.3)
                rows[f"ours, with gaps, {name}"] = await milliseconds(with_gaps, REPETITIONS)
    return rows


def with_librosa(gold: NDArray[np.float32], trainee: NDArray[np.float32]) -> object:
    steps = np.array([[1, 1], [1, 0], [0, 1]])
    return librosa.sequence.dtw(X=gold.T, Y=trainee.T, step_sizes_sigma=steps, metric="cosine", backtrack=True)


def alternatives(gold: NDArray[np.float32], trainee: NDArray[np.float32]) -> dict[str, tuple[float, float]]:
    small = embeddings(64, gold.shape[1], 3)
    with_librosa(small, small)  # compiles
    unit_gold, unit_trainee = (
        (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.double) for rows in (gold, trainee)
    )
    return {
        "librosa.sequence.dtw": direct(lambda: with_librosa(gold, trainee), 3),
        "dtaidistance.dtw_ndim": direct(lambda: dtw_ndim.warping_path(unit_gold, unit_trainee), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=2000)
    parser.add_argument("--dim", type=int, default=768)
    options = parser.parse_args()
    gold, trainee = (embeddings(options.clips, options.dim, seed) for seed in (1, 2))
    ours = asyncio.run(through_triton(gold, trainee))
    base = ours["ours, warping, shared memory"][0]
    print(
        f"alignment of {options.clips} × {options.clips} clips of {options.dim} dimensions, end to end from the client"
    )
    print(f"{'':36}{'median ms':>12}{'best ms':>12}{'× ours':>10}")
    others = alternatives(gold, trainee)
    for name, (median, best) in (ours | others).items():
        print(f"{name:36}{median:12.1f}{best:12.1f}{median / base:10.2f}")
    size = f"{options.clips} x {options.clips} x {options.dim}"
    publish(
        Figure(benchmark=f"alignment of {size}, ms", ours=f"{base:.1f} ms", alternative="", ratio=base, target="<= 60")
    )
    for name, (median, _) in others.items():
        figure = Figure(
            benchmark=f"alignment of {size}", ours=f"{base:.1f} ms", alternative=f"{name} {median:.1f} ms",
            ratio=median / base,
        )  # fmt: skip
        publish(figure)


if __name__ == "__main__":
    main()
