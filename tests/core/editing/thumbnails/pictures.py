"""Pictures that make text hard to read, and designs to lay over them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]


def flat(value: int, size: tuple[int, int] = (640, 360)) -> Pixels:
    """One grey all over."""
    return np.full((size[1], size[0], 3), value, np.uint8)


def noise(size: tuple[int, int] = (1280, 720)) -> Pixels:
    """Pixels of any colour."""
    return np.random.default_rng(7).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)


def checkerboard(cell: int = 24, size: tuple[int, int] = (1280, 720)) -> Pixels:
    """Black and white squares."""
    places = np.indices((size[1], size[0])) // cell
    return np.repeat(((places.sum(axis=0) % 2) * 255).astype(np.uint8)[:, :, None], 3, axis=2)


HOSTILE = {"white": flat(255), "black": flat(0), "noise": noise(), "checkerboard": checkerboard()}
