"""Nearest neighbours by cosine over vectors that come in order and are known by their place, their slot.

The newest vectors are a matrix that is scanned exactly. When the matrix has grown past a few megabytes, its rows go
into an HNSW graph (Malkov and Yashunin, 2016; usearch) of half-precision vectors, so that a search costs about the same
however many there are, and nothing is ever rebuilt because of an addition.
"""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from usearch.index import Index

EXACT_BYTES = 4 * 1024 * 1024
_CONNECTIVITY = 16
_EXPANSION_ADD = 128
# How many candidates a search keeps: fewer where each costs more to look at.
_EXPANSION_SEARCH = (112, 256)
_NUMBERS_LOOKED_AT = 128 * 1024
# Searches wait for at most this many additions.
_CHUNK = 64

Floats = NDArray[np.float32]
Slots = NDArray[np.int64]


class VectorIndex:
    """Vectors of length 1 and `dim` numbers, in slots counted from 0. Nothing is ever taken out.

    Searches may run in several threads and beside one `add`; a second `add`, or a `save` beside it, may not. All of it
    blocks.
    """

    def __init__(self, dim: int, *, exact_limit: int | None = None, threads: int = 0) -> None:
        self.dim = dim
        # Vectors that are scanned before they go into the graph.
        self.exact_limit = exact_limit if exact_limit is not None else max(64, EXACT_BYTES // (4 * dim))
        self._threads = threads
        self._graph = _make_graph(dim)
        # usearch lets one Python thread at a time work with an index.
        self._lock = threading.Lock()
        # Replaced as a whole, so that a search sees either state: the slot of the first row, and the rows.
        self._tail: tuple[int, Floats] = (0, np.empty((0, dim), dtype=np.float32))

    def __len__(self) -> int:
        first, rows = self._tail
        return first + len(rows)

    @property
    def in_graph(self) -> int:
        """How many slots, from the first, are in the graph; those are what `save` writes."""
        return self._tail[0]

    @property
    def nbytes(self) -> int:
        """Memory that it takes, about."""
        return int(self._graph.memory_usage) + self._tail[1].nbytes

    @property
    def is_idle(self) -> bool:
        """Says whether a search need not wait for an addition."""
        return not self._lock.locked() and len(self._tail[1]) <= self.exact_limit

    def add(self, vectors: Floats) -> int:
        """Adds rows of length 1, (n, dim), and returns the slot of the first."""
        first, rows = self._tail
        slot = first + len(rows)
        self._tail = (first, np.concatenate((rows, np.asarray(vectors, dtype=np.float32))))
        if len(self._tail[1]) > self.exact_limit:
            self._fold()
        return slot

    def vector(self, slot: int) -> Floats:
        """Returns the vector in a slot: (dim,), rounded to half precision where it is in the graph."""
        first, rows = self._tail
        if slot >= first:
            return np.asarray(rows[slot - first])
        with self._lock:
            return np.asarray(self._graph.get(slot, "f32"), dtype=np.float32).reshape(self.dim)

    def search(self, query: Floats, k: int) -> tuple[Slots, Floats]:
        """Returns at most `k` slots and their similarities (-1 to 1) to a vector of length 1, best first."""
        first, rows = self._tail
        found: dict[int, float] = {}
        if first:
            with self._lock:
                matches = self._graph.search(query, k)
            found = dict(zip(matches.keys.tolist(), (1.0 - matches.distances).tolist(), strict=True))
        if len(rows):
            # Not `@`: its threads are waited for, which on a busy machine takes a hundred times as long as the scan.
            similarities = np.vecdot(rows, query)
            best = _largest(similarities, k)
            found |= dict(zip((best + first).tolist(), similarities[best].tolist(), strict=True))
        ranked = sorted(found.items(), key=_by_similarity)[:k]
        slots = np.array([slot for slot, _ in ranked], dtype=np.int64)
        return slots, np.clip(np.array([value for _, value in ranked], dtype=np.float32), -1.0, 1.0)

    def save(self, path: Path) -> None:
        """Writes the graph."""
        self._graph.save(str(path))

    @classmethod
    def load(cls, path: Path, *, dim: int, exact_limit: int | None = None, threads: int = 0) -> VectorIndex:
        """Reads a graph that was saved. Raises `ValueError` for a damaged file or one of another `dim`."""
        index = cls(dim, exact_limit=exact_limit, threads=threads)
        try:
            index._graph.load(str(path))
        except Exception as error:  # usearch raises whatever its file format makes it stumble over
            raise ValueError(f"the graph cannot be read: {error}") from error
        if index._graph.ndim != dim:
            raise ValueError(f"the graph has vectors of {index._graph.ndim} numbers")
        index._tail = (len(index._graph), index._tail[1])
        return index

    def _fold(self) -> None:
        first, rows = self._tail
        for start in range(0, len(rows), _CHUNK):
            chunk = rows[start : start + _CHUNK]
            keys = np.arange(first + start, first + start + len(chunk), dtype=np.uint64)
            with self._lock:
                self._graph.add(keys, chunk, threads=self._threads)
        self._tail = (first + len(rows), np.empty((0, self.dim), dtype=np.float32))


def _make_graph(dim: int) -> Index:
    least, most = _EXPANSION_SEARCH
    return Index(
        ndim=dim,
        metric="cos",
        dtype="f16",
        connectivity=_CONNECTIVITY,
        expansion_add=_EXPANSION_ADD,
        expansion_search=max(least, min(most, _NUMBERS_LOOKED_AT // dim)),
    )


def _largest(values: Floats, k: int) -> Slots:
    if len(values) <= k:
        return np.arange(len(values))
    return np.asarray(np.argpartition(-values, k - 1)[:k])


def _by_similarity(item: tuple[int, float]) -> tuple[float, int]:
    return -item[1], item[0]
