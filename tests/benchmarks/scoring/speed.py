"""How long scoring a pair takes and how much memory, at 10 minutes and 2 hours, beside plain dynamic time warping.

Run: python -m tests.benchmarks.scoring.speed [--minutes 10 120] [--repetitions 3]

`reelops-v1` finds steps and faults in windows of 1 s; the alternative, librosa's warping, is given the same windows and
only aligns them. Both takes are ingested already, and so the gold's steps are known. Each way runs in a process of its
own, so that its peak is its own, and multiplies on one core, as Triton's decoder does: a second one would be waiting
busily for most of the time. "compute" is what all cores together spent, however busy the machine was with other things.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from reelops.core.scoring import reelops_v1
from reelops.core.scoring.alignment import AlignmentLike, align
from reelops.core.scoring.asking import takes
from reelops.core.scoring.decoding import Decoding
from reelops.core.scoring.looks import FoundSteps, located
from reelops.core.scoring.outlining import outline
from reelops.core.scoring.profiles import decoding_of, kinds_of
from reelops.core.scoring.reading import Scope, read_takes, scope_of
from reelops.core.scoring.result import Take
from reelops.core.scoring.windows import split
from reelops.infra.inference import InferenceClient

from tests.benchmarks.figures import Figure, publish
from tests.benchmarks.scoring.scoring import LAYOUT, MODEL
from tests.triton_fixture import running_triton

CLIP_SEC = 4.0
LIMIT_MS = 200.0  # for a pair of 10 minutes
WAYS = ("plain call", "through Triton", "librosa")


@dataclass(frozen=True, slots=True)
class Pair:
    """Raw embeddings of two takes of one length, (clips, dimensions), their clip times, and what ingest found."""

    gold: NDArray[np.float32]
    trainee: NDArray[np.float32]
    times: tuple[tuple[float, float], ...]
    found: FoundSteps


@dataclass(frozen=True, slots=True)
class Measured:
    """One way at one length: the best time, the least compute, and the memory beyond what the process had before."""

    milliseconds: float
    compute: float
    mebibytes: float


def made_up(minutes: float, seed: int = 1) -> Pair:
    """Makes two takes of the same steps of 5 to 12 s, two of them exchanged in the trainee's."""
    rng = np.random.default_rng(seed)
    clips = round(minutes * 60 / CLIP_SEC)
    windows = clips * LAYOUT.windows
    lengths = rng.integers(5, 13, size=windows)
    count = int(np.searchsorted(np.cumsum(lengths), windows))
    lengths = np.append(lengths[:count], windows - lengths[:count].sum())
    cells = LAYOUT.grid[0] * LAYOUT.grid[1] if LAYOUT.grid else 1
    steps = rng.normal(size=(len(lengths), LAYOUT.channels * cells + LAYOUT.colours + LAYOUT.tones))
    order = np.arange(len(lengths))
    order[[3, 4]] = order[[4, 3]]
    sides = []
    for which, gain in ((np.arange(len(lengths)), 1.0), (order, 1.2)):
        noise = 0.6 * rng.normal(size=(windows, steps.shape[1]))
        take = (gain * (np.repeat(steps[which], lengths[which], axis=0) + noise)).astype(np.float32)
        for part in (LAYOUT.moving(take), LAYOUT.palette(take)):
            part[...] **= 2  # no colour moves less than not at all
        sides.append(take.reshape(clips, -1))
    times = tuple((CLIP_SEC * clip, CLIP_SEC * (clip + 1)) for clip in range(clips))
    found = outline(LAYOUT.maps(split(sides[0], LAYOUT.windows)), LAYOUT)
    return Pair(sides[0], sides[1], times, located(found, times, LAYOUT.windows))


def scope(pair: Pair) -> Scope:
    """Says what of the pair is read."""
    steps = pair.found.boundaries_sec[:-1]
    return scope_of(pair.times, pair.times, windows=LAYOUT.windows, steps_sec=steps, phased=pair.found.phased)


def read(pair: Pair) -> Decoding:
    """Reads the pair in this process."""
    return read_takes(pair.gold, pair.trainee, scope=scope(pair), layout=LAYOUT)


def score(pair: Pair, alignment: AlignmentLike, decoding: Decoding) -> None:
    """Compares and weighs what was read, as the service does: the profile finds the steps of a whole take."""
    whole = Take(pair.times, (0, len(pair.times)))
    reelops_v1.score(whole, whole, alignment, decoding, layout=LAYOUT, embedding_model=MODEL)


def plain_call(minutes: float, repetitions: int) -> Measured:
    """Scores in this process, as offline scoring does."""
    small = made_up(2)
    score(small, align(small.gold, small.trainee), read(small))  # the compiler's time is not the profile's
    pair = made_up(minutes)
    return _measured(lambda: score(pair, align(pair.gold, pair.trainee), read(pair)), repetitions)


def with_librosa(minutes: float, repetitions: int) -> Measured:
    """Warps the windows of the pair, with the path."""
    import librosa

    moves = np.array([[1, 1], [1, 0], [0, 1]])

    def warp(pair: Pair) -> None:
        gold, trainee = (split(side, LAYOUT.windows).T for side in (pair.gold, pair.trainee))
        librosa.sequence.dtw(X=gold, Y=trainee, step_sizes_sigma=moves, metric="cosine", backtrack=True)

    warp(made_up(2))
    pair = made_up(minutes)
    return _measured(lambda: warp(pair), repetitions)


