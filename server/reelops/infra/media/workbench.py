"""Draws the workbench of the rendered procedures, one moment at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Point = tuple[float, float]
Colour = tuple[int, int, int]

_SKIN: Colour = (214, 160, 128)
_SLEEVE: Colour = (58, 84, 130)


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of work. Places are shares of the picture's width and height.

    A part is fetched at `tray`, carried to `place` and worked on there with a tool that moves as `motion` says
    (a phase in turns to an offset); `part` draws it around a point at a scale in pixels.
    """

    tray: Point
    place: Point
    part: Callable[[ImageDraw.ImageDraw, Point, float], None]
    tool: Colour
    motion: Callable[[float], Point]


def bench(size: tuple[int, int]) -> Image.Image:
    """Draws the empty bench: wood, a mat, trays along the edge."""
    width, height = size
    random = np.random.default_rng(20)
    grain = random.normal(0, 9, (height, 1, 1)) + random.normal(0, 3, (height, width, 1))
    wood = np.clip(np.array([150, 112, 74]) + grain, 0, 255).astype(np.uint8)
    picture = Image.fromarray(wood).filter(ImageFilter.GaussianBlur(0.8))
    draw = ImageDraw.Draw(picture)
    mat = (0.24 * width, 0.16 * height, 0.80 * width, 0.92 * height)
    draw.rounded_rectangle(mat, radius=0.03 * height, fill=(52, 86, 78), outline=(34, 60, 54), width=3)
    for line in np.arange(0.30, 0.80, 0.06):
        draw.line((line * width, mat[1] + 4, line * width, mat[3] - 4), fill=(58, 95, 86))
    for step in STEPS.values():
        x, y = step.tray[0] * width, step.tray[1] * height
        reach = 0.075 * height
        draw.rounded_rectangle((x - reach, y - reach, x + reach, y + reach), 6, fill=(92, 90, 96), outline=(60, 58, 64))
    return picture


def draw_moment(scene: Image.Image, step: Step, share: float, *, sway: float) -> Image.Image:
    """Draws a step at `share` of its time over the scene that the steps before it left; 1 leaves only the part."""
    picture = scene.copy()
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    scale = 0.11 * height

    def pixel(point: Point) -> Point:
        return point[0] * width, point[1] * height

    carried = _ease((share - 0.15) / 0.2)
    part = _between(step.tray, step.place, carried, bow=0.08 + sway)
    step.part(draw, pixel(part), scale)
    if share >= 1:
        return picture
    hand = _hand(step, share, part, sway)
    if 0.4 <= share < 0.88:
        _tool(draw, pixel(hand), pixel(step.place), step.tool, scale)
    _arm(draw, pixel(hand), (width * (0.62 + sway), height * 1.15), scale)
    return picture


def _hand(step: Step, share: float, part: Point, sway: float) -> Point:
    away = (0.62 + sway, 1.2)
    if share < 0.15:
        return _between(away, step.tray, _ease(share / 0.15), bow=0.0)
    if share < 0.4:
        return part
    if share < 0.88:
        dx, dy = step.motion((share - 0.4) * 12)
        return step.place[0] + 0.05 + dx, step.place[1] + 0.12 + dy
    return _between((step.place[0] + 0.05, step.place[1] + 0.12), away, _ease((share - 0.88) / 0.12), bow=0.0)


def _arm(draw: ImageDraw.ImageDraw, hand: Point, elbow: Point, scale: float) -> None:
    draw.line((*elbow, *hand), fill=_SLEEVE, width=round(scale * 0.8))
    wrist = _between(hand, elbow, 0.12, bow=0.0)
    draw.line((*wrist, *hand), fill=_SKIN, width=round(scale * 0.55))
    _disc(draw, hand, scale * 0.42, _SKIN)
    for finger in (-0.5, -0.17, 0.17, 0.5):
        tip = hand[0] + finger * scale * 0.8, hand[1] - scale * (0.62 - abs(finger) * 0.3)
        draw.line((*hand, *tip), fill=(201, 146, 115), width=max(2, round(scale * 0.17)))


def _tool(draw: ImageDraw.ImageDraw, hand: Point, tip: Point, colour: Colour, scale: float) -> None:
    draw.line((*hand, *tip), fill=(188, 190, 196), width=max(2, round(scale * 0.13)))
    draw.line((*hand, *_between(hand, tip, 0.5, bow=0.0)), fill=colour, width=round(scale * 0.32))


