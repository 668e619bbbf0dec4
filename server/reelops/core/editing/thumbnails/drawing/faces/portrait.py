"""Puts a person together: who it is, then shoulders, head, hair, mood."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from PIL import Image

from reelops.core.editing.thumbnails.drawing.colours import WHITE, Colour, luminance, mix, parse
from reelops.core.editing.thumbnails.drawing.faces import extras, features, hair
from reelops.core.editing.thumbnails.drawing.faces.moods import MOODS, Mood
from reelops.core.editing.thumbnails.drawing.faces.pen import Pen, ring, smooth
from reelops.core.editing.thumbnails.model import Expression

_SKINS = ("#ffdcc2", "#f6c8a0", "#e8ac7c", "#c98756", "#9a6038", "#6f4226")
_HAIRS = ("#2a1d1b", "#4a2c1d", "#7b4a25", "#c98d3c", "#b5502a", "#20242f")
_IRISES = ("#6b4423", "#3f7cac", "#4c8b57", "#7a5c35", "#5a6b8c")
_WIDTH, _HEIGHT = 600.0, 620.0
_HEAD = smooth(
    [
        (0, -170),
        (78, -160),
        (134, -112),
        (150, -40),
        (146, 36),
        (124, 98),
        (76, 144),
        (0, 164),
        (-76, 144),
        (-124, 98),
        (-146, 36),
        (-150, -40),
        (-134, -112),
        (-78, -160),
    ],
    closed=True,
)


@dataclass(frozen=True, slots=True)
class Person:
    """Who is drawn: colours and hair, and a headset for those who play."""

    skin: Colour
    hair: Colour
    iris: Colour
    clothes: Colour
    style: str
    headset: Colour | None = None


def cast(chance: Random, clothes: Colour, *, headset: Colour | None = None) -> Person:
    """Chooses a person by chance."""
    skin = parse(chance.choice(_SKINS))
    dark = luminance(skin) < 0.3
    tint = parse(chance.choice(_HAIRS[:2] + _HAIRS[5:] if dark else _HAIRS))
    return Person(skin, tint, parse(chance.choice(_IRISES)), clothes, chance.choice(hair.STYLES), headset)


def portrait(person: Person, expression: Expression, height: int) -> Image.Image:
    """Draws a person from the shoulders up, RGBA, `height` pixels high; the shoulders go out at the bottom."""
    scale = height / _HEIGHT
    pen = Pen((round(_WIDTH * scale), height), scale, (_WIDTH / 2 * scale, 292 * scale))
    mood = MOODS[expression]
    line = mix(mix(person.skin, (60, 20, 20), 0.6), (20, 10, 24), 0.62)
    _shoulders(pen, person, line, mood, long=person.style == "long")
    pen.tilt(mood.tilt)
    _head(pen, person, mood, line)
    extras.draw(pen, mood.extra, skin=person.skin, line=line)
    return pen.finished()


def _shoulders(pen: Pen, person: Person, line: Colour, mood: Mood, *, long: bool) -> None:
    shade = mix(person.skin, (120, 40, 50), 0.3)
    if long:
        pen.tilt(mood.tilt)
        hair.behind(pen, person.style, person.hair, line)
        pen.tilt(0)
    dark = mix(person.clothes, (0, 0, 0), 0.24)
    pen.blob(
        [(-232, 420), (-226, 300), (-190, 244), (-96, 208), (0, 214), (96, 208), (190, 244), (226, 300), (232, 420)],
        person.clothes,
        outline=line,
        width=8,
    )
    pen.blob(
        [(-56, 120), (56, 120), (62, 214), (40, 246), (0, 258), (-40, 246), (-62, 214)],
        person.skin,
        outline=line,
        width=8,
    )
    pen.blob([(-54, 150), (0, 176), (54, 150), (56, 196), (0, 214), (-56, 196)], shade)
    pen.line([(-86, 210), (-60, 252), (0, 276), (60, 252), (86, 210)], dark, 30)
    pen.line([(-40, 278), (-44, 340)], mix(person.clothes, WHITE, 0.7), 8)
    pen.line([(40, 278), (44, 326)], mix(person.clothes, WHITE, 0.7), 8)


def _head(pen: Pen, person: Person, mood: Mood, line: Colour) -> None:
    skin = mix(person.skin, (236, 60, 50), 0.24) if mood.mouth == "teeth" else person.skin
    skin = mix(skin, (190, 210, 240), 0.1) if mood.mouth == "scream" else skin
    shade = mix(skin, (130, 40, 60), 0.24)
    if person.style != "long":
        hair.behind(pen, person.style, person.hair, line)
    for side in (-1, 1):
        pen.oval((side * 152, 14), (28, 38), skin, outline=line, width=8)
        pen.line([(side * 160, 2), (side * 148, 12), (side * 156, 26)], shade, 7)
    pen.shape(_HEAD, skin, outline=line, width=9)
    pen.within(_HEAD, lambda pen: _modelled(pen, skin, shade, mood))
    features.nose(pen, mix(shade, line, 0.25))
    features.mouth(pen, mood, line, shade)
    features.eyes(pen, mood, person.iris, line, skin)
    hair.before(pen, person.style, person.hair, line)
    features.brows(pen, mood, mix(person.hair, (0, 0, 0), 0.25))
    if person.headset is not None:
        _headset(pen, person.headset, line)


def _modelled(pen: Pen, skin: Colour, shade: Colour, mood: Mood) -> None:
    """Gives the head depth: a lit side, a shaded rim, cheeks."""
    pen.shape(_HEAD, shade)
    pen.oval((-16, -14), (158, 172), skin)
    pen.oval((-10, -128), (150, 40), mix(skin, shade, 0.55))
    if mood.blush:
        for side in (-1, 1):
            pen.oval((side * 96 - 4, 58), (34, 21), mix(skin, (255, 84, 96), 0.28 + 0.24 * mood.blush))


def _headset(pen: Pen, colour: Colour, line: Colour) -> None:
    arc = ring((0, -6), (178, 196))[28:57]
    pen.line([*arc, (178, -6)], line, 36)
    pen.line([*arc, (178, -6)], mix(colour, (0, 0, 0), 0.5), 22)
    pen.line(arc[7:16], mix(colour, WHITE, 0.35), 7)
    for side in (-1, 1):
        pen.blob(
            [(side * 150, -54), (side * 196, -48), (side * 208, 10), (side * 196, 66), (side * 150, 72)],
            mix(colour, (0, 0, 0), 0.35),
            outline=line,
            width=8,
        )
        pen.oval((side * 190, 10), (17, 46), colour, outline=line, width=6)
    pen.line([(-186, 60), (-150, 122), (-80, 140)], line, 16)
    pen.line([(-186, 60), (-150, 122), (-80, 140)], mix(colour, (0, 0, 0), 0.4), 8)
    pen.oval((-76, 140), (20, 14), mix(colour, (0, 0, 0), 0.4), outline=line, width=6)
