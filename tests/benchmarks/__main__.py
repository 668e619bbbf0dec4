"""Runs every benchmark, one after the other, each in a process of its own, and prints one table of ratios.

    python -m tests.benchmarks [NAME ...]

A NAME is the last part of a module, such as `bench_transfer`; without one all run. Ends with 1 when a benchmark failed
to run; a target that is missed is only shown.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.figures import Figure, read

# Searches of a million clips are measured through the edge by bench_lists.
PROGRAMS: tuple[tuple[str, ...], ...] = (
    ("inference.bench_aligner",),
    ("inference.bench_embedding",),
    ("identity.bench_calls",),
    ("jobs.bench_queue",),
    ("api.bench_get_video",),
    ("transfer.bench_transfer",),
    ("ingest.bench_ingest",),
    ("cutting.bench_cut",),
    ("search.bench_search", "--clips", "1000", "50000"),
    ("lists.bench_lists",),
    ("lists.bench_items",),
    ("scoring.speed",),
)


@dataclass(frozen=True, slots=True)
class Ran:
    """One program: its figures, what it skipped and why, and how it ended."""

    name: str
    figures: tuple[Figure, ...]
    skipped: tuple[tuple[str, str], ...]
    returned: int


def main() -> None:
    wanted = sys.argv[1:]
    unknown = set(wanted) - {_short(program[0]) for program in PROGRAMS}
    if unknown:
        sys.exit(f"no benchmark is named {', '.join(sorted(unknown))}")
    ran = [run(program) for program in PROGRAMS if not wanted or _short(program[0]) in wanted]
    show(ran)
    sys.exit(any(one.returned for one in ran))


def run(program: Sequence[str]) -> Ran:
    """Runs one program, shows its lines as they come, and keeps the figures among them."""
    name, *arguments = program
    print(f"== {name} {' '.join(arguments)} (load average {os.getloadavg()[0]:.1f})", flush=True)
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", f"tests.benchmarks.{name}", *arguments], stdout=subprocess.PIPE, text=True
    )
    figures: list[Figure] = []
    skipped: list[tuple[str, str]] = []
    assert process.stdout is not None
    for line in process.stdout:
        found = read(line)
        if found is None:
            print(f"   {line}", end="", flush=True)
        elif isinstance(found, Figure):
            figures.append(found)
        else:
            skipped.append(found)
    returned = process.wait()
    print(f"   {time.monotonic() - begun:.0f} s" + (f", failed with {returned}" if returned else ""), flush=True)
    return Ran(name, tuple(figures), tuple(skipped), returned)


def show(ran: Sequence[Ran]) -> None:
    """Prints the table."""
    print(f"\n{'benchmark':46} {'ours':>22} {'alternative':>34} {'ratio':>8} {'target':>7}  met")
    for one in ran:
        for figure in one.figures:
            met = {True: "yes", False: "no", None: ""}[figure.is_met]
            print(
                f"{figure.benchmark:46} {figure.ours:>22} {figure.alternative:>34} {figure.ratio:>8.2f}"
                f" {figure.target:>7}  {met}"
            )
        for benchmark, reason in one.skipped:
            print(f"{benchmark:46} skipped: {reason}")
        if one.returned:
            print(f"{one.name:46} failed with {one.returned}")


def _short(name: str) -> str:
    return name.rsplit(".", 1)[-1]


if __name__ == "__main__":
    main()
