"""What can stand behind `video_embedder`: the built-in features, or an ONNX file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

ONNX_FILE = "REELOPS_EMBEDDER_ONNX"  # environment: a path; wins over model.onnx beside this file
BUILT_IN_FILE = "model.onnx"


class Embedder(Protocol):
    """Turns clips into embeddings and says which model that was."""

    name: str
    version: str
    dim: int
    geometry: tuple[int, int, int]

    def embed(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Gives (N, dim) for RGB clips (N, frames, height, width, 3)."""


class FeatureEmbedder:
    """The weight-free features."""

    def __init__(self) -> None:
        import features

        self.name, self.version, self.dim = features.NAME, features.VERSION, features.DIM
        frames, height, width = features.GEOMETRY
        self.geometry = (frames, height, width)
        self._features: Any = features

    def embed(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(self._features.embed(clips), np.float32)


def onnx_file(folder: Path) -> Path | None:
    """Gives the configured ONNX file, or None for the built-in features. Raises FileNotFoundError for a wrong path."""
    configured = os.environ.get(ONNX_FILE, "").strip()
    if configured:
        path = Path(configured)
        if not path.is_file():
            raise FileNotFoundError(f"{ONNX_FILE} names {configured}, which is not a file")
        return path
    beside = folder / BUILT_IN_FILE
    return beside if beside.is_file() else None


def load(folder: Path, *, kind: str = "CPU", device_id: int = 0) -> Embedder:
    """Loads the model for Triton's instance `kind` (CPU or GPU); `folder` is the model's version folder."""
    path = onnx_file(folder)
    if path is None:
        return FeatureEmbedder()
    from onnx_embedder import OnnxEmbedder

    return OnnxEmbedder(path, kind=kind, device_id=device_id)
