"""`sequence_aligner` in a real Triton against the textbook."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest
from numpy.typing import NDArray
from reelops import errors
from reelops.infra.inference import Alignment, InferenceClient

from tests.models import reference
from tests.triton_fixture import RunningTriton

pytestmark = pytest.mark.triton

SIZES = [(1, 1), (1, 7), (9, 1), (2, 2), (5, 40), (33, 17), (60, 60), (4, 200)]
GAP_COSTS = [0.0, 0.1, 0.35, 0.8, 3.0, 50.0]
# Costs are whole multiples of 2**-20 inside the model; a path of L pairs may be dearer than the best by L of those.
STEP = 2.0**-20
ROUNDING = 3e-6


@pytest.fixture
async def inference(triton: RunningTriton) -> AsyncIterator[InferenceClient]:
    async with InferenceClient.connect(triton.address) as client:
        yield client


def sequences(seed: int, m: int, n: int, dim: int = 48) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Gives two noisy walks through the same few directions, of unequal lengths."""
    print(f"seed {seed}")
    random = np.random.default_rng(seed)
    themes = random.standard_normal((6, dim))
    sides = []
    for count in (m, n):
        which = np.linspace(0, 5.999, count).astype(int)
        scale = random.uniform(0.1, 9, (count, 1))
        sides.append(((themes[which] + 0.6 * random.standard_normal((count, dim))) * scale).astype(np.float32))
    return sides[0], sides[1]


def one_hot(symbols: str) -> NDArray[np.float32]:
    return np.eye(26, dtype=np.float32)[[ord(letter) - ord("a") for letter in symbols]]


def pairs(alignment: Alignment) -> list[tuple[int, int]]:
    return [(int(i), int(j)) for i, j in alignment.path]


@pytest.mark.parametrize(("m", "n"), SIZES)
async def test_warping_costs_what_the_textbook_says(inference: InferenceClient, m: int, n: int) -> None:
    gold, trainee = sequences(1000 * m + n, m, n)
    similarity = reference.cosine(gold, trainee)
    alignment = await inference.align(gold, trainee)
    steps = np.diff(alignment.path, axis=0)
    assert pairs(alignment)[0] == (0, 0)
    assert pairs(alignment)[-1] == (m - 1, n - 1)
    assert {tuple(step) for step in steps.tolist()} <= {(1, 1), (1, 0), (0, 1)}
    along = similarity[alignment.path[:, 0], alignment.path[:, 1]]
    np.testing.assert_allclose(alignment.path_similarity, along, atol=ROUNDING)
    length = len(alignment.path)
    assert alignment.cost == pytest.approx((1 - along).sum(), abs=length * ROUNDING)
    assert alignment.cost == pytest.approx(reference.warp(similarity).cost, abs=length * (STEP + ROUNDING))


@pytest.mark.parametrize("gap", GAP_COSTS)
@pytest.mark.parametrize(("m", "n"), SIZES)
async def test_gaps_cost_what_the_textbook_says(inference: InferenceClient, m: int, n: int, gap: float) -> None:
    gold, trainee = sequences(2000 * m + n, m, n)
    similarity = reference.cosine(gold, trainee)
    alignment = await inference.align(gold, trainee, gap_cost=gap)
    paired = (alignment.path != reference.GAP).all(axis=1)
    for side, count in ((0, m), (1, n)):
        clips = alignment.path[alignment.path[:, side] != reference.GAP, side]
        assert clips.tolist() == list(range(count)), "every clip is there once, in order"
    assert not alignment.path_similarity[~paired].any()
    chosen = alignment.path[paired]
    cost = (1 - similarity[chosen[:, 0], chosen[:, 1]]).sum() + gap * (~paired).sum()
    tolerance = len(alignment.path) * (STEP + ROUNDING)
    assert alignment.cost == pytest.approx(cost, abs=tolerance)
    assert alignment.cost == pytest.approx(reference.with_gaps(similarity, gap).cost, abs=tolerance, rel=1e-6)


