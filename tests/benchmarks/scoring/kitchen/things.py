"""Draws tools. They point away from the hand (upwards); where the hand grips them is the origin."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tests.benchmarks.scoring.conditions import Colour, Image
from tests.benchmarks.scoring.kitchen.catalogue import Tool
from tests.benchmarks.scoring.kitchen.sprites import METAL, WOOD, Bar, Oval, Poly, Shape, box, shade, sprite


@lru_cache(maxsize=256)
def tool(kind: Tool, colour: Colour) -> Image:
    """Draws a tool, (height, width, 4)."""
    return sprite(_shapes(kind, colour), seed=list(Tool).index(kind))


def _shapes(kind: Tool, c: Colour) -> list[Shape]:
    dark, light = shade(c, 0.6), shade(c, 1.25)
    match kind:
        case Tool.SPOON:
            return [Bar(c, (0, 22), (0, -32), 5), Oval(c, 0, -42, 11, 14), Oval(dark, 0, -42, 7, 10)]
        case Tool.WHISK:
            wires: list[Shape] = [Oval(METAL, 0, -38, w, 20, ring=1.6) for w in (4, 9, 14)]
            return [*wires, Bar(c, (0, 24), (0, -16), 8), Bar(light, (-1, 20), (-1, -12), 2)]
        case Tool.SPATULA:
            return [Bar(WOOD, (0, 24), (0, -26), 5), box(c, -14, -58, 14, -26), *_slots(dark)]
        case Tool.KNIFE:
            blade = Poly(METAL, [(-6, -8), (-7, -48), (-2, -60), (5, -50), (6, -8)])
            return [blade, Bar((230, 234, 238), (-5, -12), (-5, -48), 1.5), Bar(c, (0, 22), (0, -6), 9)]
        case Tool.SAW:
            teeth = [(x, y) for i in range(12) for x, y in ((12.0, -10 - 4.0 * i), (16.0, -12 - 4.0 * i))]
            blade = Poly(METAL, [(-12, -10), (-5, -60), *reversed(teeth)])
            return [blade, Oval(c, 0, 4, 15, 17, ring=8)]
        case Tool.SPONGE:
            holes: list[Shape] = [Oval(dark, x, y, 2, 1.6) for x, y in _sprinkled(26, 20, 12)]
            return [box(c, -25, -34, 25, 8), *holes, box((52, 110, 60), -25, -34, 25, -25)]
        case Tool.RAG:
            outline = Poly(c, [(-30, -8), (-26, -36), (-4, -44), (10, -38), (32, -30), (30, 2), (6, 14), (-16, 10)])
            return [outline, *(Bar(light, (x, -34), (x + 6, 6), 3) for x in (-22, -10, 2, 14))]
        case Tool.BRUSH:
            hairs: list[Shape] = [Bar((74, 60, 44), (x, -34), (x * 1.15, -54), 2) for x in range(-18, 19, 4)]
            return [*hairs, box(c, -20, -38, 20, -26), Bar(c, (0, 24), (0, -28), 8)]
        case Tool.BOTTLE:
            body = Poly(c, [(-13, 18), (-13, -26), (-6, -38), (-6, -52), (6, -52), (6, -38), (13, -26), (13, 18)])
            return [
                body,
                box((236, 236, 228), -13, -16, 13, 6),
                box(dark, -7, -58, 7, -50),
                Bar(light, (-8, 14), (-8, -24), 2),
            ]
        case Tool.JUG:
            spout = Poly(c, [(-8, -22), (0, -38), (8, -22)])
            return [Bar(c, (0, 24), (0, 10), 9), spout, Oval(c, 0, -8, 22, 22), Oval(shade(c, 0.4), 0, -8, 16, 16)]
        case Tool.DRIVER:
            ridges: list[Shape] = [Bar(dark, (x, 18), (x, -10), 1.5) for x in (-4, 0, 4)]
            return [Bar(METAL, (0, -12), (0, -54), 4), Bar(c, (0, 16), (0, -10), 14), *ridges]
        case Tool.SPANNER:
            jaw: list[Shape] = [
                Oval(METAL, 0, -48, 13, 13),
                Poly((60, 62, 66), [(-5, -64), (5, -64), (5, -46), (-5, -46)]),
            ]
            return [Bar(METAL, (0, 24), (0, -40), 8), *jaw, Bar(c, (0, 22), (0, -14), 9)]
        case _:
            return _bulky_shapes(kind, c)


def _bulky_shapes(kind: Tool, c: Colour) -> list[Shape]:
    dark, light = shade(c, 0.6), shade(c, 1.25)
    match kind:
        case Tool.CUP:
            return [Bar(c, (16, -12), (28, -12), 6), Oval(c, 0, -18, 20, 20), Oval(shade(c, 0.35), 0, -18, 15, 15)]
        case Tool.PLATE:
            return [Oval(c, 0, -26, 32, 32), Oval(dark, 0, -26, 24, 24, ring=1.5), Oval(light, 0, -26, 20, 20)]
        case Tool.BOX:
            return [box(c, -22, -50, 22, 8), box(light, -5, -50, 5, 8), box((240, 240, 236), -18, -14, -6, 2)]
        case Tool.GLOVE:
            fingers: list[Shape] = [Bar(c, (x, -22), (x * 1.5, -46), 10) for x in (-12, -4, 4, 12)]
            return [*fingers, Bar(c, (-16, -4), (-30, -22), 10), box(c, -18, -28, 18, 12), box(dark, -18, 6, 18, 14)]
        case Tool.PHONE:
            return [
                box(c, -17, -56, 17, 10),
                box((26, 28, 34), -14, -51, 14, 4),
                box((150, 190, 220), -10, -46, 10, -24),
            ]
        case Tool.STAMP:
            return [box(c, -12, -40, 12, -24), Bar(WOOD, (0, -24), (0, 6), 9), Oval(WOOD, 0, 8, 8, 8)]
        case Tool.MASHER:
            holes: list[Shape] = [Oval(dark, x, y - 34, 3, 3) for x in (-12, -4, 4, 12) for y in (-8, 0, 8)]
            return [Bar(METAL, (0, 20), (0, -20), 6), Oval(c, 0, -34, 24, 18), *holes]
        case Tool.TORCH:
            return [
                Bar(c, (0, 22), (0, -24), 13),
                Poly(dark, [(-7, -22), (-14, -44), (14, -44), (7, -22)]),
                Oval((255, 250, 205), 0, -46, 14, 6),
            ]
        case Tool.PROBE:
            return [
                Bar(METAL, (0, -6), (0, -56), 3),
                Oval(c, 0, 0, 17, 17),
                Oval((240, 240, 236), 0, 0, 12, 12),
                Bar((200, 30, 30), (0, 0), (7, -7), 2),
            ]
        case Tool.ROLLER:
            return [
                Bar(WOOD, (-46, -30), (46, -30), 6),
                Bar(c, (-30, -30), (30, -30), 20),
                Bar(light, (-30, -34), (30, -34), 3),
                Bar(METAL, (0, 10), (0, -22), 5),
            ]
        case Tool.IRON:
            plate = Poly(METAL, [(-22, 16), (-22, -22), (0, -58), (22, -22), (22, 16)])
            return [
                plate,
                Poly(c, [(-17, 12), (-17, -20), (0, -48), (17, -20), (17, 12)]),
                Bar(dark, (0, 12), (0, -24), 8),
            ]
        case _:  # a bare finger holds nothing
            return []


def _slots(colour: Colour) -> list[Shape]:
    return [box(colour, x, -52, x + 3, -34) for x in (-8, -1.5, 5)]


def _sprinkled(count: int, across: float, down: float) -> list[tuple[float, float]]:
    rng = np.random.default_rng(33)
    return [(float(x), float(y) - 8) for x, y in rng.uniform((-across, -down), (across, down), (count, 2))]
