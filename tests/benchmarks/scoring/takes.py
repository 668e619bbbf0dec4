"""Which takes are made of a procedure: good ones under many conditions, and faulty ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.scoring.conditions import Conditions
from tests.benchmarks.scoring.families import family_of
from tests.benchmarks.scoring.scripts import FAULTS, Plan, Script, gold, take

PAIRS = (
    ("step_missing", "over_time"),
    ("order_swap", "execution_deviation"),
    ("extra_step", "step_missing"),
    ("step_repeated", "execution_deviation"),
)

GOOD = (  # name, strength of the conditions, speed, camera in the hand
    ("same", 0.0, 1.0, False),
    ("mild", 0.4, 1.0, False),
    ("strong", 1.0, 1.0, False),
    ("slow", 0.6, 0.82, False),
    ("fast", 0.6, 1.22, False),
    ("moving", 0.6, 1.0, True),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A take to be scored against the gold take of its procedure."""

    name: str
    script: Script
    filmed: Conditions


def gold_case(plan: Plan) -> Case:
    """Gives the gold take."""
    return Case("gold", gold(plan), family_of(plan.seed).conditions(plan.seed, 0.0))


def cases(plan: Plan) -> Iterator[Case]:
    """Gives the trainees' takes: good ones in other light, framing and pace, then each fault twice, then pairs."""
    rng = np.random.default_rng([plan.seed, 6])
    for number, (name, strength, speed, moving) in enumerate(GOOD):
        filmed = family_of(plan.seed).conditions(1000 * plan.seed + number, strength, moving=moving)
        yield Case(f"good {name}", take(plan, (), seed=number, speed=speed), filmed)
    faulty = [(kind,) for kind in FAULTS for _ in range(2)] + list(PAIRS)
    for number, kinds in enumerate(faulty, start=100):
        strength, speed = float(rng.uniform(0.0, 1.0)), float(rng.uniform(0.88, 1.14))
        filmed = family_of(plan.seed).conditions(1000 * plan.seed + number, strength, moving=rng.random() < 0.15)
        yield Case("+".join(kinds), take(plan, kinds, seed=number, speed=speed), filmed)


REFERENCES = (  # name, strength of the conditions, speed
    ("second gold", 0.4, 1.0),
    ("accepted", 0.7, 0.9),
    ("accepted", 0.7, 1.12),
    ("third gold", 0.4, 1.05),
    ("accepted", 1.0, 1.0),
    ("accepted", 0.5, 0.95),
    ("accepted", 0.5, 1.06),
    ("accepted", 1.0, 0.86),
)


def references(plan: Plan, count: int) -> Iterator[Case]:
    """Gives takes that somebody vouches for: a second gold first, then accepted ones, none of them among `cases`."""
    for number, (name, strength, speed) in enumerate(REFERENCES[:count], start=700):
        filmed = family_of(plan.seed).conditions(1000 * plan.seed + number, strength)
        yield Case(name, take(plan, (), seed=number, speed=speed), filmed)
