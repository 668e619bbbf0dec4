"""The vector index against a plain scan of all vectors."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from reelops.infra.vectors import VectorIndex

DIM = 48
SEED = 7


def vectors(count: int, seed: int = SEED) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(1).standard_normal((40, DIM))
    rows = centres[rng.integers(0, 40, count)] + 0.6 * rng.standard_normal((count, DIM))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def recall(index: VectorIndex, rows: NDArray[np.float32], queries: NDArray[np.float32], k: int = 10) -> float:
    hits = 0
    for query in queries:
        slots, _ = index.search(query, k)
        hits += len(set(slots.tolist()) & set(np.argsort(-(rows @ query), kind="stable")[:k].tolist()))
    return hits / (k * len(queries))


@pytest.mark.parametrize("batches", [[300], [100, 1, 0, 199]])
def test_few_vectors_are_searched_exactly(batches: list[int]) -> None:
    rows, index = vectors(300), VectorIndex(DIM, exact_limit=1000)
    for batch in np.split(rows, np.cumsum(batches)[:-1]):
        index.add(batch)
    assert (len(index), index.in_graph) == (300, 0)
    assert recall(index, rows, vectors(20, seed=2)) == 1.0
    slots, similarities = index.search(rows[17], 5)
    assert slots[0] == 17
    assert similarities[0] == pytest.approx(1.0, abs=1e-6)
    assert list(similarities) == sorted(similarities, reverse=True)


def test_many_vectors_are_found_with_little_loss() -> None:
    rows, index = vectors(6000), VectorIndex(DIM, exact_limit=500)
    for start in range(0, 6000, 400):
        assert index.add(rows[start : start + 400]) == start
    assert index.in_graph > 5000
    assert len(index) > index.in_graph
    assert recall(index, rows, vectors(50, seed=3)) > 0.98
    for slot in (0, 3000, 5999):
        np.testing.assert_allclose(index.vector(slot), rows[slot], atol=2e-3)
        assert index.search(rows[slot], 1)[0][0] == slot


def test_a_search_beside_an_addition_misses_nothing_that_was_there() -> None:
    rows, index = vectors(4000), VectorIndex(DIM, exact_limit=200)
    index.add(rows[:1000])
    with ThreadPoolExecutor(3) as threads:
        adding = threads.submit(lambda: [index.add(rows[start : start + 100]) for start in range(1000, 4000, 100)])
        while not adding.done():
            found = threads.map(lambda slot: index.search(rows[slot], 1)[0][0], range(0, 1000, 97))
            assert list(found) == list(range(0, 1000, 97))
        adding.result()
    assert len(index) == 4000


def test_a_saved_graph_comes_back_and_goes_on_growing(tmp_path: Path) -> None:
    rows, index = vectors(1500), VectorIndex(DIM, exact_limit=100)
    index.add(rows[:1000])
    index.add(rows[1000:1050])
    index.save(tmp_path / "graph")
    loaded = VectorIndex.load(tmp_path / "graph", dim=DIM, exact_limit=100)
    assert len(loaded) == loaded.in_graph == 1000
    assert loaded.add(rows[1000:]) == 1000
    assert recall(loaded, rows, vectors(20, seed=4)) > 0.97


@pytest.mark.parametrize("damage", [b"", b"nonsense" * 100])
def test_a_damaged_graph_is_refused(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "graph").write_bytes(damage)
    with pytest.raises(ValueError, match="cannot be read"):
        VectorIndex.load(tmp_path / "graph", dim=DIM)


def test_a_truncated_graph_or_one_of_another_length_is_refused(tmp_path: Path) -> None:
    index = VectorIndex(DIM, exact_limit=10)
    index.add(vectors(500))
    path = tmp_path / "graph"
    index.save(path)
    with pytest.raises(ValueError, match="graph"):
        VectorIndex.load(path, dim=DIM + 1)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(ValueError, match="cannot be read"):
        VectorIndex.load(path, dim=DIM)


def test_an_empty_index_finds_nothing() -> None:
    slots, similarities = VectorIndex(DIM).search(vectors(1)[0], 5)
    assert (len(slots), len(similarities)) == (0, 0)
