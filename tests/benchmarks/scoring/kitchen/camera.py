"""The camera above the table: its light, lens, sensor and hand, and who works before it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.scoring.conditions import HEIGHT, WIDTH, Colour, Conditions, Image
from tests.benchmarks.scoring.conditions import conditions as any_conditions

_SKINS: tuple[Colour, ...] = ((224, 182, 150), (198, 146, 112), (150, 104, 76), (104, 70, 52))
_GLOVES: tuple[Colour, ...] = ((62, 120, 196), (232, 232, 236), (52, 52, 56))
_SLEEVES: tuple[Colour, ...] = (
    (72, 84, 120),
    (190, 190, 186),
    (112, 44, 50),
    (60, 96, 70),
    (208, 172, 120),
    (40, 40, 46),
)
_POOL = 3  # pictures of noise to take one from, at any offset


def conditions(seed: int, strength: float, *, moving: bool = False) -> Conditions:
    """Draws conditions; strong ones come with another person, perhaps in gloves."""
    filmed = any_conditions(seed, strength, moving=moving)
    filmed = replace(filmed, gain=filmed.gain**0.7)  # a table from above is bright already
    rng = np.random.default_rng([seed, 37])
    if strength <= 0.3:
        return replace(filmed, skin=_SKINS[0], sleeve=_SLEEVES[0])
    skins = _GLOVES if rng.random() < 0.25 else _SKINS
    return replace(filmed, skin=_pick(skins, rng), sleeve=_pick(_SLEEVES, rng))


class Camera:
    """Films the scenes of one take."""

    def __init__(self, filmed: Conditions, rng: np.random.Generator) -> None:
        self._filmed, self._rng = filmed, rng
        self._phases = rng.uniform(0, 2 * np.pi, 3)
        self._light, self._curve = _lamp(filmed, rng), _curve(filmed)
        grain = rng.standard_normal((_POOL * HEIGHT * WIDTH, 3), dtype=np.float32) * filmed.noise
        self._grain = grain.round().astype(np.int16)
        self._keystone = filmed.turn_degrees * 6e-5
        self._still = _rays(self._lens(0.0))

    def film(self, scene: Image, seconds: float) -> Image:
        """Gives what the camera makes of a scene."""
        filmed = self._filmed
        across, down = self._still if not filmed.sway else _rays(self._lens(seconds))
        seen = cv2.remap(scene, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        lit = cv2.multiply(cv2.LUT(seen, self._curve), self._light, scale=1 / 160)
        first = int(self._rng.integers((_POOL - 1) * HEIGHT * WIDTH))
        grain = self._grain[first : first + HEIGHT * WIDTH].reshape(HEIGHT, WIDTH, 3)
        image: Any = cv2.add(lit, grain, dtype=cv2.CV_8U)
        if filmed.scale != 1.0:
            image = cv2.resize(image, None, fx=filmed.scale, fy=filmed.scale, interpolation=cv2.INTER_AREA)
        if filmed.jpeg:
            coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, filmed.jpeg])[1]
            image = cv2.imdecode(coded, cv2.IMREAD_COLOR)
        seen_at_last: Image = np.asarray(image, dtype=np.uint8)
        return seen_at_last

    def _lens(self, seconds: float) -> NDArray[np.float64]:
        """Turn, zoom and shift about the middle, a slight tilt, and the hand's sway."""
        filmed, sway = self._filmed, self._filmed.sway
        rates = np.array([0.27, 0.19, 0.13])
        swayed = sway * np.sin(2 * np.pi * rates * seconds + self._phases)
        turn = np.deg2rad(filmed.turn_degrees) + 0.8 * swayed[2]
        cos, sin = filmed.zoom * np.cos(turn), filmed.zoom * np.sin(turn)
        x, y = WIDTH / 2, HEIGHT / 2
        across, down = (filmed.shift[0] + swayed[0]) * WIDTH, (filmed.shift[1] + swayed[1]) * WIDTH
        centred = np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1.0]])
        moved = np.array([[cos, -sin, x + across], [sin, cos, y + down], [0, 0, 1.0]])
        tilted = np.array([[1, 0, 0], [0, 1, 0], [self._keystone, -self._keystone, 1.0]])
        return np.asarray(moved @ tilted @ centred, dtype=np.float64)


def _rays(lens: NDArray[np.float64]) -> tuple[Any, Any]:
    """Where in the scene each pixel looks, in a form that is quick to use."""
    back = np.linalg.inv(lens).astype(np.float32)
    rows = back[:, 1, None] * np.arange(HEIGHT, dtype=np.float32) + back[:, 2, None]
    scaled = rows[:, :, None] + (back[:, 0, None] * np.arange(WIDTH, dtype=np.float32))[:, None]
    return cv2.convertMaps(scaled[0] / scaled[2], scaled[1] / scaled[2], cv2.CV_16SC2)


def _lamp(filmed: Conditions, rng: np.random.Generator) -> Image:
    """Light that falls off from a lamp somewhere above the table; 160 is as the scene is drawn."""
    across, down = np.meshgrid(np.linspace(-1, 1, WIDTH), np.linspace(-1, 1, HEIGHT))
    lamp = rng.uniform(-0.7, 0.7, 2)
    far = (across - lamp[0]) ** 2 + (down - lamp[1]) ** 2
    bright = 1 + filmed.slope * (0.5 - 0.6 * far)
    light: Image = np.repeat(np.clip(160 * bright, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    return light


def _curve(filmed: Conditions) -> Image:
    """The sensor's answer per colour."""
    levels = (np.arange(256) / 255.0)[:, None] ** filmed.gamma
    curve: Image = np.clip(255 * levels * filmed.gain * np.array(filmed.cast), 0, 255).astype(np.uint8)
    return curve.reshape(256, 1, 3)


def _pick(colours: tuple[Colour, ...], rng: np.random.Generator) -> Colour:
    return colours[int(rng.integers(len(colours)))]
