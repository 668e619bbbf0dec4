"""Outlines of shapes, as points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from reelops.core.editing.thumbnails.drawing.canvas import Point
from reelops.core.editing.thumbnails.model import HEIGHT, WIDTH


def regular(centre: Point, radius: float, corners: int, *, turn: float = -90.0) -> list[Point]:
    """Gives a polygon with equal sides."""
    angles = (math.radians(turn + 360 * place / corners) for place in range(corners))
    return [(centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)) for angle in angles]


def star(centre: Point, outer: float, inner: float, points: int, *, turn: float = -90.0) -> list[Point]:
    """Gives a star; many points and a large inner radius make a badge, few and a small one a sparkle."""
    angles = [math.radians(turn + 180 * place / points) for place in range(2 * points)]
    reach = (outer, inner)
    return [
        (centre[0] + reach[place % 2] * math.cos(angle), centre[1] + reach[place % 2] * math.sin(angle))
        for place, angle in enumerate(angles)
    ]


def jagged(
    centre: Point, outer: float, inner: float, points: int, chance: Random, *, squeeze: float = 1.0
) -> list[Point]:
    """Gives an explosion: a star whose rays differ."""
    spread: list[Point] = []
    for place in range(2 * points):
        angle = math.pi * (place + chance.uniform(-0.25, 0.25)) / points
        reach = (outer if place % 2 == 0 else inner) * chance.uniform(0.86, 1.1)
        spread.append((centre[0] + reach * math.cos(angle), centre[1] + reach * squeeze * math.sin(angle)))
    return spread


def rays(centre: Point, count: int, *, turn: float = 0.0, share: float = 0.5, reach: float = 1700) -> list[list[Point]]:
    """Gives sunbeams from a point to beyond the sheet."""
    step = 2 * math.pi / count
    beams = []
    for place in range(count):
        one = math.radians(turn) + place * step
        other = one + step * share
        beams.append([centre, _from(centre, one, reach), _from(centre, other, reach)])
    return beams


def streaks(centre: Point, count: int, chance: Random, *, nearest: float, widest: float = 1.6) -> list[list[Point]]:
    """Gives speed lines: needles that point at a centre."""
    needles = []
    for _ in range(count):
        angle = chance.uniform(0, 2 * math.pi)
        start = nearest * chance.uniform(1, 1.9)
        half = math.radians(chance.uniform(0.25, widest))
        far = 1600
        needles.append(
            [_from(centre, angle, start), _from(centre, angle - half, far), _from(centre, angle + half, far)]
        )
    return needles


def _from(centre: Point, angle: float, reach: float) -> Point:
    return centre[0] + reach * math.cos(angle), centre[1] + reach * math.sin(angle)


def rounded(left: float, top: float, right: float, bottom: float, radius: float) -> list[Point]:
    """Gives a rectangle with round corners."""
    corners = (
        (right - radius, top + radius, -90),
        (right - radius, bottom - radius, 0),
        (left + radius, bottom - radius, 90),
        (left + radius, top + radius, 180),
    )
    points: list[Point] = []
    for x, y, start in corners:
        points += [_from((x, y), math.radians(start + step * 9), radius) for step in range(11)]
    return points


def rectangle(left: float, top: float, right: float, bottom: float, *, lean: float = 0.0) -> list[Point]:
    """Gives a rectangle, or one whose sides lean to the right by `lean` pixels."""
    return [(left + lean, top), (right + lean, top), (right - lean, bottom), (left - lean, bottom)]


def turned(points: Sequence[Point], degrees: float, centre: Point) -> list[Point]:
    """Turns points clockwise around a centre."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    moved = ((x - centre[0], y - centre[1]) for x, y in points)
    return [(centre[0] + x * cosine - y * sine, centre[1] + x * sine + y * cosine) for x, y in moved]


def curve(start: Point, bend: Point, end: Point, *, steps: int = 28) -> list[Point]:
    """Gives a quadratic Bezier curve."""
    shares = [step / steps for step in range(steps + 1)]
    return [
        (
            (1 - t) ** 2 * start[0] + 2 * t * (1 - t) * bend[0] + t * t * end[0],
            (1 - t) ** 2 * start[1] + 2 * t * (1 - t) * bend[1] + t * t * end[1],
        )
        for t in shares
    ]


def arrow(start: Point, bend: Point, end: Point, width: float) -> list[Point]:
    """Gives a bent arrow that grows towards its head at `end`."""
    path = curve(start, bend, end)
    head = width * 2.2
    shaft = path[: max(2, _steps_before(path, head))]
    left, right = [], []
    for place, point in enumerate(shaft):
        angle = _heading(path, place)
        half = width * (0.35 + 0.65 * place / len(shaft)) / 2
        left.append(_from(point, angle - math.pi / 2, half))
        right.append(_from(point, angle + math.pi / 2, half))
    angle = _heading(path, len(shaft) - 1)
    neck = shaft[-1]
    barbs = [_from(neck, angle - math.pi / 2, head * 0.62), end, _from(neck, angle + math.pi / 2, head * 0.62)]
    return [*left, *barbs, *reversed(right)]


def _steps_before(path: Sequence[Point], reach: float) -> int:
    end = path[-1]
    return next((place for place, point in enumerate(path) if math.dist(point, end) < reach), len(path) - 1)


def _heading(path: Sequence[Point], place: int) -> float:
    one, other = path[max(0, place - 1)], path[min(len(path) - 1, place + 1)]
    return math.atan2(other[1] - one[1], other[0] - one[0])


def heart(centre: Point, size: float) -> list[Point]:
    """Gives a heart of about twice `size` across."""
    points = []
    for step in range(48):
        t = 2 * math.pi * step / 48
        x = 16 * math.sin(t) ** 3
        y = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        points.append((centre[0] + x * size / 16, centre[1] - y * size / 16))
    return points


def hexagons(radius: float) -> list[list[Point]]:
    """Gives a honeycomb over the whole sheet."""
    across, down = radius * math.sqrt(3), radius * 1.5
    return [
        regular((column * across + (row % 2) * across / 2, row * down), radius * 0.93, 6)
        for row in range(int(HEIGHT / down) + 2)
        for column in range(int(WIDTH / across) + 2)
    ]


def wave(left: float, right: float, height: float, swing: float, length: float) -> list[Point]:
    """Gives a wavy line."""
    count = max(8, int((right - left) / 4))
    xs = [left + (right - left) * step / count for step in range(count + 1)]
    return [(x, height + swing * math.sin(2 * math.pi * (x - left) / length)) for x in xs]
