"""Draws hands and forearms as seen from above: fingers, thumb, wrist, sleeve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.scoring.conditions import Colour, Image

_BITS = 4  # of sub-pixels, so that slow movement does not go in jumps
_KNUCKLES = (-9.0, -3.2, 2.8, 8.6)
_LENGTHS = (17.0, 21.0, 20.0, 15.0)
_PALM = ((-20, -9), (-8, -12.5), (5, -12), (8, -6), (8, 6), (5, 11.5), (-8, 12), (-20, 9))

Points = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Hand:
    """One hand: its place in pixels, its elbow's, which hand it is, and how far its fingers are bent (0 to 1)."""

    at: tuple[float, float]
    elbow: tuple[float, float]
    left: bool
    bent: float
    near: float = 1.0

    @property
    def angle(self) -> float:
        """Gives the direction from the elbow to the hand, in radians."""
        return float(np.arctan2(self.at[1] - self.elbow[1], self.at[0] - self.elbow[0]))


def draw_hand(scene: Image, hand: Hand, skin: Colour, sleeve: Colour) -> None:
    """Draws a hand that lies over what is there already."""
    dark, light = _shade(skin, 0.72), _shade(skin, 1.1)
    drawn = dict(zip(_names(), _placed(hand), strict=True))
    _fill(scene, drawn["wrist"], skin)
    _fill(scene, drawn["sleeve"], sleeve)
    _line(scene, hand, drawn["fold"], _shade(sleeve, 1.25), 4)
    _line(scene, hand, drawn["seam"], _shade(sleeve, 0.7), 3)
    _line(scene, hand, drawn["cuff"], _shade(sleeve, 0.6), 3)
    _line(scene, hand, drawn["shine"], light, 4)
    fingers = [drawn[name] for name in _FINGERS]
    for finger in fingers:
        _line(scene, hand, finger, dark, 8)
    _fill(scene, drawn["palm"], skin)
    for finger in fingers:
        _line(scene, hand, finger, skin, 6)
        _line(scene, hand, finger[2:], light, 3)
    _line(scene, hand, drawn["knuckles"], dark, 1)


def draw_outline(mask: Image, hand: Hand, value: int, offset: tuple[int, int]) -> None:
    """Draws the whole hand in one value, as its shadow."""
    moved = (points + np.array(offset, np.int32) * (1 << _BITS) for points in _placed(hand))
    drawn = dict(zip(_names(), moved, strict=True))
    _fill(mask, drawn["wrist"], value)
    _fill(mask, drawn["palm"], value)
    for name in _FINGERS:
        _line(mask, hand, drawn[name], value, 6)


_FINGERS = ("index", "middle", "ring", "little", "thumb")


def _outlines(left: bool, bent: float) -> dict[str, Sequence[tuple[float, float]]]:
    """Every part in pixels along and across the arm, from the palm."""
    side = -1.0 if left else 1.0
    parts: dict[str, Sequence[tuple[float, float]]] = {
        "wrist": _arm(-16.0, 11.0),
        "sleeve": _arm(-44.0, 16.0),
        "fold": [(-400, 5), (-46, 4)],
        "seam": [(-400, -9), (-46, -9)],
        "cuff": [(-47, -13), (-47, 13)],
        "shine": [(-36, 4), (-16, 5)],
        "palm": _PALM,
        "knuckles": [(3.0, side * knuckle) for knuckle in _KNUCKLES],
        "thumb": [(-8, -side * 9), (1, -side * (15 - 2 * bent)), (10, -side * (17 - 7 * bent))],
    }
    for name, knuckle, length in zip(_FINGERS, _KNUCKLES, _LENGTHS, strict=False):
        far, across = 5 + length * (1 - 0.6 * bent), side * knuckle * (1 + 0.35 * (1 - bent))
        parts[name] = [(4, side * knuckle), (5 + far * 0.5, across), (far, across * 0.97)]
    return parts


def _arm(end: float, wide: float) -> list[tuple[float, float]]:
    """From beyond the picture to `end`, which is along the arm from the palm."""
    near, far = (end, wide - 2), (end - 60, wide + 3)
    return [(near[0], -near[1]), near, far, (-420, 26), (-420, -26), (far[0], -far[1])]


@lru_cache(maxsize=16)
def _cut(left: bool, bent: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """All outlines in one array, and where to cut it."""
    parts = [np.array(points, dtype=np.float64) for points in _outlines(left, bent).values()]
    return np.concatenate(parts), np.cumsum([len(part) for part in parts])[:-1]


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    return tuple(_outlines(left=True, bent=0.0))


def _placed(hand: Hand) -> list[Points]:
    """From along and across the arm to sub-pixels of the picture."""
    local, cuts = _cut(hand.left, hand.bent)
    along, across = hand.near * float(np.cos(hand.angle)), hand.near * float(np.sin(hand.angle))
    turned = local @ np.array([[along, across], [-across, along]]) + hand.at
    return np.split(np.round(turned * (1 << _BITS)).astype(np.int32), cuts)


def _shade(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(255, int(c * factor)) for c in colour)
    return red, green, blue


def _fill(image: Image, points: Points, value: Colour | int) -> None:
    cv2.fillPoly(image, [points], value, cv2.LINE_AA, _BITS)


def _line(image: Image, hand: Hand, points: Points, value: Colour | int, width: int) -> None:
    cv2.polylines(image, [points], False, value, max(1, round(width * hand.near)), cv2.LINE_AA, _BITS)
