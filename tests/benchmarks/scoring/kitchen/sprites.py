"""Small pictures with see-through surroundings: drawn large from outlines, textured, lit, and shrunk once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.scoring.conditions import Colour, Image

HALF = 62  # pixels from a sprite's origin to its border
_FINE = 4  # times larger while it is drawn

METAL: Colour = (176, 182, 188)
WOOD: Colour = (158, 112, 68)


@dataclass(frozen=True, slots=True)
class Poly:
    """A filled outline."""

    colour: Colour
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Oval:
    """An ellipse, filled, or a ring of some width."""

    colour: Colour
    x: float
    y: float
    across: float
    down: float
    ring: float = 0.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A thick line with round ends."""

    colour: Colour
    begin: tuple[float, float]
    end: tuple[float, float]
    width: float


Shape = Poly | Oval | Bar


def box(colour: Colour, left: float, top: float, right: float, bottom: float) -> Poly:
    """Gives a rectangle."""
    return Poly(colour, [(left, top), (right, top), (right, bottom), (left, bottom)])


def shade(colour: Colour, factor: float) -> Colour:
    """Makes a colour darker or lighter."""
    red, green, blue = (max(0, min(255, round(c * factor + (12 if factor > 1 else 0)))) for c in colour)
    return red, green, blue


def mixed(a: Colour, b: Colour, share: float) -> Colour:
    """Gives the colour that is `share` of the way from one to the other."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def sprite(shapes: Sequence[Shape], *, grain: float = 6.0, opacity: float = 1.0, seed: int = 0) -> Image:
    """Draws shapes, given in pixels from the origin, into (124, 124, 4): RGB and opacity."""
    size = 2 * HALF * _FINE
    colours, cover = np.zeros((size, size, 3), np.uint8), np.zeros((size, size), np.uint8)
    for shape in shapes:
        _draw(colours, shape, shape.colour)
        _draw(cover, shape, 255)
    small = np.asarray(cv2.resize(cover, None, fx=1 / _FINE, fy=1 / _FINE, interpolation=cv2.INTER_AREA))
    shrunk = cv2.resize(colours, None, fx=1 / _FINE, fy=1 / _FINE, interpolation=cv2.INTER_AREA).astype(np.float32)
    share = np.maximum(small, 1)[..., None].astype(np.float32) / 255
    noise = np.random.default_rng([seed, 32]).normal(0, grain, (2 * HALF, 2 * HALF, 1)).astype(np.float32)
    ramp = np.linspace(1.1, 0.9, 2 * HALF, dtype=np.float32)  # light from the upper left
    inner = cv2.GaussianBlur(small, (0, 0), 2.0).astype(np.float32)[..., None] / 255
    lit = (shrunk / share + noise) * ramp[:, None, None] * ramp[None, :, None] * (0.62 + 0.38 * inner)
    rgba = np.dstack([np.clip(lit, 0, 255), small * opacity])
    return rgba.astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Laid:
    """A sprite turned and moved to its place: the part of the picture it covers, its colours and its opacity."""

    top: int
    left: int
    colours: Image
    cover: Image


def lay(picture: Image, x: float, y: float, *, turn: float = 0.0, size: float = 1.0) -> Laid:
    """Turns a sprite clockwise by `turn` radians and moves its origin to (x, y)."""
    half = int(HALF * max(1.0, size) * (1.0 if turn == 0 else 1.2)) + 1
    left, top = int(x) - half, int(y) - half
    cos, sin = size * float(np.cos(turn)), size * float(np.sin(turn))
    matrix = np.array([[cos, -sin, 0.0], [sin, cos, 0.0]])
    matrix[:, 2] = (x - left, y - top) - matrix[:, :2] @ (HALF - 0.5, HALF - 0.5)
    moved = cv2.warpAffine(picture, matrix, (2 * half, 2 * half), flags=cv2.INTER_LINEAR)
    colours, cover = cv2.cvtColor(moved, cv2.COLOR_RGBA2RGB), cv2.extractChannel(moved, 3)
    return Laid(top, left, np.asarray(colours, dtype=np.uint8), np.asarray(cover, dtype=np.uint8))


def paste(scene: Image, laid: Laid) -> None:
    """Puts a sprite over what is there."""
    seen, own = _overlap(scene.shape, laid)
    if seen is None or own is None:
        return
    share = laid.cover[own] * np.float32(1 / 255)
    scene[seen] = cv2.blendLinear(laid.colours[own], scene[seen], share, 1 - share)


def darken(mask: Image, laid: Laid, strength: float, offset: tuple[int, int]) -> None:
    """Marks in a mask where the sprite's shadow falls."""
    seen, own = _overlap(mask.shape, Laid(laid.top + offset[1], laid.left + offset[0], laid.colours, laid.cover))
    if seen is not None and own is not None:
        mask[seen] = np.maximum(mask[seen], (laid.cover[own] * np.float32(strength)).astype(np.uint8))


def drop_shadow(scene: Image, laid: Laid, strength: float, offset: tuple[int, int]) -> None:
    """Darkens what a thing that lies there shades."""
    seen, own = _overlap(scene.shape, laid)
    if seen is not None and own is not None:
        moved = cv2.blur(np.roll(laid.cover, offset[::-1], axis=(0, 1)), (5, 5))[own]
        light = (255 - moved * np.float32(strength)).astype(np.uint8)
        scene[seen] = cv2.multiply(scene[seen], cv2.cvtColor(light, cv2.COLOR_GRAY2RGB), scale=1 / 255)


def _overlap(shape: tuple[int, ...], laid: Laid) -> tuple[Any, Any]:
    height, width = laid.cover.shape
    top, left = max(0, laid.top), max(0, laid.left)
    bottom, right = min(shape[0], laid.top + height), min(shape[1], laid.left + width)
    if top >= bottom or left >= right:
        return None, None
    own = (slice(top - laid.top, bottom - laid.top), slice(left - laid.left, right - laid.left))
    return (slice(top, bottom), slice(left, right)), own


def _draw(image: Image, shape: Shape, value: Colour | int) -> None:
    match shape:
        case Poly():
            cv2.fillPoly(image, [_fine(shape.points)], value)
        case Oval():
            centre, axes = _fine([(shape.x, shape.y)])[0], (round(shape.across * _FINE), round(shape.down * _FINE))
            thick = round(shape.ring * _FINE) or -1
            cv2.ellipse(image, centre.tolist(), axes, 0, 0, 360, value, thick)
        case Bar():
            begin, end = _fine([shape.begin, shape.end]).tolist()
            cv2.line(image, begin, end, value, max(1, round(shape.width * _FINE)))


def _fine(points: Sequence[tuple[float, float]]) -> NDArray[np.int32]:
    placed: NDArray[np.int32] = np.round((np.asarray(points) + HALF) * _FINE).astype(np.int32)
    return placed
