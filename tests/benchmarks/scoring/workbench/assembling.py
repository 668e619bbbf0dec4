"""The parts of an assembly: each is fetched from a tray, carried to its place, worked on there, and stays."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.scoring.scripts import Act, Script
from tests.benchmarks.scoring.workbench.plans import Step

FETCHING = 0.36  # of a step's time
WAITING = 0.14  # of it, before the part is lifted


def fetching(act: Act, seconds: float) -> bool:
    """Says whether the part is still on its way."""
    return act.step.tray is not None and _share(act, seconds) < FETCHING


def part_at(act: Act, seconds: float) -> tuple[float, float]:
    """Gives where the part is, 0 to 1 across and down; that of a step without a tray is at its place."""
    step: Step = act.step
    if step.tray is None:
        return step.x, step.y
    near = min(1.0, max(0.0, (_share(act, seconds) - WAITING) / (FETCHING - WAITING)))
    ease = near * near * (3 - 2 * near)
    return step.tray[0] + (step.x - step.tray[0]) * ease, step.tray[1] + (step.y - step.tray[1]) * ease


def draw_parts(scene: NDArray[np.uint8], script: Script, number: int, seconds: float) -> None:
    """Draws the parts that earlier acts left and the one of the present act."""
    for act in script.acts[: number + 1]:
        if act.step.tray is not None:
            _draw_part(scene, act.step, part_at(act, seconds))


def _draw_part(scene: NDArray[np.uint8], step: Step, at: tuple[float, float]) -> None:
    """A part has the tool's colour, and a size and shape of its own that follow from its tray."""
    height, width = scene.shape[:2]
    x, y = round(at[0] * width), round(at[1] * height) - 8
    number = round(100 * (step.tray or (0.0, 0.0))[1])
    across, down = 12 + number % 3 * 6, 10 + number % 4 * 4
    edge: Any = tuple(int(c) // 2 for c in step.colour)
    if number % 2:
        cv2.rectangle(scene, (x - across, y - down), (x + across, y + down), step.colour, -1, cv2.LINE_AA)
        cv2.rectangle(scene, (x - across, y - down), (x + across, y + down), edge, 2, cv2.LINE_AA)
    else:
        cv2.ellipse(scene, (x, y), (across, down), 0, 0, 360, step.colour, -1, cv2.LINE_AA)
        cv2.ellipse(scene, (x, y), (across, down), 0, 0, 360, edge, 2, cv2.LINE_AA)


def _share(act: Act, seconds: float) -> float:
    return (seconds - act.start_sec) / (act.end_sec - act.start_sec)
