"""Alignment pairs what belongs together, and gaps leave out what does not."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from reelops.core.scoring.alignment import align

from tests.core.scoring import plain_formula


@pytest.mark.parametrize("seed", range(8))
def test_warping_equals_a_plain_one(seed: int) -> None:
    print("seed", seed)
    rng = np.random.default_rng(seed)
    gold, trainee = rng.normal(size=(rng.integers(1, 9), 4)), rng.normal(size=(rng.integers(1, 9), 4))
    g, t = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (gold, trainee))
    assert align(gold, trainee).path.tolist() == [list(p) for p in plain_formula.warping_path((g @ t.T).tolist())]


def test_ties_go_to_the_diagonal_then_up() -> None:
    same = np.eye(3)[[0, 0, 0, 0]]
    assert align(same, same[:2]).path.tolist() == [[0, 0], [1, 0], [2, 0], [3, 1]]


@pytest.mark.parametrize("seed", range(4))
def test_gapped_alignment_is_the_cheapest_of_all(seed: int) -> None:
    print("seed", seed)
    rng = np.random.default_rng(seed)
    gold, trainee = rng.normal(size=(4, 3)), rng.normal(size=(3, 3))
    g, t = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (gold, trainee))
    cost = 1 - g @ t.T
    cheapest = np.inf
    for chosen in product([None, 0, 1, 2], repeat=4):  # the trainee clip of each gold clip, rising
        used = [j for j in chosen if j is not None]
        if used == sorted(set(used)):
            paired = sum(cost[i, j] for i, j in enumerate(chosen) if j is not None)
            cheapest = min(cheapest, paired + 0.4 * (4 + 3 - 2 * len(used)))
    assert align(gold, trainee, gap_cost=0.4).cost == pytest.approx(cheapest)


def test_a_clip_without_a_partner_stands_beside_a_gap() -> None:
    rows = np.eye(5)
    path = align(rows, rows[[0, 1, 3, 4]], gap_cost=0.3).path.tolist()
    assert path == [[0, 0], [1, 1], [2, -1], [3, 2], [4, 3]]
