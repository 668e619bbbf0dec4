"""The families of procedures, each drawn by means of its own: a seed belongs to one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.benchmarks.scoring import kitchen, workbench
from tests.benchmarks.scoring.conditions import Conditions, Image, conditions
from tests.benchmarks.scoring.kitchen.camera import conditions as kitchen_conditions
from tests.benchmarks.scoring.kitchen.recipes import KITCHENS
from tests.benchmarks.scoring.kitchen.recipes import procedure as kitchen_procedure
from tests.benchmarks.scoring.kitchen.scenes import frames as kitchen_frames
from tests.benchmarks.scoring.scripts import Plan, Script
from tests.benchmarks.scoring.workbench.drawing import frames as workbench_frames
from tests.benchmarks.scoring.workbench.plans import ASSEMBLIES, BRISK, BRISK_ASSEMBLIES
from tests.benchmarks.scoring.workbench.plans import procedure as workbench_procedure


class Filming(Protocol):
    """Draws conditions that differ from the plain ones by `strength`, 0 to 1."""

    def __call__(self, seed: int, strength: float, *, moving: bool = False) -> Conditions:
        """Draws those of one take; `moving` puts the camera into a hand."""


class Frames(Protocol):
    """Draws a take."""

    def __call__(self, script: Script, filmed: Conditions, *, fps: float) -> Iterator[Image]:
        """Draws it at `fps`, RGB."""


@dataclass(frozen=True, slots=True)
class Family:
    """How procedures of some seeds are made up and drawn; `folder` has the code of both."""

    name: str
    first_seed: int
    procedure: Callable[[int], Plan]
    conditions: Filming
    frames: Frames
    folder: Path


_WORKBENCH = Path(workbench.__file__).parent

FAMILIES = (
    Family("plain", 0, workbench_procedure, conditions, workbench_frames, _WORKBENCH),
    Family("assemblies", ASSEMBLIES, workbench_procedure, conditions, workbench_frames, _WORKBENCH),
    Family("kitchens", KITCHENS, kitchen_procedure, kitchen_conditions, kitchen_frames, Path(kitchen.__file__).parent),
    Family("brisk", BRISK, workbench_procedure, conditions, workbench_frames, _WORKBENCH),
    Family("brisk assemblies", BRISK_ASSEMBLIES, workbench_procedure, conditions, workbench_frames, _WORKBENCH),
)


def family_of(seed: int) -> Family:
    """Gives the family that a seed belongs to: the last one that begins before it."""
    return next(family for family in reversed(FAMILIES) if family.first_seed <= seed)
