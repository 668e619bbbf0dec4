"""Small ONNX video encoders, made here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

CHANNELS = 3


def weights(dim: int, seed: int) -> NDArray[np.float32]:
    """Gives the projection (3, dim) that the encoder of this seed uses."""
    return np.random.default_rng(seed).standard_normal((CHANNELS, dim)).astype(np.float32)


def write_token_encoder(path: Path, *, dim: int, seed: int, metadata: Mapping[str, str]) -> None:
    """Writes an encoder for (N, channel, frame, row, column) floats that gives a vector per frame: (N, frames, dim).

    Like V-JEPA 2 it has no fixed geometry; a token is the mean colour of its frame, through the weights.
    """
    nodes = [
        helper.make_node("ReduceMean", ["pixels"], ["colour"], axes=[3, 4], keepdims=0),
        helper.make_node("Transpose", ["colour"], ["tokens"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["tokens", "weights"], ["last_hidden_state"]),
    ]
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", CHANNELS, "T", "H", "W"])
    hidden = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["N", "T", dim])
    _save(path, nodes, pixels, hidden, weights(dim, seed), metadata)


def write_fixed_encoder(path: Path, *, geometry: tuple[int, int, int], batch: int, dim: int, seed: int) -> None:
    """Writes an encoder for exactly `batch` clips of bytes (frame, row, column, channel), with no metadata at all."""
    nodes = [
        helper.make_node("Cast", ["frames"], ["values"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["values"], ["colour"], axes=[1, 3, 4], keepdims=0),
        helper.make_node("MatMul", ["colour", "weights"], ["embedding"]),
    ]
    shape = [batch, geometry[0], CHANNELS, geometry[1], geometry[2]]
    frames = helper.make_tensor_value_info("frames", TensorProto.UINT8, shape)
    embedding = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [batch, dim])
    _save(path, nodes, frames, embedding, weights(dim, seed), {})


def _save(
    path: Path,
    nodes: list[onnx.NodeProto],
    given: onnx.ValueInfoProto,
    made: onnx.ValueInfoProto,
    projection: NDArray[np.float32],
    metadata: Mapping[str, str],
) -> None:
    held = [numpy_helper.from_array(projection, "weights")]
    graph = helper.make_graph(nodes, "encoder", [given], [made], initializer=held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, dict(metadata))
    onnx.save(model, path)
