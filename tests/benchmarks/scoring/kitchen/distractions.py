"""Draws what moves and has nothing to do with the work."""

from __future__ import annotations

import cv2
import numpy as np

from tests.benchmarks.scoring.conditions import HEIGHT, WIDTH, Image
from tests.benchmarks.scoring.kitchen.jobs import Distraction

_BLINK_SEC = 1.3
_PASSING_SEC = 2.5


def distract(scene: Image, kind: Distraction, seconds: float, phase: float) -> None:
    """Draws the distraction at a moment; `phase` (0 to 1) says where in its course the take begins."""
    match kind:
        case Distraction.LAMP:
            _lamp(scene, (seconds / _BLINK_SEC + phase) % 1.0 < 0.5)
        case Distraction.PASSER_BY:
            every = 14.0 + 9.0 * phase
            since = (seconds + every * phase) % every
            if since < _PASSING_SEC:
                _shadow(scene, since / _PASSING_SEC)
        case Distraction.CLOCK:
            _clock(scene, 2 * np.pi * (np.floor(seconds) / 60 + phase))


def _lamp(scene: Image, lit: bool) -> None:
    x, y = int(0.93 * WIDTH), int(0.05 * HEIGHT)
    cv2.circle(scene, (x, y), 9, (50, 50, 54), -1, cv2.LINE_AA)
    cv2.circle(scene, (x, y), 6, (255, 70, 50) if lit else (96, 30, 26), -1, cv2.LINE_AA)


def _shadow(scene: Image, share: float) -> None:
    across = np.linspace(0, 1, WIDTH, dtype=np.float32)
    dark = 1 - 0.3 * np.exp(-(((across - 1.6 * share + 0.3) / 0.14) ** 2))
    light = np.broadcast_to((255 * dark).astype(np.uint8)[None, :, None], scene.shape)
    cv2.multiply(scene, np.ascontiguousarray(light), dst=scene, scale=1 / 255)


def _clock(scene: Image, turn: float) -> None:
    x, y = int(0.07 * WIDTH), int(0.09 * HEIGHT)
    tip = (round(x + 11 * np.sin(turn)), round(y - 11 * np.cos(turn)))
    cv2.circle(scene, (x, y), 15, (60, 60, 64), -1, cv2.LINE_AA)
    cv2.circle(scene, (x, y), 13, (240, 240, 234), -1, cv2.LINE_AA)
    cv2.line(scene, (x, y), (x + 5, y - 4), (30, 30, 30), 2, cv2.LINE_AA)
    cv2.line(scene, (x, y), tip, (190, 30, 30), 1, cv2.LINE_AA)
