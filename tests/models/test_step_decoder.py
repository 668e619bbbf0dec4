"""`step_decoder` in a real Triton against the same reading as a plain call."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import reelops
from numpy.typing import NDArray
from reelops import errors
from reelops.core.scoring.decoding import Decoding
from reelops.core.scoring.profiles import decoding_of
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
FLAT = Layout()


@pytest.fixture
async def inference(triton: RunningTriton) -> AsyncIterator[InferenceClient]:
    async with InferenceClient.connect(triton.address) as client:
        yield client


def made_up(seed: int, layout: Layout, *, steps: int, length: int = 8) -> Takes:
    """Two takes of the same steps, two of them exchanged in the trainee's, with a last clip that is half padding."""
    print("seed", seed)
    rng = np.random.default_rng(seed)
    cells = layout.grid[0] * layout.grid[1] if layout.grid else 60
    themes = rng.normal(size=(steps, layout.channels * cells))
    order = np.arange(steps)
    order[[1, 2]] = order[[2, 1]]
    sides = [np.repeat(themes[which], length, axis=0) for which in (np.arange(steps), order)]
    windows = len(sides[0])
    noisy = (scale * (side + 0.4 * rng.normal(size=side.shape)) for side, scale in zip(sides, (1.0, 1.3), strict=True))
    gold, trainee = (side.astype(np.float32).reshape(windows // layout.windows, -1) for side in noisy)
    return Takes(
        gold=gold,
        trainee=trainee,
        windows=layout.windows,
        channels=layout.channels,
        grid=layout.grid,
        gold_windows=windows,
        trainee_windows=windows - layout.windows // 2,
    )


def plainly(takes: Takes) -> Decoding:
    return read_takes(
        takes.gold,
        takes.trainee,
        scope=Scope(takes.gold_windows, takes.trainee_windows, takes.steps),
        layout=Layout(takes.windows, takes.channels, takes.grid),
    )


def assert_same(found: Decoding, expected: Decoding) -> None:
    for name in ("gold_steps", "states", "starts", "ends"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist(), name
    assert np.mean(found.nearest == expected.nearest) > 0.98, "but for windows that are equally near"
    for name in ("costs", "spread", "departures", "unknown_cost", "match_cost", "between_cost"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=2e-5, err_msg=name)
    assert {field: getattr(found, field).dtype for field in ("states", "nearest", "costs")} == {
        "states": np.int64,
        "nearest": np.int64,
        "costs": np.float32,
    }


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("layout", [SMALL, FLAT], ids=["grid", "flat"])
async def test_made_up_takes_read_as_by_a_plain_call(inference: InferenceClient, layout: Layout, seed: int) -> None:
    takes = made_up(seed, layout, steps=6)
    found = decoding_of(await inference.decode_steps(takes))
    assert_same(found, plainly(takes))


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
        )
        assert_same(decoding_of(await inference.decode_steps(asked)), plainly(asked))


async def test_steps_that_are_given_are_kept(inference: InferenceClient) -> None:
    takes = replace(made_up(9, SMALL, steps=6), steps=np.array([0, 8, 16, 24, 48]))
    found = decoding_of(await inference.decode_steps(takes))
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
        (lambda takes: replace(takes, windows=0), "LAYOUT"),
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
    assert_same(decoding_of(again), read_takes(known.gold, known.trainee, scope=scope, layout=SMALL))
