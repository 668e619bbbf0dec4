"""Draws the empty table: wood, steel, cloth or tiles, with things about that have nothing to do with the work."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.scoring.conditions import HEIGHT, WIDTH, Image
from tests.benchmarks.scoring.kitchen.catalogue import COLOURS, Tool
from tests.benchmarks.scoring.kitchen.sprites import drop_shadow, lay, paste
from tests.benchmarks.scoring.kitchen.things import tool

_SURFACES = ("wood", "steel", "cloth", "tiles")
Floats = NDArray[np.float32]


def table(seed: int) -> Image:
    """Draws the table of a procedure."""
    rng = np.random.default_rng([seed, 36])
    surface = str(rng.choice(_SURFACES))
    drawn = {"wood": _wood, "steel": _steel, "cloth": _cloth, "tiles": _tiles}[surface](rng)
    image: Image = np.clip(drawn, 0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(1, 4))):  # things that lie about at the edge
        edge = float(rng.choice([0.03, 0.97]))
        x, y = (edge, rng.uniform(0, 1)) if rng.random() < 0.5 else (rng.uniform(0, 1), 0.02)
        kind = list(Tool)[int(rng.integers(len(Tool)))]
        colour = COLOURS[int(rng.integers(len(COLOURS)))]
        stand(image, tool(kind, colour), x * WIDTH, y * HEIGHT, turn=float(rng.uniform(0, 6)))
    return image


def stand(image: Image, picture: Image, x: float, y: float, *, turn: float = 0.0) -> None:
    """Puts a thing on the table, with a soft shadow."""
    laid = lay(picture, x, y, turn=turn)
    drop_shadow(image, laid, 0.4, (3, 4))
    paste(image, laid)


def cast_shadow(image: Image, mask: Image, width: int) -> None:
    """Darkens the picture where the mask says, with soft edges."""
    soft = cv2.bitwise_not(cv2.blur(mask, (width, width)))
    cv2.multiply(image, cv2.cvtColor(soft, cv2.COLOR_GRAY2RGB), dst=image, scale=1 / 255)


def _wood(rng: np.random.Generator) -> Floats:
    base = np.array([(170, 124, 80), (120, 82, 52), (206, 176, 132)][int(rng.integers(3))], np.float32)
    image = np.empty((HEIGHT, WIDTH, 3), np.float32)
    plank = int(rng.integers(40, 75))
    for top in range(0, HEIGHT, plank):
        rows = min(plank, HEIGHT - top)
        veins = cv2.resize(rng.normal(0, 1, (rows, 7)).astype(np.float32), (WIDTH, rows), interpolation=cv2.INTER_CUBIC)
        veins = cv2.GaussianBlur(veins, (0, 0), 0.8)
        image[top : top + rows] = base * (1 + rng.normal(0, 0.06)) + 13 * veins[..., None]
        image[top : top + 1] *= 0.6
    return image


def _steel(rng: np.random.Generator) -> Floats:
    brushed = cv2.blur(rng.normal(0, 26, (HEIGHT, WIDTH)).astype(np.float32), (41, 1))
    across, down = np.meshgrid(np.linspace(-1, 1, WIDTH), np.linspace(-1, 1, HEIGHT))
    shine = 26 * np.exp(-((across - rng.uniform(-0.6, 0.6) + 0.4 * down) ** 2) / 0.1)
    grey = rng.uniform(120, 165) + 2.2 * brushed + shine
    return np.asarray(grey[..., None] * np.array([0.98, 1.0, 1.03]), dtype=np.float32)


def _cloth(rng: np.random.Generator) -> Floats:
    first = rng.uniform(110, 225, 3)
    second = first * rng.uniform(0.6, 0.85, 3)
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH]
    pitch = int(rng.integers(14, 30))
    check = ((across // pitch) % 2 + (down // pitch) % 2)[..., None] / 2
    weave = 7 * (np.sin(across * 1.9) * np.sin(down * 2.1))[..., None]
    return np.asarray(first + (second - first) * check + weave + rng.normal(0, 4, (HEIGHT, WIDTH, 1)), np.float32)


def _tiles(rng: np.random.Generator) -> Floats:
    base = np.array([(214, 214, 206), (92, 104, 112), (168, 146, 128)][int(rng.integers(3))], np.float32)
    cloudy = cv2.resize(rng.normal(0, 9, (12, 16)).astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    image = base + cloudy[..., None] + rng.normal(0, 4, (HEIGHT, WIDTH, 1)).astype(np.float32)
    pitch, begin = int(rng.integers(48, 80)), int(rng.integers(40))
    image[begin::pitch] *= 0.75
    image[:, begin::pitch] *= 0.75
    return np.asarray(image, dtype=np.float32)
