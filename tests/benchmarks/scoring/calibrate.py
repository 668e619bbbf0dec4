"""Fits how sure statements are, and shows how well that holds up on procedures that took no part.

Run: python -m tests.benchmarks.scoring.calibrate [--keep FOLDER] [--processes 2]

The chance that a statement is true is fitted by logistic regression on its margin, one line per type of fault, and on
what speaks against the reading as a whole (`doubts`), the same for all types. The tables "by procedures left out" are a
cross-validation over fifths of the tuning procedures; the last ones are of procedures that took no part at all.
Put what is printed as constants into `core/scoring/confidence.py`.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from reelops.core.scoring.comparison import compare
from reelops.core.scoring.confidence import confidence_of
from reelops.core.scoring.doubts import Doubt, doubts_of
from reelops.core.scoring.model import FaultType
from reelops.core.scoring.segments import segments_of

from tests.benchmarks.scoring import scoring
from tests.benchmarks.scoring.families import FAMILIES, family_of
from tests.benchmarks.scoring.measures import calibration, matched
from tests.benchmarks.scoring.rendered import takes_of

TUNED_ON = (
    *(*range(40), *range(300, 308), *range(400, 408), *range(500, 508), *range(600, 616)),
    *(*range(1000, 1027), *range(1101, 1118)),
    *(*range(2000, 2010), *range(2100, 2118)),
    *(*range(3000, 3008), *range(3100, 3108), *range(3200, 3208)),
    *(*range(4000, 4006), *range(4100, 4106), *range(4200, 4206)),
)
UNSEEN = {
    "plain, unseen": range(700, 716),
    "assemblies, unseen": range(1118, 1124),
    "kitchens, unseen": range(2118, 2124),
    "brisk, unseen": range(3300, 3308),
    "brisk assemblies, unseen": range(4300, 4306),
}
FOLDS = 5
RIDGE = 1.0
ROUNDS = 60

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that was said of a take, and whether it is true."""

    seed: int
    type: FaultType
    margin: float
    doubt: Doubt
    true: bool


def statements(seed: int, folder: Path | None) -> list[Statement]:
    """Scores the takes of a procedure."""
    gold, takes = takes_of(seed, folder)
    said: list[Statement] = []
    for case, take in takes:
        decoding = scoring.read(gold, take)
        segments = segments_of(decoding)
        findings = compare(decoding, segments)
        deviations = scoring.score(scoring.PROFILES[0], gold, take).deviations
        truth = matched(deviations, case.script)
        for finding, doubt, true in zip(findings, doubts_of(decoding, segments, findings), truth, strict=True):
            said.append(Statement(seed, finding.type, finding.margin, doubt, true is not None))
    return said


def fit(said: Sequence[Statement]) -> Floats:
    """Finds the coefficients: constant and margin of each type, then those of the doubts (Newton's method).

    Each family counts as much as any other, however much is said of it.
    """
    inputs, true = _inputs(said), np.array([one.true for one in said], dtype=np.float64)
    families = [family_of(one.seed).name for one in said]
    counts = Counter(families)
    weights = np.array([len(said) / len(counts) / counts[name] for name in families])
    found = np.zeros(inputs.shape[1])
    for _ in range(ROUNDS):
        chance = _chance(inputs, found)
        slope = inputs.T @ (weights * (chance - true)) + RIDGE * found
        curve = (inputs.T * (weights * chance * (1 - chance))) @ inputs + RIDGE * np.eye(len(found))
        found = found - np.linalg.solve(curve, slope)
    return found


def left_out(said: Sequence[Statement]) -> list[float]:
    """Gives each statement the chance that the others' procedures give it."""
    chances = np.zeros(len(said))
    for fold in range(FOLDS):
        own = np.array([one.seed % FOLDS == fold for one in said])
        found = fit([one for one, is_own in zip(said, own, strict=True) if not is_own])
        chances[own] = _chance(_inputs([one for one, is_own in zip(said, own, strict=True) if is_own]), found)
    return chances.tolist()


def _inputs(said: Sequence[Statement]) -> Floats:
    rows = []
    for one in said:
        lines = [value for kind in FaultType for value in ((1.0, one.margin) if kind is one.type else (0.0, 0.0))]
        rows.append([*lines, *one.doubt.values])
    return np.array(rows, dtype=np.float64)


def _chance(inputs: Floats, found: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-inputs @ found)))


def present(one: Statement) -> float:
    """Gives the confidence that the service states now."""
    return confidence_of(one.type, one.margin, one.doubt)


def show(title: str, said: Sequence[Statement], chances: Sequence[float]) -> None:
    """Prints one table of reliability."""
    print(f"\n{title}: {len(said)} statements, {np.mean([one.true for one in said]):.2f} true")
    rows = zip(said, chances, strict=True)
    for label, count, mean, share in calibration((one.type.value, chance, one.true) for one, chance in rows):
        print(f"  said with {label}: {count:4d}, mean confidence {mean:.2f}, true {share:.2f}")


def show_constants(found: Floats) -> None:
    """Prints what belongs into the service."""
    print("\nLINES: Mapping[FaultType, tuple[float, float]] = MappingProxyType(\n    {")
    for number, kind in enumerate(FaultType):
        constant, slope = found[2 * number : 2 * number + 2]
        print(f"        FaultType.{kind.name}: ({constant:.2f}, {slope:.2f}),")
    print("    }\n)")
    print(f"AGAINST = ({', '.join(f'{value:.2f}' for value in found[2 * len(FaultType) :])})")


def main() -> None:
    """Prints tables and constants."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--keep", type=Path, help="a folder in which embedded takes are kept for the next time")
    arguments.add_argument("--processes", type=int, default=2)
    chosen = arguments.parse_args()
    with ProcessPoolExecutor(chosen.processes) as pool:
        gather: Callable[[int], list[Statement]] = partial(statements, folder=chosen.keep)
        tuned = [one for own in pool.map(gather, TUNED_ON) for one in own]
        unseen = {title: [one for own in pool.map(gather, seeds) for one in own] for title, seeds in UNSEEN.items()}
    found, chances = fit(tuned), left_out(tuned)
    for family in FAMILIES:
        rows = zip(tuned, chances, strict=True)
        own = [(one, chance) for one, chance in rows if family_of(one.seed) is family]
        if not own:
            continue
        show(f"{family.name}, by procedures left out", [one for one, _ in own], [chance for _, chance in own])
    for title, said in unseen.items():
        show(f"{title}, newly fitted", said, _chance(_inputs(said), found).tolist())
        show(f"{title}, as the service says", said, [present(one) for one in said])
    show_constants(found)


if __name__ == "__main__":
    main()
