"""`step_decoder` in a real Triton against the same reading as a plain call."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import reelops
from numpy.typing import NDArray
from reelops import errors
from reelops.core.scoring.decoding import Decoding
from reelops.core.scoring.profiles import decoding_of, kinds_of
from reelops.core.scoring.reading import Scope, read_takes
from reelops.core.scoring.windows import Layout
from reelops.infra.inference import InferenceClient, Takes
from reelops.infra.inference.repository import shared_code

from tests.benchmarks.scoring.procedures import procedure
from tests.benchmarks.scoring.rendering import clips
from tests.benchmarks.scoring.scoring import LAYOUT, embedded, features
from tests.benchmarks.scoring.takes import cases, gold_case
from tests.triton_fixture import MODELS, RunningTriton, triton_venv

pytestmark = pytest.mark.triton

SMALL = Layout(windows=2, channels=3, grid=(4, 6))
COLOURED = replace(SMALL, colours=5)
TONED = replace(COLOURED, tones=7)
FLAT = Layout()
FLAT_COLOURED = Layout(windows=2, colours=5)


@pytest.fixture
async def inference(triton: RunningTriton) -> AsyncIterator[InferenceClient]:
    async with InferenceClient.connect(triton.address) as client:
        yield client


def made_up(seed: int, layout: Layout, *, steps: int, length: int = 8) -> Takes:
    """Two takes of the same steps, two of them exchanged in the trainee's, with a last clip that is half padding."""
    print("seed", seed)
    rng = np.random.default_rng(seed)
    cells = layout.grid[0] * layout.grid[1] if layout.grid else 60
    themes = rng.normal(size=(steps, layout.channels * cells + layout.colours + layout.tones))
    order = np.arange(steps)
    order[[1, 2]] = order[[2, 1]]
    sides = [np.repeat(themes[which], length, axis=0) for which in (np.arange(steps), order)]
    windows = len(sides[0])
    noisy = [
        (scale * (side + 0.4 * rng.normal(size=side.shape))).astype(np.float32)
        for side, scale in zip(sides, (1.0, 1.3), strict=True)
    ]
    for side in noisy:
        for part in (layout.moving(side), layout.palette(side)):
            part[...] **= 2  # no colour moves less than not at all
    gold, trainee = (side.reshape(windows // layout.windows, -1) for side in noisy)
    return Takes(
        gold=gold,
        trainee=trainee,
        windows=layout.windows,
        channels=layout.channels,
        grid=layout.grid,
        gold_windows=windows,
        trainee_windows=windows - layout.windows // 2,
        colours=layout.colours,
        tones=layout.tones,
    )


def glimpsed(takes: Takes, seed: int) -> Takes:
    """Adds glimpses of the gold: arms swing in two places for each of six steps, and are away for a moment after it."""
    rng = np.random.default_rng(seed)
    rate, cells = 4, 12
    frames = takes.gold_windows * rate
    bench = rng.normal(size=(3, cells))
    seen = np.repeat(bench[None], frames, axis=0)
    each = -(-frames // 12)
    for first in range(0, frames, each):
        at = np.arange(first, min(frames, first + each))
        arm, sleeve, swing = rng.choice(cells, 4, replace=False), *rng.normal(size=(2, 3, 4))
        seen[first : first + each, :, arm] = sleeve + 0.5 * swing * np.sin(1.1 * at)[:, None, None]
    seen[:: -(-frames // 6)] = seen[1 :: -(-frames // 6)] = seen[-1] = bench
    seen += 0.05 * rng.normal(size=seen.shape)
    return replace(takes, glimpses=seen.astype(np.float32).reshape(len(takes.gold), rate * takes.windows, 3, 12))


def plainly(takes: Takes) -> Decoding:
    return read_takes(
        takes.gold,
        takes.trainee,
        scope=Scope(takes.gold_windows, takes.trainee_windows, takes.steps, takes.phased),
        layout=Layout(
            takes.windows,
            takes.channels,
            takes.grid,
            takes.colours,
            0 if takes.glimpses is None else takes.glimpses.shape[1],
            takes.tones,
        ),
        glimpses=takes.glimpses,
    )


async def decoded(inference: InferenceClient, takes: Takes) -> Decoding:
    return decoding_of(await inference.decode_steps(takes), kinds_of(takes))


def assert_same(found: Decoding, expected: Decoding) -> None:
    for name in ("gold_steps", "states", "starts", "ends"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist(), name
    assert found.kinds == expected.kinds
    assert np.mean(found.nearest == expected.nearest) > 0.98, "but for windows that are equally near"
    for name in ("costs", "spread", "departures", "unknown_cost", "match_cost", "between_cost"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=2e-5, err_msg=name)
    assert {field: getattr(found, field).dtype for field in ("states", "nearest", "costs")} == {
        "states": np.int64,
        "nearest": np.int64,
        "costs": np.float32,
    }


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "layout",
    [SMALL, COLOURED, TONED, FLAT, FLAT_COLOURED],
    ids=["grid", "grid and colours", "grid, colours and tones", "flat", "flat with colours"],
)
async def test_made_up_takes_read_as_by_a_plain_call(inference: InferenceClient, layout: Layout, seed: int) -> None:
    takes = made_up(seed, layout, steps=6)
    found = await decoded(inference, takes)
    assert found.departures.shape == (len(found.states), layout.channels + layout.colours + layout.tones)
    assert_same(found, plainly(takes))


async def test_the_longest_takes_are_read_however_short_their_steps(inference: InferenceClient) -> None:
    steps, length = 1000, 8
    takes = made_up(5, Layout(windows=2, channels=3, grid=(2, 2), colours=27, tones=147), steps=steps, length=length)
    takes = replace(takes, steps=np.arange(steps + 1) * length, phased=False)
    found = await decoded(inference, takes)
    assert found.costs.shape == (steps * length - 1, steps)
    assert found.departures.shape == (len(found.states), 3 + 27 + 147)


async def test_rendered_takes_read_as_by_a_plain_call(inference: InferenceClient) -> None:
    plan = procedure(3)
    by_name = {case.name: case for case in cases(plan)}
    takes = [
        embedded(*clips(case.script, case.filmed, features.GEOMETRY)).embeddings
        for case in (gold_case(plan), by_name["good strong"], by_name["order_swap"])
    ]
    gold = takes[0]
    for trainee in takes:
        asked = Takes(
            gold=gold,
            trainee=trainee,
            windows=LAYOUT.windows,
            channels=LAYOUT.channels,
            grid=LAYOUT.grid,
            gold_windows=len(gold) * LAYOUT.windows,
            trainee_windows=len(trainee) * LAYOUT.windows,
            colours=LAYOUT.colours,
            tones=LAYOUT.tones,
        )
        assert_same(await decoded(inference, asked), plainly(asked))


async def test_steps_that_are_given_are_kept(inference: InferenceClient) -> None:
    takes = replace(made_up(9, SMALL, steps=6), steps=np.array([0, 8, 16, 24, 48]))
    found = await decoded(inference, takes)
    assert found.gold_steps.tolist() == [0, 8, 16, 24, 48]
    assert found.states.tolist() == [0, 2, 1, 3]
    assert_same(found, plainly(takes))


async def test_a_short_reading_does_not_wait_for_a_long_one(inference: InferenceClient) -> None:
    long, short = made_up(10, LAYOUT, steps=600), made_up(11, SMALL, steps=6)
    waiting = asyncio.create_task(inference.decode_steps(long))
    await asyncio.sleep(0.2)  # the long one has left
    await inference.decode_steps(short)
    assert not waiting.done()
    assert len((await waiting).states) > 500


def broken(takes: Takes, value: float) -> Takes:
    trainee: NDArray[np.float32] = takes.trainee.copy()
    trainee[2, 3] = value
    return replace(takes, trainee=trainee)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda takes: broken(takes, np.nan), "TRAINEE holds a value that is NaN or infinite"),
        (lambda takes: replace(takes, trainee=takes.trainee[:, :24]), "GOLD has 144 dimensions and TRAINEE has 24"),
        (lambda takes: replace(takes, trainee=takes.trainee[:0]), "empty"),
        (lambda takes: replace(takes, trainee_windows=999), "WINDOWS"),
        (lambda takes: replace(takes, steps=np.array([0, 8, 8, 48])), "STEPS do not rise"),
        (lambda takes: replace(takes, channels=5), "dimensions do not go with"),
        (lambda takes: replace(takes, colours=3), "dimensions do not go with"),
        (lambda takes: replace(takes, grid=None, colours=71), "dimensions do not go with"),
        (lambda takes: replace(takes, windows=0), "LAYOUT .* below 1"),
        (lambda takes: replace(takes, colours=-1), "LAYOUT .* below 0"),
        (lambda takes: replace(takes, tones=-1), "LAYOUT .* below 0"),
        (lambda takes: replace(takes, tones=3), "dimensions do not go with"),
        (lambda takes: replace(takes, grid=(4, 0)), "LAYOUT .* alone"),
        (lambda takes: replace(glimpsed(takes, 1), glimpses=np.ones((5, 8, 3, 4), np.float32)), "GOLD has 24 clips"),
        (lambda takes: replace(takes, glimpses=np.ones((24, 7, 3, 4), np.float32)), "no frames of 2 windows"),
        (lambda takes: replace(takes, glimpses=np.ones((24, 8, 3, 0), np.float32)), "no frames of 2 windows"),
        (lambda takes: replace(takes, glimpses=np.full((24, 8, 3, 4), np.inf, np.float32)), "GLIMPSES hold"),
        (lambda takes: replace(takes, gold=np.ones((4001, 144), np.float32)), "8002 windows, more than 8000"),
    ],
)
async def test_what_cannot_be_read_is_refused_with_a_sentence(inference: InferenceClient, change, said: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(errors.Invalid, match=said):
        await inference.decode_steps(change(made_up(12, SMALL, steps=6)))


def test_what_the_model_imports_needs_numpy_and_numba_alone(tmp_path: Path) -> None:
    for place, source in shared_code(MODELS).items():
        link = tmp_path / place.relative_to("step_decoder/1")
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(source)
    program = (
        "import sys; before = set(sys.modules); import reelops.core.scoring.reading, numba\n"
        "import numpy; print(numpy.__version__.split('.')[0])\n"
        "ours = sorted(name for name in sys.modules if name.startswith('reelops'))\n"
        "print(*ours)\n"
    )
    ran = subprocess.run(
        [triton_venv().absolute() / "bin" / "python", "-c", program],
        cwd=tmp_path,
        env={"NUMBA_CACHE_DIR": str(tmp_path / "numba"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    major, ours = ran.stdout.splitlines()
    assert major == "1", "Triton's Python backend needs numpy 1"
    assert "reelops.core.scoring.decoding" in ours
    assert not (Path(reelops.__file__).parent / "core" / "scoring" / "reelops").exists()


def test_nothing_is_compiled_for_a_request(tmp_path: Path) -> None:
    program = (
        "import numpy, sys, warming\n"
        "def kernels():\n"
        "    return {(kernel.__module__, name): len(kernel.signatures)\n"
        "            for module in list(sys.modules.values()) if module.__name__.startswith('reelops.')\n"
        "            for name, kernel in vars(module).items() if hasattr(kernel, 'signatures')}\n"
        "warming.warm(); warm = kernels()\n"
        "from dataclasses import replace\n"
        "from tests.models.test_step_decoder import COLOURED, FLAT, LAYOUT, glimpsed, made_up, plainly\n"
        "for layout in (COLOURED, FLAT, LAYOUT):\n"
        "    takes = made_up(5, layout, steps=8)\n"
        "    known = replace(takes, steps=numpy.array([0, 8, 24, takes.gold_windows]), phased=True)\n"
        "    for asked in (takes, known, replace(takes, trainee=takes.gold)):\n"
        "        asked.gold.flags.writeable = asked.trainee.flags.writeable = False\n"
        "        plainly(asked)\n"
        "        if layout.windows > 1: plainly(glimpsed(asked, 6))\n"
        "now = kernels(); new = [name for name in warm if now[name] != warm[name]]\n"
        "assert warm and not new, new\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(MODELS / "step_decoder" / "1"), str(MODELS.parent)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


async def test_single_frames_part_steps_that_look_alike_all_along(inference: InferenceClient) -> None:
    takes = made_up(7, SMALL, steps=12)
    with_glimpses = glimpsed(takes, 8)
    expected = plainly(with_glimpses)
    found = await inference.decode_steps(with_glimpses)
    assert found.gold_steps.tolist() == expected.gold_steps.tolist() == list(range(0, 97, 16))
    assert found.gold_steps.tolist() != (await inference.decode_steps(takes)).gold_steps.tolist()
    assert found.phased == expected.phased
    # Steps that are known need no frames; wrong ones are not even looked at.
    known = replace(
        with_glimpses, steps=np.array([0, 48, 96]), phased=False, glimpses=np.ones((1, 1, 1, 1), np.float32)
    )
    assert (await inference.decode_steps(known)).gold_steps.tolist() == [0, 48, 96]


@pytest.mark.parametrize("phased", [None, False, True])
async def test_what_is_known_of_the_gold_is_not_looked_for_again(
    inference: InferenceClient, phased: bool | None
) -> None:
    takes = made_up(31, SMALL, steps=6)
    first = await inference.decode_steps(takes)
    assert first.phased == plainly(takes).phased
    known = replace(takes, steps=first.gold_steps.astype(np.int64), phased=phased)
    again = await inference.decode_steps(known)
    assert again.phased == (first.phased if phased is None else phased)
    scope = Scope(known.gold_windows, known.trainee_windows, known.steps, phased)
    assert_same(decoding_of(again, kinds_of(known)), read_takes(known.gold, known.trainee, scope=scope, layout=SMALL))
