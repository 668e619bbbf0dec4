"""`python -m tests.benchmarks.scoring`: renders procedures, scores every take, prints one row per profile and fault."""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from tests.benchmarks.scoring import report, scoring
from tests.benchmarks.scoring.procedures import procedure
from tests.benchmarks.scoring.rendering import clips
from tests.benchmarks.scoring.takes import cases, gold_case

TUNED_ON = range(11)
REPORTED_ON = range(200, 208)


def measure(seed: int) -> report.Measured:
    """Renders and scores all takes of one procedure."""
    plan, measured = procedure(seed), report.Measured(seed)
    case = gold_case(plan)
    gold = scoring.embedded(*clips(case.script, case.filmed, scoring.features.GEOMETRY))
    for profile in scoring.PROFILES:
        scoring.score(profile, gold, gold)  # the compiler's time is not the profile's
        measured.add_gold(profile, case, scoring.score(profile, gold, gold))
    for case in cases(plan):
        take = scoring.embedded(*clips(case.script, case.filmed, scoring.features.GEOMETRY))
        for profile in scoring.PROFILES:
            measured.add(profile, case, scoring.score(profile, gold, take, measured.clock))
    return measured


def main() -> None:
    """Prints the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--first", type=int, default=REPORTED_ON.start, help=f"first seed; those below {TUNED_ON.stop} were tuned on"
    )
    arguments.add_argument("--count", type=int, default=len(REPORTED_ON), help="how many procedures")
    arguments.add_argument("--processes", type=int, default=2)
    arguments.add_argument("--verbose", action="store_true", help="print every take that came out wrong")
    chosen = arguments.parse_args()
    seeds = range(chosen.first, chosen.first + chosen.count)
    print(f"procedures {seeds.start} to {seeds.stop - 1}, {scoring.MODEL}, numpy {np.__version__}")
    with ProcessPoolExecutor(chosen.processes) as pool:
        measured = list(pool.map(measure, seeds))
    report.show(measured, verbose=chosen.verbose)


if __name__ == "__main__":
    main()
