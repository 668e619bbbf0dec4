"""Triton's Python backend around an `embedders.Embedder`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import embedders
import lifeline
import numpy as np
import triton_python_backend_utils as pb_utils

FOLDER = Path(__file__).parent
COMPUTED = {"EMBEDDING", "GLIMPSES"}  # from the clips, in one pass


class TritonPythonModel:
    """Computes the clips of all requests in a batch together.

    FRAMES uint8 (N, frames, height, width, 3) gives EMBEDDING float32 (N, dim) and MODEL (N, 2), the name and version
    of the model that ran. An embedder that sees single frames gives GLIMPSES float32 (N, frames, channels, cells) with
    it. A request for MODEL alone costs nothing.
    """

    @staticmethod
    def auto_complete_config(config: Any) -> Any:
        embedder = embedders.load(FOLDER)
        config.add_input({"name": "FRAMES", "data_type": "TYPE_UINT8", "dims": [*embedder.geometry, 3]})
        config.add_output({"name": "EMBEDDING", "data_type": "TYPE_FP32", "dims": [embedder.dim]})
        if embedder.glimpses is not None:
            config.add_output({"name": "GLIMPSES", "data_type": "TYPE_FP32", "dims": [*embedder.glimpses]})
        config.add_output({"name": "MODEL", "data_type": "TYPE_STRING", "dims": [2]})
        return config

    def initialize(self, args: dict[str, str]) -> None:
        lifeline.hold()
        self._embedder = embedders.load(
            FOLDER, kind=args["model_instance_kind"], device_id=int(args["model_instance_device_id"])
        )
        self._label = np.array([self._embedder.name.encode(), self._embedder.version.encode()], np.object_)
        # The first real clip must not pay for compilation or for memory.
        self._embedder.embed(np.zeros((1, *self._embedder.geometry, 3), np.uint8))
        label = f"{self._embedder.name}:{self._embedder.version}"
        pb_utils.Logger.log_info(f"video_embedder runs {label} on {self._embedder.runtime}")

    def execute(self, requests: list[Any]) -> list[Any]:
        clips = [pb_utils.get_input_tensor_by_name(request, "FRAMES").as_numpy() for request in requests]
        wanted = [COMPUTED.intersection(request.requested_output_names()) for request in requests]
        computed = self._compute([frames for frames, names in zip(clips, wanted, strict=True) if names])
        responses, start = [], 0
        for frames, names in zip(clips, wanted, strict=True):
            tensors = [pb_utils.Tensor("MODEL", np.tile(self._label, (len(frames), 1)))]
            tensors += [pb_utils.Tensor(name, computed[name][start : start + len(frames)]) for name in sorted(names)]
            start += len(frames) if names else 0
            responses.append(pb_utils.InferenceResponse(tensors))
        return responses

    def _compute(self, batch: list[Any]) -> dict[str, Any]:
        if not batch:
            return {}
        embeddings, glimpses = self._embedder.embed(batch[0] if len(batch) == 1 else np.concatenate(batch))
        return {"EMBEDDING": embeddings, "GLIMPSES": glimpses}