def _measured(call: Callable[[], object], repetitions: int) -> Measured:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    times, spent = [], []
    for _ in range(repetitions):
        began, spent_before = time.perf_counter(), time.process_time()
        call()
        times.append(time.perf_counter() - began)
        spent.append(time.process_time() - spent_before)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return Measured(min(times) * 1e3, min(spent) * 1e3, grown)


async def through_triton(minutes: float, repetitions: int) -> Measured:
    """Scores as a worker does: both models are asked at once. Counts the memory of the models, not of the caller."""
    with running_triton() as triton:
        async with InferenceClient.connect(triton.address) as inference:
            await _score(inference, made_up(2))
            pair, before = made_up(minutes), _peaks(triton.pid)
            times, spent = [], []
            for _ in range(repetitions):
                began, spent_before = time.perf_counter(), _spent(triton.pid)
                await _score(inference, pair)
                times.append(time.perf_counter() - began)
                spent.append(_spent(triton.pid) - spent_before)
        grown = sum(sorted(after - before.get(pid, 0.0) for pid, after in _peaks(triton.pid).items())[-2:])
    return Measured(min(times) * 1e3, min(spent) * 1e3, grown)


async def _score(inference: InferenceClient, pair: Pair) -> None:
    asked = takes(pair.gold, pair.trainee, scope=scope(pair), layout=LAYOUT)
    alignment, said = await asyncio.gather(inference.align(pair.gold, pair.trainee), inference.decode_steps(asked))
    await asyncio.to_thread(score, pair, alignment, decoding_of(said, kinds_of(asked)))


def _spent(server: int) -> float:
    """Gives the seconds of compute of this process, of Triton and of its models so far."""
    paths = [
        path for pid in (str(server), *_children(server)) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")
    ]
    return time.process_time() + sum(int(path.read_text().split()[0]) for path in paths) / 1e9


def _children(server: int) -> list[str]:
    return [pid for path in Path(f"/proc/{server}/task").glob("*/children") for pid in path.read_text().split()]


def _peaks(server: int) -> dict[str, float]:
    """Gives the peak memory of each model's process, in MiB."""
    children = _children(server)
    lines = {pid: Path(f"/proc/{pid}/status").read_text().splitlines() for pid in children}
    return {pid: int(line.split()[1]) / 1024 for pid, own in lines.items() for line in own if line.startswith("VmHWM")}


def apart(way: str, minutes: float, repetitions: int) -> Measured:
    """Measures in a new process that multiplies on one core."""
    arguments = ["--way", way, "--minutes", str(minutes), "--repetitions", str(repetitions)]
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.scoring.speed", *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    return Measured(*json.loads(ran.stdout.splitlines()[-1]))


def one(way: str, minutes: float, repetitions: int) -> Measured:
    """Measures in this process."""
    match way:
        case "plain call":
            return plain_call(minutes, repetitions)
        case "through Triton":
            return asyncio.run(through_triton(minutes, repetitions))
        case _:
            return with_librosa(minutes, repetitions)


def show(minutes: float, repetitions: int) -> None:
    """Prints the rows of one length, and the figures for the table of all benchmarks."""
    rows = {way: apart(way, minutes, repetitions) for way in WAYS}
    for way, row in rows.items():
        figures = f"{row.milliseconds:9.0f} ms {row.compute:9.0f} ms compute {row.mebibytes:8.0f} MiB"
        print(f"  {minutes:4.0f} min, {way:16} {figures}", flush=True)
    ours, other = rows["through Triton"], rows["librosa"]
    name = f"scoring a pair of {minutes:.0f} min"
    shown = f"{other.milliseconds:.0f} ms warping, librosa"
    publish(
        Figure(
            benchmark=name,
            ours=f"{ours.milliseconds:.0f} ms",
            alternative=shown,
            ratio=other.milliseconds / ours.milliseconds,
        )
    )
    if minutes == 10:
        limit = Figure(
            benchmark=f"{name}, of {LIMIT_MS:.0f} ms",
            ours=f"{ours.compute:.0f} ms compute",
            alternative="",
            ratio=ours.compute / LIMIT_MS,
            target="< 1",
        )
        publish(limit)
    ratio = other.mebibytes / max(ours.mebibytes, 1.0)
    publish(
        Figure(
            benchmark=f"{name}, memory",
            ours=f"{ours.mebibytes:.0f} MiB",
            alternative=f"{other.mebibytes:.0f} MiB, librosa",
            ratio=ratio,
        )
    )


def main() -> None:
    """Prints the rows."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, nargs="+", default=[10, 120])
    arguments.add_argument("--repetitions", type=int, default=3)
    arguments.add_argument("--way", choices=WAYS, help="only this one, in this process; prints [ms, ms, MiB]")
    chosen = arguments.parse_args()
    if chosen.way:
        row = one(chosen.way, chosen.minutes[0], chosen.repetitions)
        print(json.dumps([row.milliseconds, row.compute, row.mebibytes]))
        return
    for minutes in chosen.minutes:
        show(minutes, chosen.repetitions)


if __name__ == "__main__":
    main()
