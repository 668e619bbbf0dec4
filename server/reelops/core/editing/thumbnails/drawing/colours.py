"""Colours: reading, mixing, and how well one is read on another."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

Colour: TypeAlias = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
INK: Colour = (16, 18, 27)

READABLE = 4.5
"""The least contrast of text, after WCAG 2.2, success criterion 1.4.3."""


def parse(text: str) -> Colour:
    """Reads #rgb or #rrggbb."""
    digits = text.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


@cache
def luminance(colour: Colour) -> float:
    """Measures relative luminance, 0 to 1, as WCAG 2.2 defines it."""
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def contrast(one: Colour, other: Colour) -> float:
    """Measures the contrast ratio of WCAG 2.2, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Goes from `one` towards `other` by `share`, 0 to 1."""
    first, second, third = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return first, second, third


def adjusted(colour: Colour, *, hue: float = 0.0, lightness: float = 1.0, saturation: float = 1.0) -> Colour:
    """Turns the hue by a share of the circle and scales lightness and saturation."""
    h, li, s = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
    channels = colorsys.hls_to_rgb((h + hue) % 1, min(1.0, li * lightness), min(1.0, s * saturation))
    red, green, blue = (round(channel * 255) for channel in channels)
    return red, green, blue


def readable(ink: Colour, *behind: Colour, least: float = READABLE + 0.2) -> Colour:
    """Gives the colour nearest to `ink` that is read on all of `behind`, or black or white when there is none."""
    for step in range(21):
        for end in _ends(ink, behind):
            candidate = mix(ink, end, step / 20)
            if all(contrast(candidate, each) >= least for each in behind):
                return candidate
    return max((WHITE, BLACK), key=lambda end: min(contrast(end, each) for each in behind))


def _ends(ink: Colour, behind: Sequence[Colour]) -> Sequence[Colour]:
    brighter = sum(luminance(ink) >= luminance(each) for each in behind) * 2 >= len(behind)
    return (WHITE, BLACK) if brighter else (BLACK, WHITE)


def ink_on(*behind: Colour) -> Colour:
    """Chooses white or near-black, whichever is read better on all of `behind`."""
    return max((WHITE, INK), key=lambda ink: min(contrast(ink, each) for each in behind))


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one thumbnail.

    `base` and `second` make the background, `accent` stands out from both, `every` is all that was asked for.
    """

    base: Colour
    second: Colour
    accent: Colour
    every: tuple[Colour, ...]

    def turn(self, place: int) -> Colour:
        """Gives the colours one after the other, for decoration."""
        return self.every[place % len(self.every)]


def palette(colours: Sequence[str], own: Sequence[str]) -> Palette:
    """Makes a palette of one to six colours; what is missing is derived, and with none it is the style's `own`."""
    asked = tuple(parse(colour) for colour in colours) or tuple(parse(colour) for colour in own)
    base = asked[0]
    second = asked[1] if len(asked) > 1 else _companion(base)
    accent = asked[2] if len(asked) > 2 else _accent(base, second)
    return Palette(base, second, accent, (*asked, second, accent)[: max(len(asked), 3)])


def _companion(base: Colour) -> Colour:
    grey = max(base) - min(base) < 24
    if grey:
        return mix(base, INK if luminance(base) > 0.4 else WHITE, 0.45)
    return adjusted(base, hue=0.09, lightness=0.62 if luminance(base) > 0.25 else 1.5)


def _accent(base: Colour, second: Colour) -> Colour:
    """Takes the bright colour of a fixed set that is seen best beside both."""
    bright = ("#ffe14d", "#ffffff", "#35f2ff", "#ff4d6d", "#2b2d42", "#b8ff3d")
    return max(map(parse, bright), key=lambda each: min(_apart(each, base), _apart(each, second)))


def _apart(one: Colour, other: Colour) -> float:
    return sum(weight * (a - b) ** 2 for weight, a, b in zip((3, 4, 2), one, other, strict=True))
