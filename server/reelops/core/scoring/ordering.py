"""Which steps of a sequence are out of order."""

from __future__ import annotations

from reelops.core.scoring.segments import longest_in_order


def exchanged(done: list[int]) -> dict[int, int]:
    """Pairs the steps that stand in each other's place."""
    ordered = sorted(done)
    place = dict(zip(done, ordered, strict=True))
    return {step: other for step, other in place.items() if step < other and place[other] == step}


def displaced(done: list[int], weight: dict[int, int]) -> list[int]:
    """Names the fewest steps (by weight) without which the others are in order."""
    kept = {done[i] for i in longest_in_order([(step, weight[step]) for step in done])}
    return [step for step in done if step not in kept]


def partner_of(step: int, done: list[int], moved: list[int]) -> int:
    """Finds the step that this one changed places with: the one that now stands where it should."""
    ordered = sorted(done)
    partner = done[ordered.index(step)]
    if partner in moved and done[ordered.index(partner)] == step:
        return partner
    position = done.index(step)
    crossed = [s for i, s in enumerate(done) if (i < position) == (s > step) and s != step]
    return min(crossed, key=lambda s: abs(s - step), default=partner)
