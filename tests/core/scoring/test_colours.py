"""What is told apart by the colours of what moves, and what is not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from reelops.core.scoring.colours import colours_of, tones_of, window_colours
from reelops.core.scoring.departures import measure_of, oddness, tinge

from tests.benchmarks.scoring.scoring import LAYOUT, features

Moving = NDArray[np.float32]

STEPS, LENGTH, COLOURS = 4, 10, 12
PARTS = [(LENGTH * step, LENGTH * (step + 1)) for step in range(STEPS)]
SKIN, SLEEVE, OTHER_SLEEVE = 8, 9, 10
ODD = 2


def work(seed: int, *, tools: dict[int, int] | None = None, sleeve: int = SLEEVE, pace: float = 1.0) -> Moving:
    """What moves in each window of a take: mostly the hand and its sleeve, and a small tool, each step's its own."""
    print("seed", seed)
    rng = np.random.default_rng(seed)
    moving = np.zeros((STEPS * LENGTH, COLOURS))
    for step, (start, end) in enumerate(PARTS):
        moving[start:end, SKIN] = 0.6
        moving[start:end, sleeve] += 0.3
        moving[start:end, (tools or {}).get(step, step)] += 0.1
    return (pace * moving * rng.uniform(0.8, 1.2, moving.shape)).astype(np.float32)


def away(gold: Moving, trainee: Moving) -> NDArray[np.float64]:
    """How far each step is from itself at most, over all colours."""
    colours = colours_of(gold, trainee, list(zip(PARTS, PARTS, strict=True)))
    return np.array([colours.departure(*part, colours.of_gold([part])).max() for part in PARTS])


@pytest.mark.parametrize("seed", range(5))
def test_another_tool_in_a_moving_hand_is_odd_though_all_else_is_the_same(seed: int) -> None:
    gold, trainee = work(seed), work(seed + 100, tools={ODD: 7})
    looks = np.repeat(np.random.default_rng(seed).normal(size=(STEPS, 30)) / 6, LENGTH, axis=0).astype(np.float32)
    colours, tones = (of(gold, trainee, list(zip(PARTS, PARTS, strict=True))) for of in (colours_of, tones_of))
    measure = measure_of(looks, looks, np.arange(STEPS + 1) * LENGTH, 3, colours, tones)
    far = [measure.departure(*PARTS[step], step)[0] for step in range(STEPS)]
    for judge in (oddness, tinge):
        odd = [judge(far[step], far[:step] + far[step + 1 :], measure.kinds) for step in range(STEPS)]
        others = [one for step, one in enumerate(odd) if step != ODD]
        assert odd[ODD] > 1.3 * max(others), (judge, odd)


@pytest.mark.parametrize("seed", range(5))
def test_another_sleeve_in_every_step_is_not_odd(seed: int) -> None:
    gold, trainee = work(seed), work(seed + 100, sleeve=OTHER_SLEEVE)
    assert away(gold, trainee).max() < 0.1
    with_tool = away(gold, work(seed + 100, sleeve=OTHER_SLEEVE, tools={ODD: 7}))
    assert with_tool[ODD] > 2 * np.delete(with_tool, ODD).max(), "and hides no other tool"


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("pace", [0.4, 2.5])
def test_moving_more_or_less_is_not_odd(seed: int, pace: float) -> None:
    assert away(work(seed), work(seed + 100, pace=pace)).max() < 0.1


@pytest.mark.parametrize("seed", range(5))
def test_where_nothing_moves_nothing_is_told_apart(seed: int) -> None:
    gold, trainee = work(seed), work(seed + 100)
    start, end = PARTS[ODD]
    for take in (gold, trainee):
        take[start:end] = 0.0
    trainee[start:end, 7] = 1e-6  # a flicker
    assert away(gold, trainee).max() < 0.1
    still = np.zeros_like(gold)
    assert away(still, still).max() == 0.0
    assert np.isfinite(window_colours(still)).all()


def test_a_still_window_looks_like_the_take_as_a_whole() -> None:
    moving = work(3)
    moving[12:18] = 0.0
    usual = window_colours(np.repeat(moving.mean(axis=0, keepdims=True), 3, axis=0))[0]
    np.testing.assert_allclose(window_colours(moving)[15], usual, atol=1e-5)


def scene(tool: tuple[int, int, int], light: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> NDArray[np.uint8]:
    """Gives a clip of a small square that moves over a bench with things on it, in some light."""
    frames, height, width = features.GEOMETRY
    bench = np.full((frames, height, width, 3), (120.0, 110.0, 100.0))
    bench[:, :40, :30] = (60.0, 90.0, 140.0)
    for frame, picture in enumerate(bench):
        place = 40 + 3 * frame
        picture[60:72, place : place + 12] = tool
    return np.clip(bench * light, 0, 255).astype(np.uint8)


def colours(clip: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What moves in each colour in a clip's windows, (windows, colours)."""
    windows: NDArray[np.float32] = features.embed(clip[None]).reshape(features.WINDOWS, features.WINDOW_DIM)
    return LAYOUT.moving(windows)


def palette(clip: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The share of the picture in each tone in a clip's windows, (windows, tones)."""
    windows: NDArray[np.float32] = features.embed(clip[None]).reshape(features.WINDOWS, features.WINDOW_DIM)
    return LAYOUT.palette(windows)


RED, BLUE = (170, 40, 40), (40, 60, 170)


def test_the_colours_of_a_clip_are_those_of_what_moves() -> None:
    red, blue = colours(scene(RED)), colours(scene(BLUE))
    assert red.sum() > 0
    assert np.abs(red - blue).sum() > 0.8 * (red.sum() + blue.sum()) / 2
    assert (colours(np.repeat(scene(RED)[:1], features.GEOMETRY[0], axis=0)) == 0).all(), "nothing moves"


@pytest.mark.parametrize("light", [(0.6, 0.6, 0.6), (1.3, 1.3, 1.3), (1.15, 1.0, 0.85)], ids=["dim", "bright", "warm"])
def test_light_changes_the_colours_of_what_moves_far_less_than_another_tool(light: tuple[float, float, float]) -> None:
    red = colours(scene(RED))
    apart = np.abs(red - colours(scene(BLUE))).sum()
    assert np.abs(red - colours(scene(RED, light))).sum() < 0.25 * apart


def test_a_palette_is_of_the_whole_picture_and_shows_a_tool_that_is_held_still() -> None:
    still = [np.repeat(scene(tool)[:1], features.GEOMETRY[0], axis=0) for tool in (RED, BLUE)]
    red, blue = (palette(clip) for clip in still)
    np.testing.assert_allclose(red.sum(axis=1), 1.0, atol=1e-5)
    size = 12 * 12 / (features.GEOMETRY[1] * features.GEOMETRY[2])
    assert np.abs(red - blue).sum(axis=1) == pytest.approx(2 * size, rel=0.5)


@pytest.mark.parametrize("light", [(0.6, 0.6, 0.6), (1.3, 1.3, 1.3), (1.15, 1.0, 0.85)], ids=["dim", "bright", "warm"])
def test_light_changes_what_a_palette_shows_beyond_the_usual_less_than_another_tool(
    light: tuple[float, float, float],
) -> None:
    bench = palette(scene((120, 110, 100)))
    red, blue, lit = (
        np.maximum(own - usual, 0.0)
        for own, usual in (
            (palette(scene(RED)), bench),
            (palette(scene(BLUE)), bench),
            (palette(scene(RED, light)), palette(scene((120, 110, 100), light))),
        )
    )
    assert np.abs(red - lit).sum() < 0.5 * np.abs(red - blue).sum()
