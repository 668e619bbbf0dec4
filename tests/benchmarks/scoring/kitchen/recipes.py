"""Makes up the work in a kitchen or workshop seen from above: stations on a table and jobs at them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.benchmarks.scoring.conditions import Colour
from tests.benchmarks.scoring.kitchen.catalogue import COLOURS, TARGETS, TOOLS, Target, Tool, Work, unlike
from tests.benchmarks.scoring.kitchen.jobs import (
    MOTIONS,
    Distraction,
    Job,
    Kitchen,
    Place,
    Side,
    Station,
    View,
    distance,
    free_place,
    one,
    within,
)

KITCHENS = 2000  # procedures from this seed on are of this family
PACES = ((4.0, 7.0), (10.0, 20.0), (4.0, 16.0))  # short, long and mixed steps, in seconds


def procedure(seed: int) -> Kitchen:
    """Makes up a kitchen and four to eight jobs in it."""
    rng = np.random.default_rng([seed, 31])
    view = one(list(View), rng)
    pace = PACES[int(rng.integers(len(PACES)))]
    count = int(rng.integers(4, 7 if pace[0] >= 10 else 9))
    stations = _stations(min(count, int(rng.integers(3, 7))), rng)
    pause = float(rng.choice([0.0, 1.2, 2.0]))
    pace = (pace[0] + pause, pace[1] + pause)
    jobs = _jobs(count, stations, view, pace, rng)
    bare = Kitchen(seed, view, stations, pause, one(list(Distraction), rng), jobs, ())
    return replace(bare, other=_foreign(bare, pace, rng))


def _stations(count: int, rng: np.random.Generator) -> tuple[Station, ...]:
    made: list[Station] = []
    apart = 0.26
    while len(made) < count:
        at = (float(rng.uniform(0.17, 0.83)), float(rng.uniform(0.24, 0.74)))
        apart *= 0.999  # a crowded table
        if all(distance(at, other.at) > apart for other in made):
            target = one([t for t in Target if t not in [other.target for other in made]], rng)
            made.append(Station(at, target, one(COLOURS, rng)))
    return tuple(made)


def _jobs(
    count: int, stations: tuple[Station, ...], view: View, pace: tuple[float, float], rng: np.random.Generator
) -> tuple[Job, ...]:
    jobs: list[Job] = []
    tries = 0
    while len(jobs) < count:
        tries += 1
        number = len(jobs) if len(jobs) < len(stations) else int(rng.integers(len(stations)))
        station = stations[number]
        work = one(TARGETS[station.target], rng)
        new = _job(work, one(TOOLS[work], rng), station.at, number, view, pace, rng)
        same_place = [job for job in jobs if job.station == number]
        if any(job.tool == new.tool or job.work == new.work for job in same_place):
            if tries > 400:  # nothing else can be done at these stations
                break
            continue
        if jobs and (jobs[-1].tool == new.tool or not unlike(jobs[-1].colour, new.colour)):
            continue
        jobs.append(replace(new, after=_new_colour([station.colour, *(job.after for job in same_place)], rng)))
    if len(jobs) < 4:
        return _jobs(count, stations, view, pace, rng)
    return tuple(_at_home(job, number, rng) for number, job in enumerate(jobs))


def _at_home(job: Job, number: int, rng: np.random.Generator) -> Job:
    """Lets a tool lie at the left or the right edge, where there is the time to fetch it."""
    if job.seconds < 6.0 or job.tool is Tool.FINGER or rng.random() < 0.5:
        return job
    return replace(job, home=((0.05, 0.95)[number % 2], 0.2 + 0.2 * (number // 2)))


def _job(
    work: Work,
    tool: Tool,
    at: Place,
    station: int | None,
    view: View,
    pace: tuple[float, float],
    rng: np.random.Generator,
) -> Job:
    usual = MOTIONS[work]
    seconds = within(pace, rng)
    if view is View.OWN_EYES:
        side = Side.NEAR_RIGHT if rng.random() < 0.8 else Side.NEAR_LEFT
        other = Side.NEAR_LEFT if side is Side.NEAR_RIGHT else Side.NEAR_RIGHT
    else:
        side = one([Side.LEFT, Side.RIGHT, Side.FAR, Side.NEAR_RIGHT], rng)
        other = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT, Side.FAR: Side.LEFT}.get(side, Side.LEFT)
    return Job(
        work=work,
        tool=tool,
        colour=one(COLOURS, rng),
        at=at,
        station=station,
        after=one(COLOURS, rng),
        side=side,
        helper=other if rng.random() < usual.helped else None,
        home=None,
        reach=within(usual.reach, rng),
        period_sec=within(usual.period_sec, rng),
        seconds=seconds,
    )


def _foreign(kitchen: Kitchen, pace: tuple[float, float], rng: np.random.Generator) -> tuple[Job, ...]:
    """Jobs with tools, and where it can be motions, that the procedure does not use, away from jobs like them."""
    used, done = {job.tool for job in kitchen.steps}, {job.work for job in kitchen.steps}
    able = [work for work in Work if any(tool not in used for tool in TOOLS[work])]
    able = [work for work in able if work not in done] or able
    made: list[Job] = []
    for _ in range(3):
        work = one(able, rng)
        unused = one([tool for tool in TOOLS[work] if tool not in used], rng)
        at = free_place([s.at for s in kitchen.stations], [j.at for j in kitchen.steps if j.work is work], rng)
        made.append(_job(work, unused, at, None, kitchen.view, pace, rng))
    return tuple(made)


def _new_colour(old: list[Colour], rng: np.random.Generator) -> Colour:
    return one([colour for colour in COLOURS if all(unlike(colour, other) for other in old)], rng)
