"""Draws what stands at the stations, in the state that the jobs left it in."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tests.benchmarks.scoring.conditions import Colour, Image
from tests.benchmarks.scoring.kitchen.catalogue import Target
from tests.benchmarks.scoring.kitchen.sprites import METAL, WOOD, Bar, Oval, Poly, Shape, box, mixed, shade, sprite

_STAGES = 8  # that a change is drawn in
_CRUST: Colour = (190, 128, 60)
_CRUMB: Colour = (240, 220, 176)
_DOUGH: Colour = (232, 212, 170)


def target(kind: Target, colour: Colour, inside: Colour, done: float) -> Image:
    """Draws a thing, (height, width, 4); `inside` is what is in it, `done` how far its change has come (0 to 1)."""
    return _drawn(kind, colour, inside, round(done * _STAGES))


@lru_cache(maxsize=512)
def _drawn(kind: Target, colour: Colour, inside: Colour, stage: int) -> Image:
    done = stage / _STAGES
    seed = 40 + list(Target).index(kind)
    if kind is Target.STAIN:
        return sprite(_stain(colour), grain=10.0, opacity=0.9 * (1 - done), seed=seed)
    return sprite(_shapes(kind, colour, inside, done), seed=seed)


def _shapes(kind: Target, c: Colour, inside: Colour, done: float) -> list[Shape]:
    dark, light = shade(c, 0.6), shade(c, 1.25)
    match kind:
        case Target.BOWL:
            return [
                Oval(c, 0, 0, 36, 36),
                Oval(dark, 0, 0, 32, 32, ring=1.5),
                Oval(inside, 0, 0, 28, 28),
                *_surface(inside),
            ]
        case Target.POT:
            handles: list[Shape] = [Bar((40, 40, 44), (x, -6), (x, 6), 8) for x in (-42, 42)]
            return [
                *handles,
                Oval(METAL, 0, 0, 38, 38),
                Oval((70, 72, 78), 0, 0, 34, 34),
                Oval(inside, 0, 0, 30, 30),
                *_surface(inside),
            ]
        case Target.BOARD:
            return [
                box(WOOD, -50, -30, 50, 30),
                *(Bar(shade(WOOD, 0.8), (-48, y), (48, y + 2), 1) for y in (-20, -6, 9, 21)),
                *_loaf(done),
            ]
        case Target.JAR:
            lid: list[Shape] = [Oval(c, 0, 0, 25, 25), Oval(dark, 0, 0, 20, 20, ring=1.5), Oval(light, 0, 0, 8, 8)]
            return [
                Oval((200, 214, 214), 0, 0, 28, 28),
                *(lid if done > 0.5 else [Oval(inside, 0, 0, 22, 22), *_surface(inside)]),
            ]
        case Target.PANEL:
            corners = [(-30, -18), (30, -18), (30, 18), (-30, 18)]
            screws: list[Shape] = []
            for number, (x, y) in enumerate(corners):
                head: Colour = (226, 178, 60) if done * 4 > number + 0.5 else (40, 40, 40)
                screws += [Oval(head, x, y, 7, 7), Bar(shade(head, 0.5), (x - 4, y), (x + 4, y), 1.5)]
            return [box(shade(METAL, 0.85), -44, -30, 44, 30), box(c, -16, -10, 16, 10), *screws]
        case Target.PAD:
            screen = mixed((28, 30, 36), inside, done)
            keys: list[Shape] = [
                Oval(mixed(screen, (255, 255, 255), 0.25), x, y, 6, 6) for x in (-14, 0, 14) for y in (-14, 2, 18)
            ]
            return [box((60, 62, 68), -30, -36, 30, 36), box(screen, -25, -30, 25, 30), *keys]
        case Target.DOUGH:
            return [
                Oval(shade(_DOUGH, 0.8), 1, 2, 23 + 17 * done, 21 + 12 * done),
                Oval(_DOUGH, 0, 0, 22 + 17 * done, 20 + 12 * done),
            ]
        case Target.TOWEL:
            cloth = mixed(c, inside, done)
            stripes: list[Shape] = [Bar(shade(cloth, 0.7), (x, -32), (x, 32), 3) for x in (-36, -28, 28, 36)]
            return [box(cloth, -46, -32, 46, 32), *stripes, *(() if done > 0.6 else _creases(cloth))]
        case _:
            return [box(c, -44, -32, 44, 32), box(light, -39, -27, 39, 27), box(c, -36, -24, 36, 24)]


def _surface(inside: Colour) -> list[Shape]:
    """What is in a vessel: light on it, and a few lumps."""
    rng = np.random.default_rng(34)
    lumps: list[Shape] = [
        Oval(shade(inside, 0.82), float(x), float(y), 2.5, 2) for x, y in rng.uniform(-13, 13, (9, 2))
    ]
    return [*lumps, Bar(shade(inside, 1.2), (-12, -13), (-4, -16), 3)]


def _loaf(done: float) -> list[Shape]:
    """A loaf that is cut from the right, slice after slice."""
    cut = round(done * 6)
    whole = 34 - 9.0 * cut
    slices: list[Shape] = []
    for number in range(cut):
        x = 40 - 9.0 * number
        slices += [Oval(_CRUST, x, 2, 4, 19), Oval(_CRUMB, x, 2, 2.6, 16)]
    if whole > -30:
        outline = [(-34.0, 10.0), (-34.0, -10.0), (-26.0, -17.0), (whole, -17.0), (whole, 17.0), (-26.0, 17.0)]
        slices += [
            Poly(_CRUST, outline),
            *(Bar(shade(_CRUST, 0.7), (x, -11), (x - 5, 11), 2) for x in np.arange(-22, whole - 4, 11).tolist()),
        ]
    return slices


def _creases(cloth: Colour) -> list[Shape]:
    return [
        Bar(shade(cloth, 0.75), (-22, -24), (4, 6), 3),
        Bar(shade(cloth, 1.2), (2, -20), (20, 22), 3),
        Bar(shade(cloth, 0.75), (-16, 22), (8, 14), 3),
    ]


def _stain(colour: Colour) -> list[Shape]:
    rng = np.random.default_rng(35)
    spots: list[Shape] = [
        Oval(colour, float(x), float(y), float(r), float(r) * 0.8)
        for x, y, r in rng.uniform((-32, -20, 4), (32, 20, 13), (15, 3))
    ]
    return [Oval(colour, 0, 0, 26, 17), *spots]
