"""Nearest vectors: exact while there are few, a graph beyond."""

from reelops.infra.vectors.index import VectorIndex

__all__ = ["VectorIndex"]
