"""How takes are filmed: light, framing, noise, resolution, frame rate, and who is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 240, 320
Image = NDArray[np.uint8]
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a take was filmed. The defaults are an even light and a camera that stands still."""

    gain: float = 1.0
    gamma: float = 1.0
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    slope: float = 0.0  # how much brighter one side is than the other
    shift: tuple[float, float] = (0.0, 0.0)  # of the width and height
    zoom: float = 1.0
    turn_degrees: float = 0.0
    noise: float = 2.0  # standard deviation, of 255
    sway: float = 0.0  # of the width: a camera in the hand
    scale: float = 1.0  # resolution, of 320 x 240
    fps: float = 12.0
    jpeg: int = 0  # quality of a lossy round trip; 0 is none
    sleeve: Colour = (70, 80, 110)
    skin: Colour = (205, 160, 130)


def conditions(seed: int, strength: float, *, moving: bool = False) -> Conditions:
    """Draws conditions that differ from the plain ones by `strength` (0 to 1)."""
    rng = np.random.default_rng([seed, 3])

    def around(width: float) -> float:
        return float(rng.uniform(-1, 1) * width * strength)

    return Conditions(
        gain=float(np.exp(around(0.45))),
        gamma=float(np.exp(around(0.2))),
        cast=(1 + around(0.15), 1 + around(0.05), 1 + around(0.15)),
        slope=around(0.3),
        shift=(around(0.04), around(0.04)),
        zoom=1 + around(0.07),
        turn_degrees=around(2.0),
        noise=2.0 + abs(around(7.0)),
        sway=0.015 * strength if moving else 0.0,
        scale=float(rng.choice([1.0, 0.75, 0.6])) if strength else 1.0,
        fps=float(rng.choice([12.0, 10.0, 15.0])) if strength else 12.0,
        jpeg=int(rng.choice([0, 60, 35])) if strength else 0,
        sleeve=tuple(int(c) for c in rng.integers(40, 200, 3)) if strength > 0.5 else (70, 80, 110),  # type: ignore[arg-type]
        skin=(205, 160, 130) if rng.random() < 0.6 or not strength else (140, 95, 70),
    )
