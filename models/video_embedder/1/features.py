"""Weight-free clip features: colour, gradients and motion on a grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NAME = "motion-appearance"
VERSION = "0"
GEOMETRY = (16, 128, 128)
GRID = 4
SEGMENTS = 2
ORIENTATIONS = 8
PER_CELL = 3 + 3 + ORIENTATIONS + ORIENTATIONS
DIM = SEGMENTS * GRID * GRID * PER_CELL


def embed(frames: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Gives float32 (N, DIM) for RGB clips uint8 (N, frames, height, width, 3)."""
    return np.stack([_clip(clip) for clip in frames])


def _clip(clip: NDArray[np.uint8]) -> NDArray[np.float32]:
    colour = clip.astype(np.float32) / 255
    grey = colour @ np.array([0.299, 0.587, 0.114], np.float32)
    motion = np.abs(np.diff(grey, axis=0, prepend=grey[:1]))
    down, across = np.gradient(grey, axis=(1, 2))
    strength = np.hypot(down, across)
    angle = ((np.arctan2(down, across) % np.pi) / np.pi * ORIENTATIONS).astype(np.int32) % ORIENTATIONS
    parts = [_cells(colour), np.sqrt(np.maximum(_cells(colour**2) - _cells(colour) ** 2, 0))]
    for weight in (strength, motion):
        bins = np.stack([np.where(angle == k, weight, 0) for k in range(ORIENTATIONS)], axis=-1)
        parts.append(_cells(bins))
    return np.concatenate(parts, axis=-1).astype(np.float32).ravel()


def _cells(values: NDArray[np.float32]) -> NDArray[np.float32]:
    frames, height, width, channels = values.shape
    shape = (SEGMENTS, frames // SEGMENTS, GRID, height // GRID, GRID, width // GRID, channels)
    return values.reshape(shape).mean(axis=(1, 3, 5))
