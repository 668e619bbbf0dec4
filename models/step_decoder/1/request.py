"""What a request may ask for, and the refusal of what it may not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from reelops.core.scoring.reading import Scope
from reelops.core.scoring.windows import Layout

FloatArray = NDArray[np.float32]


def layout_from(values: NDArray[Any]) -> Layout:
    """Reads windows, channels, rows and columns; no rows or columns mean no grid. Raises ValueError."""
    windows, channels, rows, columns = (int(value) for value in values)
    if min(windows, channels) < 1 or min(rows, columns) < 0:
        raise ValueError(f"LAYOUT {[windows, channels, rows, columns]} has windows or channels below 1")
    return Layout(windows, channels, (rows, columns) if rows and columns else None)


def check_takes(gold: FloatArray, trainee: FloatArray, layout: Layout, *, max_windows: int) -> None:
    """Raises ValueError with a sentence for embeddings that cannot be read."""
    for name, rows in (("GOLD", gold), ("TRAINEE", trainee)):
        if rows.ndim != 2 or 0 in rows.shape:
            raise ValueError(f"{name} is empty: it has shape {list(rows.shape)}")
        if len(rows) * layout.windows > max_windows:
            raise ValueError(f"{name} has {len(rows) * layout.windows} windows, more than {max_windows}")
        if not np.isfinite(rows).all():
            raise ValueError(f"{name} holds a value that is NaN or infinite")
    if gold.shape[1] != trainee.shape[1]:
        raise ValueError(f"GOLD has {gold.shape[1]} dimensions and TRAINEE has {trainee.shape[1]}")
    cells = layout.grid[0] * layout.grid[1] if layout.grid else 1
    part = layout.windows * layout.channels * cells
    if gold.shape[1] % part or (layout.grid and gold.shape[1] != part):
        raise ValueError(f"{gold.shape[1]} dimensions do not go with a layout of {part}")


def scope_from(
    windows: NDArray[Any],
    steps: NDArray[Any] | None,
    phased: NDArray[Any] | None,
    *,
    gold_windows: int,
    trainee_windows: int,
) -> Scope:
    """Reads how many windows are real, of those that there are, and what is known of the steps. Raises ValueError."""
    gold, trainee = (int(value) for value in windows)
    if not (1 <= gold <= gold_windows and 1 <= trainee <= trainee_windows):
        raise ValueError(f"WINDOWS {[gold, trainee]} are not within the takes' {[gold_windows, trainee_windows]}")
    known = None if phased is None else bool(phased[0])
    if steps is None:
        return Scope(gold, trainee, phased=known)
    boundaries = steps.astype(np.int64)
    if len(boundaries) < 2 or boundaries[0] != 0 or boundaries[-1] != gold or (np.diff(boundaries) < 1).any():
        raise ValueError(f"STEPS do not rise from 0 to the gold's {gold} windows")
    return Scope(gold, trainee, boundaries, known)
