"""Embedded takes of procedures, rendered, or taken from a folder where they were kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tests import built_in_features
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
    (gold,) = _embedded(seed, "-gold", [gold_case(plan)], folder, closely=True)
    others = _embedded(seed, _named("", gold), trainees, folder, closely=gold.has_short_steps)
    return gold, list(zip(trainees, others, strict=True))


def vouched_for(
    seed: int, gold: scoring.Embedded, count: int = len(REFERENCES), folder: Path | None = None
) -> list[tuple[Case, scoring.Embedded]]:
    """Gives further golds and accepted takes of a procedure."""
    wanted = list(references(procedure(seed), count))
    name = _named(f"-references-{count}", gold)
    return list(zip(wanted, _embedded(seed, name, wanted, folder, closely=gold.has_short_steps), strict=True))


def _named(name: str, gold: scoring.Embedded) -> str:
    return f"{name}-closely" if gold.has_short_steps else name


def _embedded(
    seed: int, name: str, wanted: Sequence[Case], folder: Path | None, *, closely: bool
) -> list[scoring.Embedded]:
    made = _made(seed, name, wanted, folder, closely=closely)
    return [replace(one, seconds=case.script.seconds) for one, case in zip(made, wanted, strict=True)]


def _made(
    seed: int, name: str, wanted: Sequence[Case], folder: Path | None, *, closely: bool
) -> list[scoring.Embedded]:
    path = folder / f"{seed}{name}-{_version(seed)}.npz" if folder is not None else None
    if path is not None and path.exists():
        with np.load(path) as kept:
            return [_read(kept, number) for number in range(len({name.split("-")[1] for name in kept.files}))]
    made = [_look(case, closely=False) for case in wanted]
    if closely:
        made = [replace(one, close=_look(case, closely=True)) for one, case in zip(made, wanted, strict=True)]
    if path is not None:
        keep(path, made)
    return made


def _look(case: Case, *, closely: bool) -> scoring.Embedded:
    return scoring.embedded(*clips(case.script, case.filmed, scoring.features.GEOMETRY, closely=closely))


def keep(path: Path, takes: Sequence[scoring.Embedded]) -> None:
    """Writes takes to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {}
    for number, take in enumerate(takes):
        arrays |= _arrays(f"{number}", take)
        arrays |= {} if take.close is None else _arrays(f"{number}-close", take.close)
    np.savez(path, allow_pickle=False, **arrays)


def _arrays(number: str, take: scoring.Embedded) -> dict[str, Any]:
    return {
        f"embeddings-{number}": take.embeddings,
        f"glimpses-{number}": take.glimpses.astype(np.float16),
        f"times-{number}": np.asarray(take.clip_times, dtype=np.float64),
    }


def _read(kept: np.lib.npyio.NpzFile, number: int) -> scoring.Embedded:
    take = _kept(kept, f"{number}")
    return replace(take, close=_kept(kept, f"{number}-close")) if f"times-{number}-close" in kept.files else take


def _kept(kept: np.lib.npyio.NpzFile, number: str) -> scoring.Embedded:
    times = tuple((float(start), float(end)) for start, end in kept[f"times-{number}"])
    return scoring.Embedded(kept[f"embeddings-{number}"], times, kept[f"glimpses-{number}"].astype(np.float32))


def _version(seed: int) -> str:
    """Changes with what is rendered and how it is embedded."""
    shared = [Path(__file__).with_name(name) for name in _SOURCES]
    own = sorted(family_of(seed).folder.glob("*.py"))
    texts = [path.read_bytes() for path in (*shared, *own, *built_in_features.SOURCES)]
    return hashlib.sha256(b"".join(texts)).hexdigest()[:12]
