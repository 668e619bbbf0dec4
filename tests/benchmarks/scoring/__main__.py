"""`python -m tests.benchmarks.scoring`: renders procedures, scores every take, prints one row per profile and fault."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from reelops import errors
from reelops.core.scoring.norms import UNKNOWN_NORMS, Norms, ReferenceReading, norms_of

from tests.benchmarks.scoring import report, scoring
from tests.benchmarks.scoring.families import FAMILIES, family_of
from tests.benchmarks.scoring.procedures import procedure
from tests.benchmarks.scoring.rendered import takes_of, vouched_for
from tests.benchmarks.scoring.takes import REFERENCES, gold_case

REPORTED_ON = range(700, 716)


def measure(seed: int, references: int = 0, folder: Path | None = None) -> report.Measured:
    """Scores all takes of one procedure, with so many references beside the gold."""
    measured, (gold, trainees) = report.Measured(seed), takes_of(seed, folder)
    for profile in scoring.PROFILES:
        with _refusals(measured, profile):
            scoring.score(profile, gold, gold)  # the compiler's time is not the profile's
            measured.add_gold(profile, gold_case(procedure(seed)), scoring.score(profile, gold, gold))
    norms = usual(seed, gold, references, folder) if references else UNKNOWN_NORMS
    for case, take in trainees:
        for profile in scoring.PROFILES:
            with _refusals(measured, profile):
                measured.add(profile, case, scoring.score(profile, gold, take, measured.clock, norms))
    return measured


@contextmanager
def _refusals(measured: report.Measured, profile: str) -> Iterator[None]:
    """Counts a take that the profile finds too short."""
    try:
        yield
    except errors.Invalid as refused:
        if refused.code != "VIDEO_TOO_SHORT":
            raise
        measured.refused[profile] += 1


def usual(seed: int, gold: scoring.Embedded, count: int, folder: Path | None) -> Norms:
    """Reads the references: further golds and accepted takes."""
    read: dict[bool, list[ReferenceReading]] = {True: [], False: []}
    for case, take in vouched_for(seed, gold, count, folder):
        read[case.name.endswith("gold")].append(scoring.reference(gold, take))
    return norms_of(read[True], read[False])


def main() -> None:
    """Prints the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    families = ", ".join(f"{family.name} from {family.first_seed}" for family in FAMILIES)
    arguments.add_argument(
        "--first",
        type=int,
        default=REPORTED_ON.start,
        help=f"first seed ({families}); the README names those that were tuned on",
    )
    arguments.add_argument("--count", type=int, default=len(REPORTED_ON), help="how many procedures")
    arguments.add_argument(
        "--references",
        type=int,
        default=0,
        metavar="N",
        help=f"takes beside the gold that are vouched for, 0 to {len(REFERENCES)}: a second gold, then accepted ones",
    )
    arguments.add_argument("--keep", type=Path, help="a folder in which embedded takes are kept for the next time")
    arguments.add_argument("--processes", type=int, default=2)
    arguments.add_argument("--verbose", action="store_true", help="print every take that came out wrong")
    chosen = arguments.parse_args()
    seeds = range(chosen.first, chosen.first + chosen.count)
    named = f"{family_of(seeds.start).name}, procedures {seeds.start} to {seeds.stop - 1}"
    print(f"{named}, {scoring.MODEL}, numpy {np.__version__}")
    if chosen.references:
        print("references beside the gold:", ", ".join(name for name, *_ in REFERENCES[: chosen.references]))
    with ProcessPoolExecutor(chosen.processes) as pool:
        measured = list(pool.map(partial(measure, references=chosen.references, folder=chosen.keep), seeds))
    report.show(measured, verbose=chosen.verbose)


if __name__ == "__main__":
    main()
