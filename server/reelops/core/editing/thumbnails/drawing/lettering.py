"""Draws a set text: outline, shadow, glow, a fill of one or two colours, slanted or turned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from reelops.core.editing.thumbnails.drawing.canvas import Box, Canvas, Placed, Point
from reelops.core.editing.thumbnails.drawing.colours import BLACK, Colour, readable
from reelops.core.editing.thumbnails.drawing.typefaces import PICTURE_ASCENT, PICTURES, coloured, write
from reelops.core.editing.thumbnails.drawing.wrapping import Setting
from reelops.core.editing.thumbnails.model import HEIGHT, WIDTH

_FINE = 2
_MARGIN = 10


@dataclass(frozen=True, slots=True)
class Ink:
    """How letters look.

    `fill` goes from the top of a line to its bottom when it has two colours; `punch` is that of the lines that stand
    out. `outline` and `halo` are the widths of the inner and outer outline as shares of the size; on a plain panel the
    outline is 0 and `behind` is the panel. `shadow` is a share of the size too.
    """

    fill: tuple[Colour, ...]
    behind: Colour
    outline: float = 0.07
    punch: tuple[Colour, ...] | None = None
    halo: float = 0.0
    halo_colour: Colour = BLACK
    shadow: float = 0.08
    glow: Colour | None = None
    shadow_colour: Colour = BLACK

    def of(self, line: int, count: int) -> tuple[Colour, ...]:
        """Gives the colours of a line, such that all of them are read on what is behind the letters."""
        chosen = self.punch if self.punch is not None and count > 1 and line == count - 1 else self.fill
        return tuple(readable(colour, self.behind) for colour in chosen)


def letter(
    canvas: Canvas,
    setting: Setting,
    ink: Ink,
    box: tuple[float, float, float, float],
    *,
    align: str = "left",
    across: float = 0.5,
    angle: float = 0.0,
    slant: float = 0.0,
) -> Placed:
    """Draws a text in a box (left, top, right, bottom) and gives its place.

    `across` says where it stands between the top and the bottom, `angle` turns it counter-clockwise in degrees, `slant`
    leans it to the right by a share of its height. It is moved inwards where it would leave the sheet.
    """
    outline, halo = ink.outline * setting.size, ink.halo * setting.size
    room = math.ceil(outline + halo + setting.size * 0.1) + 4
    letters, rims, emoji = _masks(
        setting, room, (outline, outline + halo) if halo else (outline,), _aligned(setting, align)
    )
    turn = _Turn(letters.size, angle, slant)
    body, rim = turn.mask(letters), turn.mask(rims[0])
    outer = turn.mask(rims[1]) if halo else rim
    bounds = outer.getbbox() or (0, 0, 1, 1)
    at = _place(bounds, box, _flush(setting, align), across)
    if ink.shadow:
        drop = ink.shadow * setting.size
        canvas.shadow(outer, at, radius=drop * 1.1, offset=(0, drop), colour=ink.shadow_colour, opacity=0.7)
    if ink.glow is not None:
        canvas.glow(outer, at, ink.glow, radius=setting.size * 0.28, strength=0.85)
    if halo:
        canvas.lay(outer, ink.halo_colour, at)
    if outline:
        canvas.lay(rim, ink.behind, at)
    canvas.image.paste(turn.bands(_colours(setting, ink, room, letters.size)), at, body)
    if emoji:
        _stamp(canvas, turn, emoji, letters.size, at)
    shown = (at[0] + bounds[0], at[1] + bounds[1], at[0] + bounds[2], at[1] + bounds[3])
    count = len(setting.lines)
    colours = tuple(colour for line in range(count) for colour in ink.of(line, count))
    placed = Placed(shown, body, at, colours, ink.behind, setting.size)
    canvas.texts.append(placed)
    return placed


def _flush(setting: Setting, align: str) -> str:
    return "right" if setting.right_to_left and align == "left" else align


def _aligned(setting: Setting, align: str) -> list[float]:
    """Gives how far each line is moved to the right within the width of the whole."""
    share = {"left": 0.0, "centre": 0.5, "right": 1.0}[_flush(setting, align)]
    return [(setting.width - line.width) * share for line in setting.lines]


_Emoji = list[tuple[Image.Image, Point]]


def _masks(
    setting: Setting, room: int, grows: Sequence[float], shifts: Sequence[float]
) -> tuple[Image.Image, list[Image.Image], _Emoji]:
    """Writes the letters, then with the inner and with the outer outline."""
    size = (math.ceil(setting.width) + 2 * room) * _FINE, (math.ceil(setting.height) + 2 * room) * _FINE
    letters = Image.new("L", size)
    rims = [Image.new("L", size) for _ in grows]
    emoji: _Emoji = []
    for line, shift in zip(setting.lines, shifts, strict=True):
        for run, left in line.runs:
            at = (room + shift + left) * _FINE, (room + line.base) * _FINE
            if run.face in PICTURES:
                picture = coloured(run, setting.size * _FINE)
                emoji.append((picture, (at[0], at[1] - PICTURE_ASCENT * setting.size * _FINE)))
                continue
            write(ImageDraw.Draw(letters), at, run, setting.size * _FINE)
            for rim, grow in zip(rims, grows, strict=True):
                write(ImageDraw.Draw(rim), at, run, setting.size * _FINE, grow=grow * _FINE)
    for picture, corner in emoji:
        for rim, grow in zip(rims, grows, strict=True):
            _rim_emoji(rim, picture, corner, grow * _FINE)
    return letters, rims, emoji


def _rim_emoji(rim: Image.Image, picture: Image.Image, corner: Point, grow: float) -> None:
    around = math.ceil(grow) + 2
    wide = Image.new("L", (picture.width + 2 * around, picture.height + 2 * around))
    wide.paste(picture.getchannel("A"), (around, around))
    if grow:
        wide = wide.filter(ImageFilter.GaussianBlur(grow * 0.6)).point(lambda value: min(255, max(0, value - 16) * 12))
    rim.paste(255, (round(corner[0]) - around, round(corner[1]) - around), wide)


class _Turn:
    """Turns and leans masks of one size while it brings them down to the true size."""

    def __init__(self, size: tuple[int, int], angle: float, slant: float) -> None:
        self._straight = not angle and not slant
        turn = math.radians(angle)
        cosine, sine = math.cos(turn), math.sin(turn)
        # Lean first, then turn.
        there = np.array([[cosine, -slant * cosine + sine], [-sine, slant * sine + cosine]])
        corners = there @ np.array([[0, size[0], 0, size[0]], [0, 0, size[1], size[1]]])
        low, high = corners.min(axis=1), corners.max(axis=1)
        wide, tall = np.ceil((high - low) / _FINE)
        self._out = int(wide), int(tall)
        back = np.linalg.inv(there)
        move = back @ (low + _FINE / 2 - 0.5)
        scaled = back * _FINE
        self._data = (scaled[0, 0], scaled[0, 1], move[0], scaled[1, 0], scaled[1, 1], move[1])

    def mask(self, mask: Image.Image) -> Image.Image:
        """Gives the mask at its true size; four of its points make one, so edges stay smooth."""
        if self._straight:
            return mask.reduce(_FINE)
        return mask.transform(self._out, Image.Transform.AFFINE, self._data, Image.Resampling.BILINEAR)

    def bands(self, bands: Image.Image) -> Image.Image:
        """Turns colours that were made for the tile."""
        if self._straight:
            return bands.resize((max(1, bands.width // _FINE), max(1, bands.height // _FINE)), Image.Resampling.NEAREST)
        return bands.transform(self._out, Image.Transform.AFFINE, self._data, Image.Resampling.NEAREST)


def _place(bounds: Box, box: tuple[float, float, float, float], align: str, across: float) -> tuple[int, int]:
    width, height = bounds[2] - bounds[0], bounds[3] - bounds[1]
    share = {"left": 0.0, "centre": 0.5, "right": 1.0}[align]
    left = box[0] + (box[2] - box[0] - width) * share
    top = box[1] + (box[3] - box[1] - height) * across
    left = min(max(_MARGIN, left), WIDTH - _MARGIN - width)
    top = min(max(_MARGIN, top), HEIGHT - _MARGIN - height)
    return round(left) - bounds[0], round(top) - bounds[1]


def _colours(setting: Setting, ink: Ink, room: int, size: tuple[int, int]) -> Image.Image:
    """Gives the colours of the tile's rows: each line goes through its own from the top of its ink to the bottom."""
    rows = np.zeros((size[1], 3), dtype=np.uint8)
    count = len(setting.lines)
    for place, line in enumerate(setting.lines):
        bottom = (room + line.base) * _FINE
        top = bottom - line.ascent * _FINE
        start = 0 if place == 0 else round(top - 0.04 * setting.size * _FINE)
        share = np.clip((np.arange(start, size[1]) - top) / max(1.0, bottom - top), 0, 1)
        chosen = ink.of(place, count)
        stops = np.linspace(0, 1, len(chosen))
        for channel, values in enumerate(zip(*chosen, strict=True)):
            rows[start:, channel] = np.interp(share, stops, values).round()
    return Image.fromarray(rows[:, None]).resize(size, Image.Resampling.NEAREST)


def _stamp(canvas: Canvas, turn: _Turn, emoji: _Emoji, size: tuple[int, int], at: tuple[int, int]) -> None:
    sheet = Image.new("RGBA", size)
    for picture, corner in emoji:
        sheet.paste(picture, (round(corner[0]), round(corner[1])))
    turned = turn.mask(sheet.convert("RGBa")).convert("RGBA")
    canvas.image.paste(turned.convert("RGB"), at, turned.getchannel("A"))
