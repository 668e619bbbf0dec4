"""Triton's Python backend around `reelops.core.scoring.reading`, which the service links into this folder."""

from __future__ import annotations

import json
from typing import Any

import blas
import lifeline
import numpy as np
import request as asked
import triton_python_backend_utils as pb_utils
import warming
from reelops.core.scoring.decoding import Decoding
from reelops.core.scoring.reading import read_takes

INPUTS = ("GOLD", "TRAINEE", "LAYOUT", "WINDOWS", "STEPS", "PHASED", "GLIMPSES")


class TritonPythonModel:
    """Answers each request on its own; others go to the other instances meanwhile."""

    def initialize(self, args: dict[str, str]) -> None:
        lifeline.hold()
        blas.use_one_thread()
        parameters = json.loads(args["model_config"])["parameters"]
        self._max_windows = int(parameters["max_windows"]["string_value"])
        warming.warm()

    def execute(self, requests: list[Any]) -> list[Any]:
        return [self._respond(request) for request in requests]

    def _respond(self, request: Any) -> Any:
        given = {name: pb_utils.get_input_tensor_by_name(request, name) for name in INPUTS}
        gold, trainee, layout, windows, steps, phased, glimpses = (
            None if tensor is None else tensor.as_numpy() for tensor in given.values()
        )
        try:
            layout = asked.layout_from(layout)
            asked.check_takes(gold, trainee, layout, max_windows=self._max_windows)
            layout = asked.seen(glimpses, layout, clips=len(gold))
            scope = asked.scope_from(
                windows,
                steps,
                phased,
                gold_windows=len(gold) * layout.windows,
                trainee_windows=len(trainee) * layout.windows,
            )
        except ValueError as error:
            refusal = pb_utils.TritonError(str(error), pb_utils.TritonError.INVALID_ARG)
            return pb_utils.InferenceResponse(error=refusal)
        return pb_utils.InferenceResponse(
            _tensors(read_takes(gold, trainee, scope=scope, layout=layout, glimpses=glimpses))
        )


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
