"""Lays the trainee's picture over the gold's: a small shift, zoom and turn of the camera, found from the work itself.

Works on feature maps, not on pixels: Gauss-Newton on the maps' own derivatives (Lucas and Kanade, 1981), over the
steps that were matched.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TURNS = 6
FARTHEST = 1.2  # cells; beyond it the picture is another one and stays as it is


def register(gold: Floats, trainee: Floats, grid: tuple[int, int]) -> Floats:
    """Finds the small movement of the picture that lays the trainee's maps best over the gold's.

    Both are (steps, channels, cells) with cells = rows x columns of `grid`, free of background. Gives the linear map
    (cells, cells) to be applied to each of the trainee's maps; the identity where nothing is gained.
    """
    parameters = np.zeros(4)
    best, best_error = np.eye(gold.shape[-1]), _error(gold, trainee)
    for _ in range(TURNS):
        current = trainee @ movement(parameters, grid).T
        slopes = [current @ slope.T for slope in _slopes(grid)]
        system = np.stack([slope.ravel() for slope in slopes])
        change, *_ = np.linalg.lstsq(system @ system.T, system @ (gold - current).ravel(), rcond=None)
        parameters = parameters + change
        if np.abs(parameters[:2]).max() > FARTHEST:
            break
        error = _error(gold, trainee @ movement(parameters, grid).T)
        if error < best_error:
            best, best_error = movement(parameters, grid), error
    return best


def movement(parameters: Floats, grid: tuple[int, int]) -> Floats:
    """Gives the map (cells, cells) that reads each cell `parameters` away: across, down, zoom, turn.

    Cubic interpolation (Keys, 1981); beyond the edge the edge goes on.
    """
    return _movement(parameters, *grid)


@njit(cache=True, nogil=True)
def _movement(parameters: Floats, rows: int, columns: int) -> Floats:  # pragma: no cover - compiled
    across, down, zoom, turn = parameters
    result = np.zeros((rows * columns, rows * columns))
    for cell in range(rows * columns):
        y, x = cell // columns - (rows - 1) / 2, cell % columns - (columns - 1) / 2
        from_x = x + across + zoom * x - turn * y + (columns - 1) / 2
        from_y = y + down + zoom * y + turn * x + (rows - 1) / 2
        for near_y in range(int(np.floor(from_y)) - 1, int(np.floor(from_y)) + 3):
            for near_x in range(int(np.floor(from_x)) - 1, int(np.floor(from_x)) + 3):
                place = min(max(near_y, 0), rows - 1) * columns + min(max(near_x, 0), columns - 1)
                result[cell, place] += _cubic(from_y - near_y) * _cubic(from_x - near_x)
    return result


@njit(cache=True, nogil=True)
def _cubic(distance: float) -> float:  # pragma: no cover - compiled
    d = abs(distance)
    if d <= 1:
        return (1.5 * d - 2.5) * d * d + 1
    return ((-0.5 * d + 2.5) * d - 4) * d + 2 if d < 2 else 0.0


@cache
def _slopes(grid: tuple[int, int]) -> list[Floats]:
    y, x = _places(grid)
    small = 0.25
    across = (movement(np.array([small, 0, 0, 0]), grid) - movement(np.array([-small, 0, 0, 0]), grid)) / (2 * small)
    down = (movement(np.array([0, small, 0, 0]), grid) - movement(np.array([0, -small, 0, 0]), grid)) / (2 * small)
    return [across, down, x[:, None] * across + y[:, None] * down, x[:, None] * down - y[:, None] * across]


def _places(grid: tuple[int, int]) -> tuple[Floats, Floats]:
    rows, columns = np.mgrid[: grid[0], : grid[1]].astype(np.float64)
    return rows.ravel() - (grid[0] - 1) / 2, columns.ravel() - (grid[1] - 1) / 2


def _error(gold: Floats, trainee: Floats) -> float:
    return float(np.sum((gold - trainee) ** 2))
