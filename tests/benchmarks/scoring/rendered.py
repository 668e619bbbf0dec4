"""Embedded takes of procedures, rendered, or taken from a folder where they were kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from tests.benchmarks.scoring import scoring
from tests.benchmarks.scoring.families import family_of
from tests.benchmarks.scoring.procedures import procedure
from tests.benchmarks.scoring.rendering import clips
from tests.benchmarks.scoring.takes import REFERENCES, Case, cases, gold_case, references

_SOURCES = ("conditions.py", "rendering.py", "scripts.py", "takes.py")


def takes_of(seed: int, folder: Path | None = None) -> tuple[scoring.Embedded, list[tuple[Case, scoring.Embedded]]]:
    """Gives the gold take of a procedure and the trainees' takes."""
    plan = procedure(seed)
    trainees = list(cases(plan))
    gold, *others = _embedded(seed, "", [gold_case(plan), *trainees], folder)
    return gold, list(zip(trainees, others, strict=True))


def vouched_for(
    seed: int, count: int = len(REFERENCES), folder: Path | None = None
) -> list[tuple[Case, scoring.Embedded]]:
    """Gives further golds and accepted takes of a procedure."""
    wanted = list(references(procedure(seed), count))
    return list(zip(wanted, _embedded(seed, f"-references-{count}", wanted, folder), strict=True))


def _embedded(seed: int, name: str, wanted: Iterable[Case], folder: Path | None) -> list[scoring.Embedded]:
    path = folder / f"{seed}{name}-{_version(seed)}.npz" if folder is not None else None
    if path is not None and path.exists():
        with np.load(path) as kept:
            return [_read(kept, number) for number in range(len(kept.files) // 3)]
    made = [scoring.embedded(*clips(case.script, case.filmed, scoring.features.GEOMETRY)) for case in wanted]
    if path is not None:
        keep(path, made)
    return made


def keep(path: Path, takes: Iterable[scoring.Embedded]) -> None:
    """Writes takes to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {}
    for number, take in enumerate(takes):
        arrays[f"embeddings{number}"] = take.embeddings
        arrays[f"glimpses{number}"] = take.glimpses.astype(np.float16)
        arrays[f"times{number}"] = np.asarray(take.clip_times, dtype=np.float64)
    np.savez(path, allow_pickle=False, **arrays)


def _read(kept: np.lib.npyio.NpzFile, number: int) -> scoring.Embedded:
    times = tuple((float(start), float(end)) for start, end in kept[f"times{number}"])
    glimpses = kept[f"glimpses{number}"].astype(np.float32)
    return scoring.Embedded(kept[f"embeddings{number}"], times, glimpses)


def _version(seed: int) -> str:
    """Changes with what is rendered and how it is embedded."""
    shared = [Path(__file__).with_name(name) for name in _SOURCES]
    own = sorted(family_of(seed).folder.glob("*.py"))
    texts = [path.read_bytes() for path in (*shared, *own, Path(scoring.features.__file__))]
    return hashlib.sha256(b"".join(texts)).hexdigest()[:12]
