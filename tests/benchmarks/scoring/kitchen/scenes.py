"""Draws takes: the table as the jobs left it so far, the job at hand, the hands, their shadows, and a distraction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

import cv2
import numpy as np

from tests.benchmarks.scoring.conditions import HEIGHT, WIDTH, Colour, Conditions, Image
from tests.benchmarks.scoring.kitchen.camera import Camera
from tests.benchmarks.scoring.kitchen.catalogue import Work
from tests.benchmarks.scoring.kitchen.distractions import distract
from tests.benchmarks.scoring.kitchen.hands import Hand, draw_hand, draw_outline
from tests.benchmarks.scoring.kitchen.jobs import Job, Kitchen, Place, Side, Station
from tests.benchmarks.scoring.kitchen.moves import ELBOWS, Manner, Pose, pose, spot, steadying
from tests.benchmarks.scoring.kitchen.sprites import darken, lay, paste
from tests.benchmarks.scoring.kitchen.states import Table, brought, initial, lasting
from tests.benchmarks.scoring.kitchen.tables import cast_shadow, stand, table
from tests.benchmarks.scoring.kitchen.targets import target
from tests.benchmarks.scoring.kitchen.things import tool
from tests.benchmarks.scoring.scripts import Script

_SHADOW = (9, 11)  # pixels that a hand's shadow lies off
_LEFT_HANDS = (Side.NEAR_LEFT, Side.LEFT)
_BENT = {True: 0.9, False: 0.1}  # fingers round a tool, or open


@dataclass(frozen=True, slots=True)
class Doing:
    """A job being done: how, the table before it, and a picture of that without what the job handles."""

    job: Job
    manner: Manner
    before: Table
    backdrop: Image
    start_sec: float
    end_sec: float
    pause_sec: float


def frames(script: Script, filmed: Conditions, *, fps: float) -> Iterator[Image]:
    """Draws the take at `fps`, RGB."""
    kitchen = cast(Kitchen, script.procedure)
    rng = np.random.default_rng([kitchen.seed, script.seed, 39])
    camera, phase = Camera(filmed, rng), float(rng.random())
    set_out = [(float(x), float(y)) for x, y in rng.normal(0, 2.0, (len(kitchen.stations), 2))]
    doings = _doings(script, set_out, rng)
    doing = next(doings)
    for index in range(round(script.seconds * fps)):
        seconds = index / fps
        while seconds >= doing.end_sec and (following := next(doings, None)) is not None:
            doing = following
        scene = doing.backdrop.copy()
        _draw_job(scene, kitchen, doing, seconds - doing.start_sec, filmed, set_out)
        distract(scene, kitchen.distraction, seconds, phase)
        yield camera.film(scene, seconds)


def _doings(script: Script, set_out: Sequence[Place], rng: np.random.Generator) -> Iterator[Doing]:
    """Gives job after job; a job leaves its changes on the table when the next one is asked for."""
    kitchen = cast(Kitchen, script.procedure)
    empty, now = table(kitchen.seed), initial(kitchen)
    for act in script.acts:
        job: Job = act.step
        if job.home in now.fetched:  # it was brought already: the next one comes from elsewhere
            job = replace(job, home=None)
        manner = _manner(rng)
        if job.station is not None:
            x, y = set_out[job.station]
            manner = replace(manner, offset=(manner.offset[0] + x / WIDTH, manner.offset[1] + y / HEIGHT))
        manner = replace(manner, offset=now.room_for(job, manner))
        pause = kitchen.pause_sec * (act.end_sec - act.start_sec) / job.seconds
        backdrop = _backdrop(now, empty, kitchen, job, set_out)
        yield Doing(job, manner, now, backdrop, act.start_sec, act.end_sec, pause)
        now.finish(kitchen, job, manner)


def _manner(rng: np.random.Generator) -> Manner:
    across, down = rng.normal(0, 0.006, 2)
    reach, period = np.exp(rng.normal(0, 0.07, 2))
    return Manner((float(across), float(down)), float(reach), float(period), float(rng.uniform(0, 2 * np.pi)))


def _backdrop(now: Table, empty: Image, kitchen: Kitchen, job: Job, set_out: Sequence[Place]) -> Image:
    """Draws the table without what the job changes and without its tool."""
    image = empty.copy()
    for number, station in enumerate(kitchen.stations):
        if number != job.station or not lasting(station, job):
            _stand_station(image, station, now.look(number, station, None, 0.0), set_out[number])
    for other in kitchen.steps:
        if other.home is not None and other.home != job.home and other.home not in now.fetched:
            stand(image, tool(other.tool, other.colour), *spot(other.home))
    for thing in now.left:
        stand(image, tool(thing.tool, thing.colour), *thing.at, turn=thing.turn)
    return image


def _stand_station(image: Image, station: Station, look: tuple[Colour, float], moved: Place) -> None:
    x, y = spot(station.at)
    stand(image, target(station.target, station.colour, *look), x + moved[0], y + moved[1])


def _draw_job(
    scene: Image, kitchen: Kitchen, doing: Doing, into: float, filmed: Conditions, set_out: Sequence[Place]
) -> None:
    job, length = doing.job, doing.end_sec - doing.start_sec
    working = pose(job, doing.manner, into, length, doing.pause_sec)
    if job.station is not None and lasting(kitchen.stations[job.station], job):
        station = kitchen.stations[job.station]
        look = doing.before.look(job.station, station, job, working.progress)
        _stand_station(scene, station, look, set_out[job.station])
        for thing in doing.before.left:
            stand(scene, tool(thing.tool, thing.colour), *thing.at, turn=thing.turn)
    hand = Hand(
        (working.x, working.y), spot(ELBOWS[job.side]), job.side in _LEFT_HANDS, _BENT[working.holds], working.near
    )
    hands = [hand] if job.helper is None else [_helper(doing, job.helper, into), hand]
    picture, turn = tool(job.tool, job.colour), hand.angle + np.pi / 2
    if not working.holds:
        _draw_waiting(scene, doing, working)
    held = lay(picture, working.x, working.y, turn=turn + working.turn, size=working.near) if working.holds else None
    shadow = np.zeros(scene.shape[:2], np.uint8)
    for each in hands:
        draw_outline(shadow, each, 105, _SHADOW)
    if held is not None:
        darken(shadow, held, 0.4, _SHADOW)
    cast_shadow(scene, shadow, 9)
    if len(hands) > 1:
        draw_hand(scene, hands[0], filmed.skin, filmed.sleeve)
    if held is not None:
        paste(scene, held)
    if working.pours:
        _draw_pouring(scene, job, working, turn + working.turn)
    draw_hand(scene, hand, filmed.skin, filmed.sleeve)


def _draw_waiting(scene: Image, doing: Doing, working: Pose) -> None:
    """Draws the tool that is not in the hand: still or again at home, or brought."""
    job = doing.job
    if job.work is Work.PLACE and working.progress > 0:
        thing = brought(job, doing.manner)
        stand(scene, tool(thing.tool, thing.colour), *thing.at, turn=thing.turn)
    elif job.home is not None:
        stand(scene, tool(job.tool, job.colour), *spot(job.home))


def _draw_pouring(scene: Image, job: Job, working: Pose, turn: float) -> None:
    """What flows out where the tool's mouth is."""
    for far, radius in ((52.0, 4), (57.0, 5), (61.0, 4)):
        at = (round(working.x + far * np.sin(turn)), round(working.y - far * np.cos(turn)))
        cv2.circle(scene, at, radius, job.after, -1, cv2.LINE_AA)


def _helper(doing: Doing, side: Side, into: float) -> Hand:
    at = steadying(doing.job, doing.manner, into, doing.end_sec - doing.start_sec, doing.pause_sec)
    return Hand(at, spot(ELBOWS[side]), side in _LEFT_HANDS, 0.2)
