"""What jobs leave behind: vessels filled, loaves cut, stains gone, things that were brought."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from tests.benchmarks.scoring.conditions import HEIGHT, WIDTH, Colour
from tests.benchmarks.scoring.kitchen.catalogue import COLOURS, LASTING, Target, Tool, Work, unlike
from tests.benchmarks.scoring.kitchen.jobs import Job, Kitchen, Place, Station
from tests.benchmarks.scoring.kitchen.moves import ELBOWS, Manner, grip, spot
from tests.benchmarks.scoring.kitchen.sprites import mixed

_VESSELS = (Target.BOWL, Target.POT)  # what is in them takes on a colour
_TINTED = (Target.PAD, Target.TOWEL)  # they take on a colour themselves


@dataclass(frozen=True, slots=True)
class Left:
    """A thing that was brought and stays: where, in pixels, and turned how, in radians."""

    tool: Tool
    colour: Colour
    at: tuple[float, float]
    turn: float


@dataclass(slots=True)
class Table:
    """What is on the table between two jobs."""

    inside: list[Colour]
    done: list[float]
    left: list[Left] = field(default_factory=list)
    fetched: set[Place] = field(default_factory=set)  # homes of things that were brought elsewhere

    def look(self, number: int, station: Station, job: Job | None, progress: float) -> tuple[Colour, float]:
        """Gives what is in a station's thing and how far it is changed, while a job is being done there."""
        inside, done = self.inside[number], self.done[number]
        if job is None or job.station != number or not lasting(station, job):
            return inside, done
        if station.target in _VESSELS:
            return mixed(inside, job.after, progress), done
        return job.after if station.target in _TINTED else inside, max(done, progress)

    def finish(self, kitchen: Kitchen, job: Job, manner: Manner) -> None:
        """Leaves the table as it is after a job."""
        if job.station is not None:
            number = job.station
            self.inside[number], self.done[number] = self.look(number, kitchen.stations[number], job, 1.0)
        if job.work is Work.PLACE:
            self.left.append(brought(job, manner))
            if job.home is not None:
                self.fetched.add(job.home)

    def room_for(self, job: Job, manner: Manner) -> Place:
        """Gives the offset at which a thing lies beside those that were brought to the same place before."""
        across, down = manner.offset
        if job.work is not Work.PLACE:
            return across, down
        for _ in range(4):
            x, y = grip(job, replace(manner, offset=(across, down)))
            if all(np.hypot(x - other.at[0], y - other.at[1]) > 25 for other in self.left):
                break
            across, down = across + 30 / WIDTH, down - 16 / HEIGHT
        return across, down


def initial(kitchen: Kitchen) -> Table:
    """Gives the table before any job is done."""
    rng = np.random.default_rng([kitchen.seed, 38])
    inside = []
    for number in range(len(kitchen.stations)):
        later = [job.after for job in kitchen.steps if job.station == number]
        free = [colour for colour in COLOURS if all(unlike(colour, other) for other in later)] or COLOURS
        inside.append(free[int(rng.integers(len(free)))])
    return Table(inside, [0.0] * len(inside))


def lasting(station: Station, job: Job) -> bool:
    """Says whether a job at a station leaves its thing changed."""
    return job.work in LASTING.get(station.target, ())


def brought(job: Job, manner: Manner) -> Left:
    """Gives how a thing lies that a job has brought."""
    x, y = grip(job, manner)
    elbow = spot(ELBOWS[job.side])
    return Left(job.tool, job.colour, (x, y), float(np.arctan2(y - elbow[1], x - elbow[0]) + np.pi / 2))
