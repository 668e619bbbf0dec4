"""The procedures that scoring is measured on are what they are said to be, in every family."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from tests.benchmarks.scoring import scoring
from tests.benchmarks.scoring.conditions import Conditions
from tests.benchmarks.scoring.families import FAMILIES, family_of
from tests.benchmarks.scoring.kitchen.jobs import APART, distance
from tests.benchmarks.scoring.kitchen.recipes import KITCHENS
from tests.benchmarks.scoring.kitchen.recipes import procedure as kitchen
from tests.benchmarks.scoring.procedures import FAULTS, Script, gold, procedure, take
from tests.benchmarks.scoring.rendering import clips
from tests.benchmarks.scoring.takes import cases

FIRST = [family.first_seed for family in FAMILIES]
SOME_KITCHENS = range(KITCHENS + 20, KITCHENS + 32)


@cache
def seen(script: Script) -> np.ndarray:
    """A take as it would be ingested, one row of pixels per frame."""
    drawn, _ = clips(script, Conditions(noise=0.0), scoring.features.GEOMETRY)
    return drawn.reshape(-1, *drawn.shape[2:]).astype(np.float32)


def during(script: Script, number: int) -> np.ndarray:
    """How much each place of the picture differs from the take's usual look while an act is done."""
    act, frames = script.acts[number], seen(script)
    first, last = (round(sec * 4) for sec in (act.start_sec, act.end_sec))
    away: np.ndarray = np.abs(frames[first:last] - np.median(frames, axis=0))
    return np.asarray(away.mean(axis=(0, -1)))


@pytest.mark.parametrize("seed", FIRST)
def test_a_take_looks_the_same_each_time_it_is_drawn(seed: int) -> None:
    script = gold(procedure(seed))
    again = clips(gold(procedure(seed)), Conditions(noise=0.0), scoring.features.GEOMETRY)[0]
    assert np.array_equal(seen(script), again.reshape(-1, *again.shape[2:]))


@pytest.mark.parametrize("seed", FIRST)
def test_every_fault_is_in_a_take_twice_and_none_in_the_good_ones(seed: int) -> None:
    plan = procedure(seed)
    by_name = [(case.name, [fault.type for fault in case.script.faults]) for case in cases(plan)]
    assert [faults for name, faults in by_name if name.startswith("good")] == [[]] * 6
    assert [faults for _, faults in by_name].count([]) == 6
    for kind in FAULTS:
        assert [faults for name, faults in by_name if name == kind] == [[kind]] * 2
    assert all(sorted(name.split("+")) == sorted(faults) for name, faults in by_name if "+" in name)


@pytest.mark.parametrize("seed", FIRST)
def test_good_takes_are_slower_and_faster_within_what_passes(seed: int) -> None:
    usual = gold(procedure(seed)).seconds
    paces = [usual / case.script.seconds for case in cases(procedure(seed)) if case.name.startswith("good")]
    assert 0.75 < min(paces) < 0.9 and 1.1 < max(paces) < 1.32


@pytest.mark.parametrize("seed", SOME_KITCHENS)
def test_jobs_differ_from_their_neighbours_and_foreign_ones_from_all(seed: int) -> None:
    print("seed", seed)
    plan = kitchen(seed)
    assert 4 <= len(plan.steps) <= 8
    assert all(4.0 <= job.seconds <= 20.0 + plan.pause_sec for job in (*plan.steps, *plan.other))
    assert all(a.tool != b.tool and a.colour != b.colour for a, b in pairwise(plan.steps))
    for extra in plan.other:
        assert all(extra.tool != job.tool for job in plan.steps)
        assert all(extra.work != job.work or distance(extra.at, job.at) > APART for job in plan.steps)


@pytest.mark.parametrize("seed", SOME_KITCHENS)
def test_a_job_done_in_another_way_has_another_tool_place_or_motion(seed: int) -> None:
    print("seed", seed)
    plan, rng = kitchen(seed), np.random.default_rng(seed)
    for job in plan.steps:
        other = plan.another_way(job, rng)
        moved = distance(job.at, other.at) > APART
        assert (other.tool != job.tool) + moved + (other.work != job.work) == 1
        assert other.seconds == job.seconds


@pytest.mark.parametrize("seed", [KITCHENS + 20, KITCHENS + 21])
def test_what_jobs_leave_behind_is_seen_at_the_end(seed: int) -> None:
    print("seed", seed)
    frames = seen(gold(kitchen(seed)))
    changed = np.abs(frames[-1] - frames[0]).mean(axis=-1)
    assert np.mean(changed > 25) > 0.01


def test_the_whole_work_of_a_kitchen_is_seen_where_it_is_done() -> None:
    plan = kitchen(KITCHENS + 20)
    script = gold(plan)
    for number, job in enumerate(plan.steps):
        busy = during(script, number)
        row, column = int(job.at[1] * busy.shape[0]), int(job.at[0] * busy.shape[1])
        near = busy[max(0, row - 10) : row + 10, max(0, column - 10) : column + 10]
        assert near.mean() > 2 * np.median(busy)


def test_seeds_belong_to_the_family_that_begins_before_them() -> None:
    assert [family_of(seed).name for seed in (0, 999, 1000, 1999, 2000, 2107)] == (
        ["plain"] * 2 + ["assemblies"] * 2 + ["kitchens"] * 2
    )


@pytest.mark.parametrize("seed", FIRST)
def test_a_missing_step_is_not_in_the_take(seed: int) -> None:
    script = take(procedure(seed), ("step_missing",), seed=1)
    (fault,) = script.faults
    assert fault.gold_steps[0] not in [act.gold_step for act in script.acts]
