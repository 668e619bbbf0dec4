"""What can stand behind `video_embedder`: the built-in features, or an ONNX file."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

ONNX_FILE = "REELOPS_EMBEDDER_ONNX"  # environment: a path; wins over model.onnx beside this file
THREADS = "REELOPS_EMBEDDER_THREADS"  # environment: cores that one instance may use, 0 or absent for all
BUILT_IN_FILE = "model.onnx"

Floats = NDArray[np.float32]


class Embedder(Protocol):
    """Turns clips into embeddings and says which model that was."""

    name: str
    version: str
    dim: int
    geometry: tuple[int, int, int]
    glimpses: tuple[int, int, int] | None
    runtime: str

    def embed(self, clips: NDArray[np.uint8]) -> tuple[Floats, Floats | None]:
        """Gives (N, dim) for RGB clips (N, frames, height, width, 3), and what is seen at single frames.

        That is (N, *glimpses), or None for an embedder that has none.
        """


class FeatureEmbedder:
    """The weight-free features, the clips of a batch shared out over the cores."""

    def __init__(self) -> None:
        import features

        self.name, self.version, self.dim = features.NAME, features.VERSION, features.DIM
        frames, height, width = features.GEOMETRY
        self.geometry = (frames, height, width)
        seen, channels, cells = features.GLIMPSES
        self.glimpses = (seen, channels, cells)
        self.runtime = "numpy"
        self._features: Any = features
        self._threads = threads() or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self._threads, "embed")

    def embed(self, clips: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        parts = np.array_split(clips, min(self._threads, len(clips)))
        # A clip's embedding does not depend on its neighbours, and numpy lets go of the interpreter while it computes.
        embeddings, glimpses = zip(*self._pool.map(self._features.compute, parts), strict=True)
        return np.concatenate(embeddings), np.concatenate(glimpses)


def threads() -> int:
    """Gives how many cores one instance may use, 0 for all."""
    return int(os.environ.get(THREADS, "").strip() or 0)


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

    return OnnxEmbedder(path.resolve(), kind=kind, device_id=device_id, threads=threads())
