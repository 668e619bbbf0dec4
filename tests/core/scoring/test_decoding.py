"""The parts of reading a take, each against a plain way to do the same."""

from __future__ import annotations

from itertools import groupby, pairwise, product

import numpy as np
import pytest
from reelops.core.scoring.colours import colours_of
from reelops.core.scoring.decoding import decode
from reelops.core.scoring.departures import measure_of, oddness
from reelops.core.scoring.ordering import displaced, exchanged
from reelops.core.scoring.registration import movement, register
from reelops.core.scoring.segmentation import find_steps
from reelops.core.scoring.viterbi import MIN_UNKNOWN_WINDOWS, UNKNOWN, viterbi
from reelops.core.scoring.windows import Layout, layout_of, real_windows, split, window_times

from tests.benchmarks.scoring.scoring import features


def cheapest(costs: np.ndarray, unknown: float, jump: float, shortest: list[int]) -> float:
    """The cost of the best of all state sequences, each tried."""
    n, steps = costs.shape
    least = [*shortest, MIN_UNKNOWN_WINDOWS]
    best = np.inf
    for path in product(range(steps + 1), repeat=n):
        runs = [(state, len(list(run))) for state, run in groupby(path)]
        if any(length < min(least[state], n) for state, length in runs):
            continue
        total = sum(unknown if state == steps else float(costs[i, state]) for i, state in enumerate(path))
        total += 0.0 if path[0] == 0 else jump / 2
        total += 0.0 if path[-1] == steps - 1 else jump / 2
        for (a, _), (b, _) in pairwise(runs):
            total += jump / 2 if steps in (a, b) else 0.0 if b == a + 1 else jump
        best = min(best, total)
    return best


@pytest.mark.parametrize("seed", range(6))
def test_the_reading_is_the_cheapest_of_all(seed: int) -> None:
    print("seed", seed)
    rng = np.random.default_rng(seed)
    costs = rng.random((9, 2)).astype(np.float32)
    states, starts, ends = viterbi(costs, 0.45, 0.3, np.array([2, 3]))
    total = 0.0
    for state, start, end in zip(states, starts, ends, strict=True):
        total += 0.45 * (end - start) if state == UNKNOWN else float(costs[start:end, state].sum())
    total += (states[0] != 0) * 0.15 + (states[-1] != 1) * 0.15
    for a, b in pairwise(states):
        total += 0.15 if UNKNOWN in (a, b) else 0.0 if b == a + 1 else 0.3
    assert total == pytest.approx(cheapest(costs, 0.45, 0.3, [2, 3]), abs=1e-5)


def test_a_take_in_another_order_reads_in_that_order() -> None:
    rng = np.random.default_rng(2)
    steps = rng.normal(size=(4, 30))
    noise = 0.05 * rng.normal(size=(2, 24, 30))
    gold = (np.repeat(steps, 6, axis=0) + noise[0]).astype(np.float32)
    trainee = (np.repeat(steps[[0, 2, 1, 3]], 6, axis=0) + noise[1]).astype(np.float32)
    reading = decode(gold, trainee, np.array([0, 6, 12, 18, 24]))
    assert reading.states.tolist() == [0, 2, 1, 3]
    assert reading.starts.tolist() == [0, 6, 12, 18]


def test_the_fewest_steps_are_said_to_have_moved() -> None:
    even = dict.fromkeys(range(5), 1)
    assert displaced([0, 1, 4, 2, 3], even) == [4]
    assert displaced([0, 1, 2, 3, 4], even) == []


def test_steps_that_stand_in_each_others_place_were_exchanged_however_far_apart() -> None:
    assert exchanged([0, 3, 2, 1, 4]) == {1: 3}
    assert exchanged([1, 0, 2, 5, 4, 3]) == {0: 1, 3: 5}
    assert exchanged([0, 2, 5, 4]) == {4: 5}, "steps that are missing have no place"
    assert exchanged([1, 2, 0]) == {}


def test_another_tool_is_odd_though_it_shows_in_one_channel_alone() -> None:
    rng = np.random.default_rng(4)
    print("seed", 4)
    work = rng.normal(size=(4, 60)) / 8
    gold, trainee = (np.repeat(work, 8, axis=0) + 0.02 * rng.normal(size=(32, 60)) for _ in range(2))
    trainee[8:16, :20] += rng.normal(size=20) / 8
    still = np.zeros((32, 0), dtype=np.float32)
    colours = colours_of(still, still, [])
    measure = measure_of(gold.astype(np.float32), trainee.astype(np.float32), np.arange(0, 40, 8), 3, colours, colours)
    own = [measure.departure(8 * step, 8 * step + 8, step)[0] for step in range(4)]
    assert own[1].shape == (3,)
    odd = [oddness(own[step], own[:step] + own[step + 1 :], measure.kinds) for step in range(4)]
    assert odd[1] > 1.5 * max(odd[0], *odd[2:])


