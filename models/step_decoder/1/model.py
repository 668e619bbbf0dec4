"""Triton's Python backend around `reelops.core.scoring.reading`, which the service links into this folder."""

from __future__ import annotations

import json
from typing import Any

import blas
import lifeline
import numpy as np
import request as asked
import triton_python_backend_utils as pb_utils
from reelops.core.scoring.decoding import Decoding
from reelops.core.scoring.reading import Scope, read_takes
from reelops.core.scoring.windows import Layout


class TritonPythonModel:
    """Answers each request on its own; others go to the other instances meanwhile."""

    def initialize(self, args: dict[str, str]) -> None:
        lifeline.hold()
        blas.use_one_thread()
        parameters = json.loads(args["model_config"])["parameters"]
        self._max_windows = int(parameters["max_windows"]["string_value"])
        _warm()

    def execute(self, requests: list[Any]) -> list[Any]:
        return [self._respond(request) for request in requests]

    def _respond(self, request: Any) -> Any:
        tensors = {
            name: pb_utils.get_input_tensor_by_name(request, name) for name in ("LAYOUT", "WINDOWS", "STEPS", "PHASED")
        }
        gold, trainee = (pb_utils.get_input_tensor_by_name(request, name).as_numpy() for name in ("GOLD", "TRAINEE"))
        steps, phased = (None if tensors[name] is None else tensors[name].as_numpy() for name in ("STEPS", "PHASED"))
        try:
            layout = asked.layout_from(tensors["LAYOUT"].as_numpy())
            asked.check_takes(gold, trainee, layout, max_windows=self._max_windows)
            scope = asked.scope_from(
                tensors["WINDOWS"].as_numpy(),
                steps,
                phased,
                gold_windows=len(gold) * layout.windows,
                trainee_windows=len(trainee) * layout.windows,
            )
        except ValueError as error:
            refusal = pb_utils.TritonError(str(error), pb_utils.TritonError.INVALID_ARG)
            return pb_utils.InferenceResponse(error=refusal)
        return pb_utils.InferenceResponse(_tensors(read_takes(gold, trainee, scope=scope, layout=layout)))


def _tensors(decoding: Decoding) -> list[Any]:
    values = {
        "GOLD_STEPS": decoding.gold_steps.astype(np.int32),
        "STATES": decoding.states.astype(np.int32),
        "STARTS": decoding.starts.astype(np.int32),
        "ENDS": decoding.ends.astype(np.int32),
        "COSTS": decoding.costs,
        "NEAREST": decoding.nearest.astype(np.int32),
        "LEVELS": np.array([decoding.unknown_cost, decoding.match_cost, decoding.between_cost]),
        "SPREAD": decoding.spread,
        "DEPARTURES": decoding.departures,
        "PHASED": np.array([decoding.phased], np.int32),
    }
    return [pb_utils.Tensor(name, np.ascontiguousarray(value)) for name, value in values.items()]


def _warm() -> None:
    """Compiles every kernel, or loads it from the cache, so that no request pays for it."""
    layout = Layout(windows=4, channels=2, grid=(3, 4))
    rng = np.random.default_rng(1)
    gold = np.repeat(rng.normal(size=(4, 24)), 10, axis=0) + 0.1 * rng.normal(size=(40, 24))
    trainee = gold + 0.1 * rng.normal(size=gold.shape)
    takes = (rows.reshape(10, 96).astype(np.float32) for rows in (gold, trainee))
    read_takes(*takes, scope=Scope(len(gold), len(trainee)), layout=layout)
