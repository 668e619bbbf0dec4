"""A V-JEPA2-class video encoder from an ONNX file, described by the file's own metadata."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

# Where each layout puts the axes of (clip, frame, row, column, channel).
LAYOUTS = {"NTHWC": (0, 1, 2, 3, 4), "NTCHW": (0, 1, 4, 2, 3), "NCTHW": (0, 4, 1, 2, 3)}
ELEMENT_TYPES: dict[str, type[np.generic]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(uint8)": np.uint8,
}
GPU_PROVIDERS = ("CUDAExecutionProvider", "ROCMExecutionProvider")


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """What the encoder wants done to RGB bytes: (value × scale − mean) / std per channel, then its layout."""

    layout: str
    scale: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    element_type: type[np.generic]

    def apply(self, clips: NDArray[np.uint8]) -> NDArray[Any]:
        turned = clips.transpose(LAYOUTS[self.layout])
        if self.element_type is np.uint8:
            return np.ascontiguousarray(turned)
        # One multiplication and one addition per value, in the order that the encoder reads them.
        gain = np.float32(self.scale) / np.array(self.std, np.float32)
        shift = -np.array(self.mean, np.float32) / np.array(self.std, np.float32)
        channels = [3 if axis == 4 else 1 for axis in LAYOUTS[self.layout]]
        values = np.multiply(turned, gain.reshape(channels), dtype=np.float32, order="C")
        values += shift.reshape(channels)
        prepared: NDArray[Any] = values.astype(self.element_type, copy=False)
        return prepared


class OnnxEmbedder:
    """Runs the encoder; see models/README.md for the metadata that the file may carry."""

    def __init__(self, path: Path, *, kind: str = "CPU", device_id: int = 0, threads: int = 0) -> None:
        self._session = _session(path, providers(kind, device_id, onnxruntime.get_available_providers()), threads)
        self.runtime = ", ".join(self._session.get_providers())
        self._input = self._session.get_inputs()[0]
        metadata = dict(self._session.get_modelmeta().custom_metadata_map)
        self.name = metadata.get("name") or path.stem
        # Without a stated version the content speaks: two different files never share a label.
        self.version = metadata.get("version") or _digest(path)
        self._preprocessing = _preprocessing(metadata, self._input)
        self.geometry = _geometry(metadata, self._preprocessing.layout, self._input.shape)
        self._fixed_batch = self._input.shape[0] if isinstance(self._input.shape[0], int) else None
        outputs = [output.name for output in self._session.get_outputs()]
        self._output = metadata.get("output") or outputs[0]
        if self._output not in outputs:
            raise ValueError(f"{path.name} has no output {self._output}: it has {', '.join(outputs)}")
        self.dim = self._find_dim()
        self.glimpses = None

    def embed(self, clips: NDArray[np.uint8]) -> tuple[NDArray[np.float32], None]:
        """Gives (N, dim), and no glimpses. An encoder that gives a vector per token gets the mean of its tokens."""
        return self._rows(clips), None

    def _rows(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        if self._fixed_batch is None:
            return self._run(clips)
        step = self._fixed_batch
        parts = [self._run_padded(clips[start : start + step], step) for start in range(0, len(clips), step)]
        return np.concatenate(parts)

    def _run_padded(self, clips: NDArray[np.uint8], size: int) -> NDArray[np.float32]:
        missing = size - len(clips)
        full = np.concatenate([clips, np.repeat(clips[-1:], missing, axis=0)]) if missing else clips
        return self._run(full)[: len(clips)]

    def _run(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        tensor = self._preprocessing.apply(clips)
        (out,) = self._session.run([self._output], {self._input.name: tensor})
        values = np.asarray(out, np.float32)
        if values.ndim > 2:
            values = values.reshape(len(values), -1, values.shape[-1]).mean(axis=1)
        return np.ascontiguousarray(values)

    def _find_dim(self) -> int:
        declared = next(o.shape for o in self._session.get_outputs() if o.name == self._output)
        if declared and isinstance(declared[-1], int):
            return declared[-1]
        return int(self._rows(np.zeros((1, *self.geometry, 3), np.uint8)).shape[-1])


def providers(kind: str, device_id: int, available: list[str]) -> list[Any]:
    """Orders the execution providers for an instance: the accelerator that is there first, the CPU always last."""
    chosen: list[Any] = []
    if kind == "GPU":
        chosen += [(name, {"device_id": device_id}) for name in GPU_PROVIDERS if name in available]
    return [*chosen, "CPUExecutionProvider"]


def _session(path: Path, chosen: list[Any], threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Spinning threads would take the cores that the aligner and the video decoders need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=chosen)


def _preprocessing(metadata: dict[str, str], tensor: Any) -> Preprocessing:
    layout = metadata.get("layout", "NTCHW").upper()
    if layout not in LAYOUTS:
        raise ValueError(f"layout {layout} is none of {', '.join(LAYOUTS)}")
    if tensor.type not in ELEMENT_TYPES:
        raise ValueError(f"the encoder's input is {tensor.type}, not float, float16 or uint8")
    return Preprocessing(
        layout=layout,
        scale=float(metadata.get("scale", 1 / 255)),
        mean=_triple(metadata.get("mean", "0,0,0")),
        std=_triple(metadata.get("std", "1,1,1")),
        element_type=ELEMENT_TYPES[tensor.type],
    )


def _triple(text: str) -> tuple[float, float, float]:
    values = [float(part) for part in text.split(",")]
    if len(values) != 3:
        raise ValueError(f"{text!r} is not one number for each of red, green and blue")
    return (values[0], values[1], values[2])


def _geometry(metadata: dict[str, str], layout: str, shape: list[Any]) -> tuple[int, int, int]:
    """Takes frames, height and width from the graph where it fixes them, else from the metadata."""
    if len(shape) != 5:
        raise ValueError(f"the encoder's input has {len(shape)} axes, not 5 ({layout})")
    sizes = []
    for axis, key in ((1, "frames"), (2, "height"), (3, "width")):
        fixed = shape[LAYOUTS[layout].index(axis)]
        if not isinstance(fixed, int) and key not in metadata:
            raise ValueError(f"neither the graph nor the metadata gives {key}")
        sizes.append(fixed if isinstance(fixed, int) else int(metadata[key]))
    return (sizes[0], sizes[1], sizes[2])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return "sha256-" + hashlib.file_digest(file, "sha256").hexdigest()[:16]
