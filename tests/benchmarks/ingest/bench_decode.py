"""Times reading clips against the plain OpenCV loop, and weighs a long video against a short one.

Run with `python -m tests.benchmarks.ingest.bench_decode [--seconds 120] [--repeats 12]`. Each reading is a process of
its own, so that its peak memory is its own; the order alternates and the best of three counts for both.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from reelops.infra.media import ClipGeometry, read_clips

from tests.benchmarks.ingest.scenes import repeat, write_scene

GEOMETRY = ClipGeometry(16, 112, 112)
_ROUNDS = 3


def measure(what: str, path: Path) -> dict[str, float]:
    """Runs one reading in a fresh interpreter: wall and processor seconds, peak MiB, and how much was read."""
    command = [sys.executable, "-m", "tests.benchmarks.ingest.bench_decode", "--only", what, "--video", str(path)]
    result: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return result


def compare(path: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Gives the best of some alternating rounds: the OpenCV loop, then our reading."""
    rounds = [(measure("opencv", path), measure("clips", path)) for _ in range(_ROUNDS)]
    return min((r[0] for r in rounds), key=lambda m: m["wall"]), min((r[1] for r in rounds), key=lambda m: m["wall"])


def main() -> None:
    options = _options()
    if options.only:
        print(json.dumps(_read(options.only, options.video)))
        return
    with tempfile.TemporaryDirectory() as folder:
        short = Path()
        for name, handheld in (("tripod", False), ("handheld", True)):
            short = write_scene(Path(folder) / f"{name}.mp4", seconds=options.seconds, handheld=handheld)
            _print_speed(name, short, options.seconds)
        long = repeat(short, Path(folder) / "long.mp4", options.repeats)
        _print_memory(measure("clips", short), measure("clips", long), options)


def _print_speed(name: str, path: Path, seconds: int) -> None:
    rate = path.stat().st_size * 8 / seconds / 1e6
    theirs, ours = compare(path)
    print(
        f"{name}: 720p H.264, {seconds} s at {rate:.1f} Mbit/s; OpenCV loop {theirs['wall']:.2f} s "
        f"({theirs['cpu']:.2f} cpu), read_clips {ours['wall']:.2f} s ({ours['cpu']:.2f} cpu): "
        f"{theirs['wall'] / ours['wall']:.2f} times as fast",
        flush=True,
    )


def _print_memory(short: dict[str, float], long: dict[str, float], options: argparse.Namespace) -> None:
    minutes = options.seconds * options.repeats / 60
    print(
        f"peak memory: {short['peak_mib']:.0f} MiB for {options.seconds / 60:.0f} min, "
        f"{long['peak_mib']:.0f} MiB for {minutes:.0f} min ({long['count']:.0f} clips in {long['wall']:.1f} s)"
    )


def _read(what: str, path: Path) -> dict[str, float]:
    read = _opencv_reader() if what == "opencv" else _count_clips
    started, busy = time.perf_counter(), time.process_time()
    count = read(path)
    wall, cpu = time.perf_counter() - started, time.process_time() - busy
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"wall": wall, "cpu": cpu, "peak_mib": peak_mib, "count": count}


def _count_clips(path: Path) -> int:
    return sum(1 for _ in read_clips(path, GEOMETRY))


def _opencv_reader() -> Callable[[Path], int]:
    # Imported only where it runs, so that it does not weigh in the other's memory.
    from tests.benchmarks.ingest.opencv_loop import read_every_frame

    return read_every_frame


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--repeats", type=int, default=12)
    parser.add_argument("--only", choices=("opencv", "clips"))
    parser.add_argument("--video", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
