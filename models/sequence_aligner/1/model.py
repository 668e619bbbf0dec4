"""Triton's Python backend around `alignment.Aligner`."""

from __future__ import annotations

import json
from typing import Any

import lifeline
import numpy as np
import triton_python_backend_utils as pb_utils
from alignment import Aligner, Alignment


class TritonPythonModel:
    """Answers each request of a batch on its own: pairs have different lengths and gain nothing from batching."""

    def initialize(self, args: dict[str, str]) -> None:
        lifeline.hold()
        parameters = json.loads(args["model_config"])["parameters"]
        self._aligner = Aligner(max_cells=int(parameters["max_cells"]["string_value"]))
        self._aligner.warm()

    def execute(self, requests: list[Any]) -> list[Any]:
        return [self._respond(request) for request in requests]

    def _respond(self, request: Any) -> Any:
        gold, trainee, gap_cost = (
            pb_utils.get_input_tensor_by_name(request, name).as_numpy() for name in ("GOLD", "TRAINEE", "GAP_COST")
        )
        try:
            alignment = self._aligner.align(gold, trainee, float(gap_cost[0]))
        except ValueError as error:
            refusal = pb_utils.TritonError(str(error), pb_utils.TritonError.INVALID_ARG)
            return pb_utils.InferenceResponse(error=refusal)
        return pb_utils.InferenceResponse(_tensors(alignment))


def _tensors(alignment: Alignment) -> list[Any]:
    values = {
        "PATH": alignment.path,
        "PATH_SIMILARITY": alignment.path_similarity,
        "COST": np.array([alignment.cost], np.float32),
        "GOLD_BEST": alignment.gold_best,
        "GOLD_BEST_SIMILARITY": alignment.gold_best_similarity,
        "TRAINEE_BEST": alignment.trainee_best,
        "TRAINEE_BEST_SIMILARITY": alignment.trainee_best_similarity,
        "PREVIEW": alignment.preview,
    }
    return [pb_utils.Tensor(name, np.ascontiguousarray(value)) for name, value in values.items()]
