"""Lays the trainee's picture over the gold's: a small shift, zoom and turn of the camera, found from the work itself.

Works on feature maps, not on pixels: Gauss-Newton on the maps' own derivatives (Lucas and Kanade, 1981), over the
steps that were matched.
"""

from __future__ import annotations

from functools import cache

import numpy as np
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
        system = np.stack([slope.ravel() for slope in slopes], axis=1)
        change, *_ = np.linalg.lstsq(system, (gold - current).ravel(), rcond=None)
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
    y, x = _places(grid)
    across, down, zoom, turn = parameters
    from_x = x + across + zoom * x - turn * y + (grid[1] - 1) / 2
    from_y = y + down + zoom * y + turn * x + (grid[0] - 1) / 2
    result = np.zeros((len(x), *grid))
    cells = np.arange(len(x))
    for row in range(-1, 3):
        for column in range(-1, 3):
            near_y, near_x = np.floor(from_y) + row, np.floor(from_x) + column
            weight = _cubic(from_y - near_y) * _cubic(from_x - near_x)
            at_y = np.clip(near_y, 0, grid[0] - 1).astype(int)
            at_x = np.clip(near_x, 0, grid[1] - 1).astype(int)
            np.add.at(result, (cells, at_y, at_x), weight)
    return result.reshape(len(x), -1)


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


def _cubic(distance: Floats) -> Floats:
    d = np.abs(distance)
    near = (1.5 * d - 2.5) * d * d + 1
    far = ((-0.5 * d + 2.5) * d - 4) * d + 2
    return np.asarray(np.where(d <= 1, near, np.where(d < 2, far, 0.0)))


def _error(gold: Floats, trainee: Floats) -> float:
    return float(np.sum((gold - trainee) ** 2))
