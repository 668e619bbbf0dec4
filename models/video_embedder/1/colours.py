"""What moves in which colour, and which colours the picture is of: both are told by ratios to the bench's colour.

All take log luminance and two log colour ratios, each less what is usual of it, float32 (frames, height, width).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SHADES = 5  # of either colour ratio
COLOURS = SHADES * SHADES + 2  # what has the bench's colour is brighter, as bright, or darker
TONES = (7, 7, 3)  # of either colour ratio, and bright, as bright as the bench, dark
PALETTE = TONES[0] * TONES[1] * TONES[2]

_SHADE = 0.6  # of a log colour ratio: from one shade to the next
_BRIGHTER, _DARKER = (0.25, 0.5), (0.35, 0.7)  # of log luminance: where it begins, and how far until it is wholly so
_TONE = 0.4  # of a log colour ratio: from one tone to the next
_FINE = 0.1  # of the same, and of log luminance: how finely pixels are counted first
_REACH = _TONE * (TONES[0] // 2)
_LIGHTS = (-1.1, 0.8)  # of log luminance: beyond it all is as dark, or as bright

Floats = NDArray[np.float32]


def moving_colours(
    movement: Floats, luminance: Floats, red_green: Floats, blue_green: Floats, *, windows: int
) -> Floats:
    """Gives how much changes in each colour, a mean over the pixels of a window: (windows, COLOURS).

    A pixel counts with its `movement`, and goes to the shades around it in proportion.
    """
    pixels = np.flatnonzero(movement)  # few of all: the rest is done for them alone
    weight, light = movement.ravel()[pixels], luminance.ravel()[pixels]
    row, row_share = _shade(red_green.ravel()[pixels])
    column, column_share = _shade(blue_green.ravel()[pixels])
    starts = np.searchsorted(pixels, np.arange(windows + 1) * (luminance.size // windows))
    window = np.repeat(np.arange(windows), np.diff(starts))
    chroma = row * SHADES + column
    place = window * SHADES * SHADES + chroma
    sums = np.zeros(windows * SHADES * SHADES)
    middle = np.zeros(len(weight))
    above = weight * (1 - row_share), weight * row_share
    beside = 1 - column_share, column_share
    for down, across in ((0, 0), (0, 1), (1, 0), (1, 1)):
        part = above[down] * beside[across]
        step = down * SHADES + across
        sums += np.bincount(place + step, part, minlength=len(sums))
        middle += part * (chroma == SHADES * SHADES // 2 - step)
    found = np.zeros((windows, COLOURS), dtype=np.float32)
    found[:, : SHADES * SHADES] = sums.reshape(windows, -1)
    dark, bright = _dark_and_bright(light)
    for own, share in ((SHADES * SHADES // 2, 1 - bright - dark), (-2, bright), (-1, dark)):
        found[:, own] = np.bincount(window, middle * share, minlength=windows)
    return found / (luminance.size / windows)


def palette(luminance: Floats, red_green: Floats, blue_green: Floats, *, windows: int) -> Floats:
    """Gives the share of the picture in each tone, (windows, PALETTE), a pixel going to those around it in proportion.

    Pixels are counted finely first, and the counts shared out: for each pixel alone it would take ten times as long.
    """
    place = _finely(red_green, -_REACH, _REACH)
    for values, limits, size in ((blue_green, (-_REACH, _REACH), len(_HUES)), (luminance, _LIGHTS, len(_LIT))):
        place *= size  # whole numbers below 2 to the 24th, which these floats tell apart, in half the memory
        place += _finely(values, *limits)
    fine = len(_HUES) * len(_HUES) * len(_LIT)
    place.reshape(windows, -1)[...] += (np.arange(windows, dtype=np.float32) * fine)[:, None]
    counts = np.bincount(place.ravel().astype(np.intp), minlength=windows * fine).astype(np.float32)
    lit = counts.reshape(-1, len(_LIT)) @ _LIT
    by_red = _HUES.T @ lit.reshape(windows, len(_HUES), -1)
    tones = _HUES.T @ by_red.reshape(windows * TONES[0], len(_HUES), TONES[2])
    return np.asarray(tones.reshape(windows, PALETTE) * (windows / luminance.size), dtype=np.float32)


def _finely(values: Floats, low: float, high: float) -> Floats:
    """Gives the whole number of fine steps from `low`, of values that are taken to lie within the limits."""
    steps = np.maximum(values, low)
    np.minimum(steps, high, out=steps)
    steps -= low
    steps /= _FINE
    return np.rint(steps, out=steps)


def _shade(ratio: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Gives the shade below a log colour ratio, and how far it is on the way to the next."""
    place = np.clip(ratio / _SHADE + SHADES // 2, 0.0, SHADES - 1.0)
    below = np.minimum(place.astype(np.int64), SHADES - 2)
    return below, place - below


def _dark_and_bright(light: NDArray[np.floating]) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    bright = np.clip((light - _BRIGHTER[0]) / _BRIGHTER[1], 0.0, 1.0)
    dark = np.clip((-light - _DARKER[0]) / _DARKER[1], 0.0, 1.0)
    return dark, bright


def _hues() -> Floats:
    """Gives the share of each tone in each finely counted colour ratio, (fine, tones)."""
    fine = np.arange(round(2 * _REACH / _FINE) + 1) * _FINE / _TONE
    return np.asarray(np.maximum(1.0 - np.abs(fine[:, None] - np.arange(TONES[0])), 0.0), dtype=np.float32)


def _lit() -> Floats:
    """Gives how dark, neither, or bright each finely counted log luminance is, (fine, 3)."""
    dark, bright = _dark_and_bright(_LIGHTS[0] + np.arange(round((_LIGHTS[1] - _LIGHTS[0]) / _FINE) + 1) * _FINE)
    return np.stack([dark, 1.0 - bright - dark, bright], axis=1).astype(np.float32)


_HUES, _LIT = _hues(), _lit()