def _ease(share: float) -> float:
    held = min(1.0, max(0.0, share))
    return held * held * (3 - 2 * held)


def _between(start: Point, end: Point, share: float, *, bow: float) -> Point:
    lift = bow * math.sin(math.pi * share)
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share - lift


def _disc(draw: ImageDraw.ImageDraw, at: Point, radius: float, colour: Colour) -> None:
    x, y = at
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _plate(draw: ImageDraw.ImageDraw, at: Point, scale: float) -> None:
    x, y = at
    box = (x - 2.2 * scale, y - 1.5 * scale, x + 2.2 * scale, y + 1.5 * scale)
    draw.rounded_rectangle(box, radius=8, fill=(168, 176, 184), outline=(110, 116, 124), width=3)


def _gear(draw: ImageDraw.ImageDraw, at: Point, scale: float) -> None:
    for tooth in range(12):
        angle = tooth * math.tau / 12
        _disc(draw, (at[0] + scale * math.cos(angle), at[1] + scale * math.sin(angle)), scale * 0.2, (206, 160, 40))
    _disc(draw, at, scale, (222, 178, 54))
    _disc(draw, at, scale * 0.35, (70, 60, 40))


def _shaft(draw: ImageDraw.ImageDraw, at: Point, scale: float) -> None:
    x, y = at
    draw.rectangle((x - 0.28 * scale, y - 1.7 * scale, x + 0.28 * scale, y + 1.7 * scale), fill=(196, 60, 52))
    draw.rectangle((x - 0.5 * scale, y - 0.4 * scale, x + 0.5 * scale, y + 0.4 * scale), fill=(150, 40, 36))


def _screws(draw: ImageDraw.ImageDraw, at: Point, scale: float) -> None:
    for dx in (-0.9, 0.9):
        for dy in (-0.7, 0.7):
            _disc(draw, (at[0] + dx * scale, at[1] + dy * scale), scale * 0.3, (30, 34, 40))
            _disc(draw, (at[0] + dx * scale, at[1] + dy * scale), scale * 0.14, (232, 232, 236))


def _cover(draw: ImageDraw.ImageDraw, at: Point, scale: float) -> None:
    x, y = at
    box = (x - 1.5 * scale, y - 1.9 * scale, x + 1.5 * scale, y + 1.9 * scale)
    draw.rounded_rectangle(box, radius=14, fill=(64, 128, 196), outline=(34, 78, 130), width=4)
    draw.line((x - scale, y - scale, x + scale, y - scale), fill=(180, 214, 244), width=4)


def _label(draw: ImageDraw.ImageDraw, at: Point, scale: float) -> None:
    x, y = at
    draw.rectangle((x - scale, y - 0.6 * scale, x + scale, y + 0.6 * scale), fill=(240, 238, 226))
    for stripe in range(7):
        at_x = x - 0.8 * scale + stripe * 0.25 * scale
        draw.line((at_x, y - 0.4 * scale, at_x, y + 0.4 * scale), fill=(20, 20, 20), width=1 + stripe % 3)


STEPS: Mapping[str, Step] = {
    "plate": Step(
        (0.10, 0.20), (0.50, 0.52), _plate, (200, 60, 40), lambda t: (0.10 * math.sin(math.tau * t / 3), 0.0)
    ),
    "gear": Step((0.10, 0.42), (0.40, 0.46), _gear, (40, 150, 70), lambda t: (0.0, 0.07 * abs(math.sin(math.pi * t)))),
    "shaft": Step(
        (0.10, 0.64),
        (0.62, 0.50),
        _shaft,
        (236, 200, 30),
        lambda t: (0.05 * math.cos(math.tau * t), 0.08 * math.sin(math.tau * t)),
    ),
    "screws": Step(
        (0.10, 0.86), (0.52, 0.66), _screws, (230, 120, 20), lambda t: (0.012 * math.sin(math.tau * 4 * t), 0.01)
    ),
    "cover": Step((0.90, 0.24), (0.66, 0.36), _cover, (120, 50, 150), lambda t: (0.06 * (t % 1), -0.04 * (t % 1))),
    "label": Step((0.90, 0.50), (0.34, 0.78), _label, (20, 160, 170), lambda t: (0.08 * (t / 3 % 1), 0.02)),
}
