"""What a request may ask for, and the refusal of what it may not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from reelops.core.scoring.reading import Scope
from reelops.core.scoring.windows import Layout

FloatArray = NDArray[np.float32]


def layout_from(values: NDArray[Any]) -> Layout:
    """Reads windows, channels, rows, columns, colours and tones; no rows mean no grid. Raises ValueError."""
    windows, channels, rows, columns, colours, tones = (int(value) for value in values)
    said = f"LAYOUT {[windows, channels, rows, columns, colours, tones]}"
    if min(windows, channels) < 1:
        raise ValueError(f"{said} has windows or channels below 1")
    if min(rows, columns, colours, tones) < 0:
        raise ValueError(f"{said} has rows, columns, colours or tones below 0")
    if bool(rows) != bool(columns):
        raise ValueError(f"{said} has a grid of rows or columns alone")
    return Layout(windows, channels, (rows, columns) if rows else None, colours, tones=tones)


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
    _check_dimensions(gold.shape[1], layout)


def seen(glimpses: FloatArray | None, layout: Layout, *, clips: int) -> Layout:
    """Adds to the layout how many frames of a clip are seen. Raises ValueError for glimpses of other clips."""
    if glimpses is None:
        return layout
    said = f"GLIMPSES have shape {list(glimpses.shape)}"
    if len(glimpses) != clips:
        raise ValueError(f"{said}, and GOLD has {clips} clips")
    frames = glimpses.shape[1]
    if 0 in glimpses.shape or frames % layout.windows:
        raise ValueError(f"{said}, which are no frames of {layout.windows} windows")
    if not np.isfinite(glimpses).all():
        raise ValueError("GLIMPSES hold a value that is NaN or infinite")
    return replace(layout, glimpses=frames)


def _check_dimensions(dimensions: int, layout: Layout) -> None:
    """Without a grid the maps of a window may have any length, but one that all channels share."""
    cells = layout.grid[0] * layout.grid[1] if layout.grid else 1
    smallest = layout.windows * (layout.channels * cells + layout.colours + layout.tones)
    more = dimensions - smallest
    if more < 0 or more % (layout.windows * layout.channels) or (layout.grid and more):
        raise ValueError(f"{dimensions} dimensions do not go with a layout of {smallest}")


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
