"""How good single pictures are as the picture of a video, and which of several is the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reelops.infra.media.model import Pixels

Floats = npt.NDArray[np.float32]
_CELLS = 8
_LIVELY = 3.0  # mean gradient of a cell in which there is something to see
_DARK, _BRIGHT = 22.0, 236.0
_FLAT = 9.0  # standard deviation of the luma


@dataclass(frozen=True, slots=True)
class Look:
    """One picture in figures.

    `sharpness` is the mean of the strongest gradients of the luma, `spread` the share of the picture in which there is
    something to see, `colour` the colourfulness after Hasler and Suesstrunk (2003), `change` the mean difference of the
    luma from the frames that follow. Luma is 0 to 255.
    """

    seconds: float
    luma: float
    deviation: float
    sharpness: float
    spread: float
    colour: float
    change: float


def look(seconds: float, pictures: Sequence[Pixels]) -> Look:
    """Measures the first of some consecutive pictures, uint8 (height, width, 3); the others tell what moves."""
    picture = pictures[0].astype(np.float32)
    grey = _luma(picture)
    down, across = (np.abs(np.diff(grey, axis=0))[:, :-1], np.abs(np.diff(grey, axis=1))[:-1])
    edges = np.maximum(down, across)
    strongest = np.partition(edges, edges.size * 9 // 10, axis=None)[edges.size * 9 // 10 :] if edges.size else edges
    change = max((float(np.abs(_luma(after) - grey).mean()) for after in pictures[1:]), default=0.0)
    return Look(
        seconds=seconds,
        luma=float(grey.mean()),
        deviation=float(grey.std()),
        sharpness=float(strongest.mean()) if strongest.size else 0.0,
        spread=_spread(edges),
        colour=_colourfulness(picture),
        change=change,
    )


def best(looks: Sequence[Look], duration: float) -> float:
    """Names the moment of the best look; of equals the earliest."""
    sharpest = max(each.sharpness for each in looks) or 1.0
    most_colour = max(each.colour for each in looks) or 1.0
    return max(looks, key=lambda each: (_score(each, sharpest, most_colour, duration), -each.seconds)).seconds


def _score(each: Look, sharpest: float, most_colour: float, duration: float) -> float:
    """Weighs a look against the best figures of its video."""
    exposure = 1 - abs(each.luma - 122) / 134
    score = (
        0.46 * (each.sharpness / sharpest)
        + 0.22 * exposure
        + 0.16 * math.exp(-each.change / 9)
        + 0.16 * (each.colour / most_colour)
    )
    if not _DARK < each.luma < _BRIGHT or each.deviation < _FLAT:
        score *= 0.1
    # Cards are words on a plain ground: little of them is lively.
    return score * (0.55 + 0.45 * each.spread) * _place(each.seconds, duration)


def _place(seconds: float, duration: float) -> float:
    """Trusts the first moments and the last, where titles, fades and end cards are, less."""
    if duration <= 0:
        return 1.0
    share = min(1.0, seconds / duration)
    return 0.8 if share < 0.03 else 0.75 if share > 0.93 else 1.0


def _luma(picture: npt.NDArray[np.float32] | Pixels) -> Floats:
    luma: Floats = picture.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    return luma


def _spread(edges: Floats) -> float:
    rows, columns = (np.array_split(np.arange(side), _CELLS) for side in edges.shape)
    cells = [float(edges[np.ix_(row, column)].mean()) for row in rows for column in columns if row.size and column.size]
    return sum(cell > _LIVELY for cell in cells) / max(1, len(cells))


def _colourfulness(picture: Floats) -> float:
    red, green, blue = picture[..., 0], picture[..., 1], picture[..., 2]
    one, other = red - green, (red + green) / 2 - blue
    return float(math.hypot(one.std(), other.std()) + 0.3 * math.hypot(one.mean(), other.mean()))