@pytest.mark.parametrize("seed", range(12))
async def test_ties_take_the_diagonal_then_advance_gold(inference: InferenceClient, seed: int) -> None:
    print(f"seed {seed}")
    random = np.random.default_rng(seed)
    gold, trainee = ("".join(random.choice(list("abc"), size=random.integers(1, 30))) for _ in range(2))
    similarity = reference.cosine(one_hot(gold), one_hot(trainee))
    assert pairs(await inference.align(one_hot(gold), one_hot(trainee))) == reference.warp(similarity).path
    gapped = await inference.align(one_hot(gold), one_hot(trainee), gap_cost=0.25)
    assert pairs(gapped) == reference.with_gaps(similarity, 0.25).path


async def test_a_video_without_movement_is_aligned_with_itself_along_the_diagonal(inference: InferenceClient) -> None:
    clip = np.random.default_rng(5).standard_normal((1, 768)).astype(np.float32)
    still = np.repeat(clip, 301, axis=0)
    alignment = await inference.align(still, still)
    assert pairs(alignment) == [(i, i) for i in range(301)]
    assert alignment.cost == pytest.approx(0, abs=1e-3)


async def test_best_matches_and_preview_summarise_the_matrix(inference: InferenceClient) -> None:
    gold, trainee = sequences(77, 431, 205)
    similarity = reference.cosine(gold, trainee)
    alignment = await inference.align(gold, trainee)
    for best, value, matrix in (
        (alignment.gold_best, alignment.gold_best_similarity, similarity),
        (alignment.trainee_best, alignment.trainee_best_similarity, similarity.T),
    ):
        np.testing.assert_allclose(value, matrix.max(axis=1), atol=ROUNDING)
        np.testing.assert_allclose(matrix[np.arange(len(matrix)), best], matrix.max(axis=1), atol=ROUNDING)
    assert alignment.preview.shape == (192, 192)
    np.testing.assert_allclose(alignment.preview, reference.block_mean(similarity, 192), atol=1e-5)


async def test_the_preview_of_a_small_pair_is_the_matrix(inference: InferenceClient) -> None:
    gold, trainee = sequences(78, 7, 12)
    alignment = await inference.align(gold, trainee)
    np.testing.assert_allclose(alignment.preview, reference.cosine(gold, trainee), atol=1e-5)


async def test_length_does_not_matter_even_where_squares_overflow(inference: InferenceClient) -> None:
    gold, trainee = sequences(79, 20, 20)
    plain = await inference.align(gold, trainee)
    huge = await inference.align(gold * np.float32(1e30), trainee * np.float32(1e-12))
    assert pairs(huge) == pairs(plain)


async def test_a_clip_of_zeros_is_like_nothing(inference: InferenceClient) -> None:
    gold, trainee = sequences(80, 3, 3)
    gold[1] = 0
    alignment = await inference.align(gold, trainee)
    assert alignment.gold_best_similarity[1] == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
async def test_values_that_are_not_numbers_are_refused(inference: InferenceClient, value: float) -> None:
    gold, trainee = sequences(81, 4, 4)
    trainee[2, 3] = value
    with pytest.raises(errors.Invalid, match="TRAINEE holds a value that is NaN or infinite"):
        await inference.align(gold, trainee)


async def test_unequal_dimensions_are_refused(inference: InferenceClient) -> None:
    with pytest.raises(errors.Invalid, match="GOLD has 8 dimensions and TRAINEE has 9"):
        await inference.align(np.ones((3, 8), np.float32), np.ones((3, 9), np.float32))


async def test_an_empty_side_is_refused(inference: InferenceClient) -> None:
    with pytest.raises(errors.Invalid, match="empty"):
        await inference.align(np.ones((0, 8), np.float32), np.ones((3, 8), np.float32))


async def test_more_pairs_than_the_model_allows_are_refused(inference: InferenceClient) -> None:
    with pytest.raises(errors.Invalid, match="more than 16000000 pairs"):
        await inference.align(np.ones((4001, 2), np.float32), np.ones((4000, 2), np.float32))
