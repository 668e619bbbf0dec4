"""Gathers what was measured and prints it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from reelops.core.scoring.model import ScoreResult

from tests.benchmarks.scoring.measures import Counts, Judged, auc, boundary_counts, calibration, judge
from tests.benchmarks.scoring.scoring import PROFILES, Clock
from tests.benchmarks.scoring.scripts import FAULTS
from tests.benchmarks.scoring.takes import Case


@dataclass(slots=True)
class Row:
    """One take under one profile."""

    name: str
    score: float
    faulty: bool
    judged: Judged
    said: str


@dataclass(slots=True)
class Measured:
    """All takes of one procedure, by profile; `refused` counts those that a profile finds too short."""

    seed: int
    refused: Counter[str] = field(default_factory=Counter)
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    gold_scores: dict[str, float] = field(default_factory=dict)
    boundaries: dict[str, Counts] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)

    def add_gold(self, profile: str, case: Case, result: ScoreResult) -> None:
        """Adds the gold scored against itself."""
        self.gold_scores[profile] = result.score
        found = [span.start_sec for span in result.steps.gold[1:]]
        self.boundaries[profile] = boundary_counts(found, [act.start_sec for act in case.script.acts[1:]])

    def add(self, profile: str, case: Case, result: ScoreResult) -> None:
        """Adds a trainee's take."""
        said = ", ".join(f"{d.type}@{d.gold_step}({d.confidence:.2f})" for d in result.deviations)
        judged = judge(result, case.script)
        self.rows[profile].append(Row(case.name, result.score, bool(case.script.faults), judged, said))


def show(measured: Sequence[Measured], *, verbose: bool = False) -> None:
    """Prints the table, one block per profile."""
    for profile in PROFILES:
        rows = [row for m in measured for row in m.rows[profile]]
        refused = sum(m.refused[profile] for m in measured)
        note = f", {refused} more refused as too short" if refused else ""
        print(f"\n== {profile}: {len(measured)} procedures, {len(rows)} takes{note}")
        _show_types(rows)
        _show_scores(profile, measured)
        statements = [statement for row in rows for statement in row.judged.statements]
        for label, count, mean, share in calibration(statements):
            print(f"  said with {label}: {count:4d}, mean confidence {mean:.2f}, true {share:.2f}")
        if verbose:
            _show_wrong(profile, measured)


def _show_types(rows: Sequence[Row]) -> None:
    found: list[float] = []
    for kind in FAULTS:
        counts = Counts()
        for row in rows:
            counts += row.judged.counts[kind]
        print(
            f"  {kind:20s} F1 {counts.f1:5.3f}  right {counts.hits:3d}  false {counts.false:3d}"
            f"  missed {counts.missed:3d}"
        )
        found.append(counts.f1)
    print(f"  mean of the types    F1 {np.mean(found):5.3f}")


def _show_scores(profile: str, measured: Sequence[Measured]) -> None:
    rows = [row for m in measured for row in m.rows[profile]]
    good, faulty = ([row.score for row in rows if row.faulty is which] for which in (False, True))
    sides = [
        [[row.score for row in m.rows[profile] if row.faulty is which] for which in (False, True)] for m in measured
    ]
    within = [auc(*both) for both in sides if all(both)]
    boundaries = Counts()
    for m in measured:
        boundaries += m.boundaries.get(profile, Counts())
    passed = np.mean([row.score >= 90 for row in rows if not row.faulty])
    print(f"  AUC within a task {np.mean(within):.3f} (worst {min(within):.3f}), pooled {auc(good, faulty):.3f}")
    print(f"  good takes: mean {np.mean(good):.1f}, worst {min(good):.1f}, at 90 or more {passed:.0%}; ", end="")
    print(f"faulty: mean {np.mean(faulty):.1f}, best {max(faulty):.1f}")
    print(f"  step boundaries within 2 s: F1 {boundaries.f1:.3f}; ", end="")
    print(f"gold against itself: {min(m.gold_scores.get(profile, 100.0) for m in measured):.1f} at worst")
    spent = sum(m.clock.spent.get(profile, 0.0) for m in measured)
    video = sum(m.clock.video.get(profile, 0.0) for m in measured)
    print(f"  {1000 * spent / (video / 60):.2f} ms of scoring per minute of video, embedding not counted")


def _show_wrong(profile: str, measured: Sequence[Measured]) -> None:
    for m in measured:
        for row in m.rows[profile]:
            counts = row.judged.counts.values()
            if any(c.false or c.missed for c in counts):
                missed = [kind for kind, c in row.judged.counts.items() if c.missed]
                print(f"    {m.seed:3d} {row.name:36s} {row.score:5.1f}  missed {missed}  said {row.said}")
