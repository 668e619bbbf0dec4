"""From results and what was true of the takes to F1, AUC and calibration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from reelops.core.scoring.model import Deviation, ScoreResult, TimeRange

from tests.benchmarks.scoring.scripts import Fault, Script, gold

BOUNDARY_TOLERANCE_SEC = 2.0


@dataclass(slots=True)
class Counts:
    """Right, wrong and overlooked."""

    hits: int = 0
    false: int = 0
    missed: int = 0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; not a number where there was nothing to find and nothing found."""
        total = 2 * self.hits + self.false + self.missed
        return 2 * self.hits / total if total else float("nan")

    def __iadd__(self, other: Counts) -> Counts:
        self.hits += other.hits
        self.false += other.false
        self.missed += other.missed
        return self


@dataclass(slots=True)
class Judged:
    """What came out right of one result: counts by type, and each statement's confidence with its truth."""

    counts: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    statements: list[tuple[str, float, bool]] = field(default_factory=list)


def judge(result: ScoreResult, script: Script) -> Judged:
    """Lays the faults that were said beside those that were put in: type and place have to agree."""
    judged, truth = Judged(), matched(result.deviations, script)
    for deviation, true in zip(result.deviations, truth, strict=True):
        if true is None:
            judged.counts[deviation.type.value].false += 1
        else:
            judged.counts[deviation.type.value].hits += 1
        judged.statements.append((deviation.type.value, deviation.confidence, true is not None))
    for fault in script.faults:
        judged.counts[fault.type].missed += all(fault is not found for found in truth)
    return judged


def matched(deviations: Sequence[Deviation], script: Script) -> list[Fault | None]:
    """Gives for each fault that was said the one that was put in, each once; the surest choose first."""
    left, found = list(script.faults), dict[int, Fault]()
    for index in sorted(range(len(deviations)), key=lambda i: -deviations[i].confidence):
        true = next((fault for fault in left if _same(deviations[index], fault, script)), None)
        if true is not None:
            left.remove(true)
            found[index] = true
    return [found.get(index) for index in range(len(deviations))]


def _same(deviation: Deviation, fault: Fault, script: Script) -> bool:
    if deviation.type != fault.type:
        return False
    if not fault.gold_steps:
        return _overlap(deviation.trainee_time, fault.start_sec or 0.0, fault.end_sec or 0.0) > 0.5
    acts = gold(script.procedure).acts
    return any(_overlap(deviation.gold_time, acts[s].start_sec, acts[s].end_sec) > 0.5 for s in fault.gold_steps)


def _overlap(time: TimeRange, start: float, end: float) -> float:
    """The common part as a share of the shorter of both."""
    if time.start_sec is None or time.end_sec is None:
        return 0.0
    common = min(time.end_sec, end) - max(time.start_sec, start)
    return common / max(1e-6, min(time.end_sec - time.start_sec, end - start))


def boundary_counts(found: Sequence[float], true: Sequence[float]) -> Counts:
    """Counts boundaries that were found within 2 s, each true one once."""
    left, counts = list(true), Counts()
    for boundary in found:
        near = min(left, key=lambda t: abs(t - boundary), default=None)
        if near is None or abs(near - boundary) > BOUNDARY_TOLERANCE_SEC:
            counts.false += 1
            continue
        left.remove(near)
        counts.hits += 1
    counts.missed = len(left)
    return counts


def auc(good: Iterable[float], faulty: Iterable[float]) -> float:
    """The chance that a good take scores above a faulty one; ties count half."""
    good, faulty = list(good), list(faulty)
    won = sum((g > f) + 0.5 * (g == f) for g in good for f in faulty)
    return won / (len(good) * len(faulty)) if good and faulty else float("nan")


def calibration(statements: Iterable[tuple[str, float, bool]]) -> list[tuple[str, int, float, float]]:
    """Groups statements by confidence: (range, how many, mean confidence, share that is true)."""
    edges = ((0.0, 0.6), (0.6, 0.75), (0.75, 0.85), (0.85, 0.95), (0.95, 1.01))
    kept, rows = list(statements), []
    for low, high in edges:
        own = [(confidence, true) for _, confidence, true in kept if low <= confidence < high]
        if own:
            mean = sum(confidence for confidence, _ in own) / len(own)
            share = sum(true for _, true in own) / len(own)
            rows.append((f"{low:.2f}-{min(high, 1.0):.2f}", len(own), mean, share))
    return rows
