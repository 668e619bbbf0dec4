"""Names ways to work something out by the text of the modules that do it, so that nobody has to remember to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

OUTLINING = ("adaptation", "moments", "outlining", "phases", "reading", "registration", "segmentation", "windows")
COMPARING = (*OUTLINING, "comparison", "decoding", "nearest", "norms", "segments", "settling", "viterbi")


def of_modules(names: Iterable[str]) -> str:
    """Gives 16 characters that change with any of the modules of this package."""
    texts = hashlib.sha256()
    for name in names:
        texts.update((Path(__file__).parent / f"{name}.py").read_bytes())
    return texts.hexdigest()[:16]