def test_steps_are_found_where_the_work_changes_not_where_the_hand_swings() -> None:
    rng = np.random.default_rng(3)
    print("seed", 3)
    places = np.repeat(rng.normal(size=(4, 40)) * 2, [7, 9, 6, 8], axis=0)
    swing = np.sin(np.arange(30) * 2.1)[:, None] * rng.normal(size=40)
    windows = (places + swing + 0.1 * rng.normal(size=places.shape)).astype(np.float32)
    assert find_steps(windows).tolist() == [0, 7, 16, 22, 30]


def test_static_footage_is_one_step() -> None:
    assert find_steps(np.ones((40, 10), dtype=np.float32)).tolist() == [0, 40]


def test_a_shifted_picture_is_laid_back() -> None:
    rng = np.random.default_rng(6)
    rows, columns = np.mgrid[:6, :8]
    blobs = [
        np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 3.0).ravel() for y, x in rng.uniform(1.5, 4.5, size=(12, 2))
    ]
    gold = np.stack(blobs).reshape(4, 3, 48)
    moved = gold @ movement(np.array([0.4, -0.3, 0.0, 0.0]), (6, 8)).T
    back = moved @ register(gold, moved, (6, 8)).T
    assert np.sum((back - gold) ** 2) < 0.2 * np.sum((moved - gold) ** 2)


def test_windows_have_the_times_of_their_clips() -> None:
    times = window_times([(0.0, 4.0), (4.0, 8.0), (8.0, 10.5)], 4)
    assert times[0].tolist() == [0.0, 1.0]
    assert times[7].tolist() == [7.0, 8.0]
    assert times[10].tolist() == [10.0, 10.5]
    assert real_windows([(0.0, 4.0), (4.0, 8.0), (8.0, 10.5)], 4) == 11


def test_the_layout_is_that_of_the_embedder() -> None:
    layout = layout_of(f"{features.NAME}:{features.VERSION}")
    assert (layout.windows, layout.grid, layout.channels) == (features.WINDOWS, features.GRID, len(features.CHANNELS))
    windows = split(np.zeros((3, features.DIM)), layout.windows)
    assert windows.shape == (12, features.WINDOW_DIM)
    assert layout.maps(windows).shape == (12, len(features.CHANNELS) * features.GRID[0] * features.GRID[1])
    assert layout.moving(windows).shape == (12, features.COLOURS)
    assert layout.palette(windows).shape == (12, features.PALETTE)


def test_videos_of_an_earlier_version_keep_their_layout_and_unknown_ones_are_flat() -> None:
    earlier = layout_of("motion-appearance:1")
    assert (earlier.windows, earlier.channels, earlier.grid, earlier.colours) == (4, 7, (6, 8), 0)
    windows = split(np.zeros((3, 1344)), earlier.windows)
    assert layout_of("vjepa2:vit_large") == layout_of("motion-appearance:none yet") == Layout()
    assert (earlier.maps(windows).shape, earlier.moving(windows).shape) == ((12, 336), (12, 0))
    before = layout_of("motion-appearance:2")
    windows = split(np.zeros((3, 1836)), before.windows)
    parts = before.maps(windows), before.moving(windows), before.palette(windows)
    assert [part.shape for part in parts] == [(12, 432), (12, 27), (12, 0)]


def test_the_embedding_does_not_see_light() -> None:
    rng = np.random.default_rng(7)
    scene = rng.uniform(60, 140, size=(2, *features.GEOMETRY, 3))
    scene = np.repeat(np.repeat(scene[:, :, ::8, ::8], 8, axis=2), 8, axis=3)
    plain = features.embed(scene.astype(np.uint8))
    brighter = features.embed((scene * 1.6).astype(np.uint8))
    tinted = features.embed((scene * (1.15, 1.0, 0.87)).astype(np.uint8))
    own = np.abs(plain[0] - plain[1]).mean()
    assert np.abs(brighter - plain).mean() < 0.1 * own
    assert np.abs(tinted - plain).mean() < 0.1 * own


def test_a_clip_embeds_alike_in_any_batch_and_wrong_shapes_are_refused() -> None:
    frames = np.random.default_rng(8).integers(0, 256, (3, *features.GEOMETRY, 3), dtype=np.uint8)
    assert np.array_equal(features.embed(frames)[2:], features.embed(frames[2:]))
    assert features.embed(frames).shape == (3, features.DIM)
    with pytest.raises(ValueError, match="frames must be uint8"):
        features.embed(frames[:, :, :48])
