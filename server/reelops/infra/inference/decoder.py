"""The tensors of `step_decoder`: what a request is made of, and what its answer says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reelops import errors
from reelops.infra.inference.model import StepReading, Takes

MODEL = "step_decoder"
ARRAYS = ("GOLD_STEPS", "STATES", "STARTS", "ENDS", "COSTS", "NEAREST", "SPREAD", "DEPARTURES")
LEVELS, PHASED = "LEVELS", "PHASED"
OUTPUTS = (*ARRAYS, LEVELS, PHASED)


def inputs(takes: Takes) -> dict[str, NDArray[Any]]:
    """Gives the tensors of a request. Raises `errors.Invalid` for an empty side."""
    for side, rows in (("gold", takes.gold), ("trainee", takes.trainee)):
        if rows.ndim != 2 or rows.size == 0:
            raise errors.Invalid("INFERENCE_INPUT_INVALID", f"The {side} take is empty: {list(rows.shape)}.")
    tensors: dict[str, NDArray[Any]] = {
        "GOLD": np.ascontiguousarray(takes.gold, np.float32),
        "TRAINEE": np.ascontiguousarray(takes.trainee, np.float32),
        "LAYOUT": np.array(
            [takes.windows, takes.channels, *(takes.grid or (0, 0)), takes.colours, takes.tones], np.int32
        ),
        "WINDOWS": np.array([takes.gold_windows, takes.trainee_windows], np.int32),
    }
    if takes.steps is not None:
        tensors["STEPS"] = takes.steps.astype(np.int32)
    if takes.phased is not None:
        tensors[PHASED] = np.array([takes.phased], np.int32)
    if takes.glimpses is not None and (takes.steps is None or takes.phased is None):
        tensors["GLIMPSES"] = np.ascontiguousarray(takes.glimpses, np.float32)
    return tensors


def reading(outputs: Mapping[str, NDArray[Any]]) -> StepReading:
    """Reads the tensors of an answer."""
    unknown, match, between = (float(level) for level in outputs[LEVELS])
    arrays = {name.lower(): outputs[name] for name in ARRAYS}
    phased = bool(outputs[PHASED][0])
    return StepReading(**arrays, unknown_cost=unknown, match_cost=match, between_cost=between, phased=phased)
