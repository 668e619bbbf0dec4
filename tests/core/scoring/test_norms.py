"""What references change: limits, and what is said of good takes as well."""

from __future__ import annotations

import numpy as np
import pytest
from reelops.core.scoring.comparison import compare, read_reference
from reelops.core.scoring.decoding import decode
from reelops.core.scoring.norms import UNKNOWN_NORMS, Norms, ReferenceReading, norms_of
from reelops.core.scoring.segments import segments_of

STEPS = 5


def like(length: float = 1.0, odd: float = 1.0, *, said: tuple[tuple[str, int | None, int | None], ...] = ()):  # type: ignore[no-untyped-def]
    return ReferenceReading((length,) * STEPS, (odd,) * STEPS, said)


def longest(norms: Norms) -> float:
    return norms.longest(0, 1.6, least=1.4)


def test_without_references_the_general_limits_hold() -> None:
    assert norms_of([], []) == UNKNOWN_NORMS
    assert longest(UNKNOWN_NORMS) == 1.6
    assert UNKNOWN_NORMS.oddest(3, 2.5, least=2.0) == 2.5


def test_references_that_agree_narrow_a_limit_the_more_there_are_of_them() -> None:
    limits = [longest(norms_of([like()] * count, [])) for count in range(9)]
    assert limits == sorted(limits, reverse=True)
    assert 1.4 <= limits[-1] < limits[1] < 1.6


def test_references_that_differ_widen_it() -> None:
    differing = norms_of([like(0.6), like(1.0)], [like(1.7), like(0.8)])
    assert longest(differing) > 1.6
    assert (differing.golds, differing.accepted) == (2, 2)


def test_a_step_that_good_takes_do_slowly_may_be_slow() -> None:
    slow = ReferenceReading((1.8, 1.0, 1.0, 1.0, 1.0), (1.0,) * STEPS)
    norms = norms_of([slow] * 3, [])
    assert norms.longest(0, 1.6, least=1.4) > 2.0 > norms.longest(1, 1.6, least=1.4)


def test_a_step_that_a_reference_has_not_counts_for_the_others() -> None:
    norms = norms_of([ReferenceReading((None, 1.0), (None, 1.0))], [])
    assert norms.longest(0, 1.6, least=1.4) == pytest.approx(1.6)
    assert norms.longest(1, 1.6, least=1.4) < 1.6


def test_what_half_of_the_references_show_is_no_fault() -> None:
    here, there = ("step_missing", 2, None), ("extra_step", None, 1)
    norms = norms_of([like(said=(here, there)), like(said=(here,))], [like(), like()])
    assert norms.familiar == frozenset({here})


def test_readings_survive_their_plain_form() -> None:
    reading = ReferenceReading((1.0, None), (None, 2.5), (("order_swap", 1, 2), ("extra_step", None, None)))
    assert ReferenceReading.from_dict(reading.to_dict()) == reading


@pytest.mark.parametrize("seed", range(3))
def test_what_a_good_take_shows_as_well_is_not_said(seed: int) -> None:
    print("seed", seed)
    rng = np.random.default_rng(seed)
    themes = rng.normal(size=(7, 60))
    boundaries = np.arange(0, 56, 8)

    def take(*order: int) -> np.ndarray:
        windows = np.repeat(themes[list(order)], 8, axis=0)
        return (windows + 0.3 * rng.normal(size=windows.shape)).astype(np.float32)

    gold = take(*range(6))
    read = {order: decode(gold, take(*order), boundaries) for order in ((0, 1, 3, 4, 5), (0, 1, 3, 5, 4))}
    good, faulty = (read[order] for order in ((0, 1, 3, 4, 5), (0, 1, 3, 5, 4)))
    alone = {finding.type.value for finding in compare(faulty, segments_of(faulty))}
    assert alone == {"step_missing", "order_swap"}
    norms = norms_of([read_reference(good, segments_of(good))], [])
    assert [f.type.value for f in compare(faulty, segments_of(faulty), norms)] == ["order_swap"]
