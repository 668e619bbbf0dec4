"""`python -m tests.benchmarks.scoring`: renders procedures, scores every take, prints one row per profile and fault."""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
from reelops.core.scoring.norms import Norms, ReferenceReading, norms_of

from tests.benchmarks.scoring import report, scoring
from tests.benchmarks.scoring.procedures import Procedure, procedure
from tests.benchmarks.scoring.rendering import clips
from tests.benchmarks.scoring.takes import REFERENCES, cases, gold_case, references

TUNED_ON = range(11)
REPORTED_ON = range(200, 208)


def measure(seed: int, vouched_for: int = 0) -> report.Measured:
    """Renders and scores all takes of one procedure, with so many references beside the gold."""
    plan, measured = procedure(seed), report.Measured(seed)
    case = gold_case(plan)
    gold = scoring.embedded(*clips(case.script, case.filmed, scoring.features.GEOMETRY))
    for profile in scoring.PROFILES:
        scoring.score(profile, gold, gold)  # the compiler's time is not the profile's
        measured.add_gold(profile, case, scoring.score(profile, gold, gold))
    norms = usual(plan, gold, vouched_for)
    for case in cases(plan):
        take = scoring.embedded(*clips(case.script, case.filmed, scoring.features.GEOMETRY))
        for profile in scoring.PROFILES:
            measured.add(profile, case, scoring.score(profile, gold, take, measured.clock, norms))
    return measured


def usual(plan: Procedure, gold: scoring.Embedded, vouched_for: int) -> Norms:
    """Reads the references: further golds and accepted takes."""
    read: dict[bool, list[ReferenceReading]] = {True: [], False: []}
    for case in references(plan, vouched_for):
        take = scoring.embedded(*clips(case.script, case.filmed, scoring.features.GEOMETRY))
        read[case.name.endswith("gold")].append(scoring.reference(gold, take))
    return norms_of(read[True], read[False])


def main() -> None:
    """Prints the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--first", type=int, default=REPORTED_ON.start, help=f"first seed; those below {TUNED_ON.stop} were tuned on"
    )
    arguments.add_argument("--count", type=int, default=len(REPORTED_ON), help="how many procedures")
    arguments.add_argument(
        "--references",
        type=int,
        default=0,
        metavar="N",
        help=f"takes beside the gold that are vouched for, 0 to {len(REFERENCES)}: a second gold, then accepted ones",
    )
    arguments.add_argument("--processes", type=int, default=2)
    arguments.add_argument("--verbose", action="store_true", help="print every take that came out wrong")
    chosen = arguments.parse_args()
    seeds = range(chosen.first, chosen.first + chosen.count)
    print(f"procedures {seeds.start} to {seeds.stop - 1}, {scoring.MODEL}, numpy {np.__version__}")
    if chosen.references:
        print("references beside the gold:", ", ".join(name for name, *_ in REFERENCES[: chosen.references]))
    with ProcessPoolExecutor(chosen.processes) as pool:
        measured = list(pool.map(partial(measure, vouched_for=chosen.references), seeds))
    report.show(measured, verbose=chosen.verbose)


if __name__ == "__main__":
    main()
