"""The weight-free embedding: what lies where, in which colour, with which edges, and where it moves.

A clip of about 4 s is cut into four windows of about 1 s. Each window has, on a coarse grid of overlapping cells,

* the mean log luminance and two log colour ratios, less their medians: so light and white balance go (Finlayson and
  Hordley, 2001, for the ratios). What is redder than the bench is apart from what is less red, and the same of blue;
* how much the luminance changes from frame to frame: where it moves;
* the structure tensor of the luminance (Bigun and Granlund, 1987): direction and strength of edges;

and, for the whole picture,

* the colours of what moves: how much changes from frame to frame in each of a few colours, told by their ratios to the
  colour of the bench. A small tool in a moving hand is little of any cell, and much of this;
* the palette: the share of the picture in each of somewhat more colours (Swain and Ballard, 1991). A take's usual
  palette taken away, what is left is of hands and tools, those included that are held still.

The flat embedding is window after window, so that a comparison can take them apart. It is no learned model and knows
no objects; it tells apart what happens on one workbench before one camera.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NAME = "motion-appearance"
VERSION = "3"

GEOMETRY = (16, 96, 128)  # frames, height, width
WINDOWS = 4
GRID = (6, 8)
CHANNELS = (
    "luminance",
    "redder",
    "less_red",
    "bluer",
    "less_blue",
    "motion",
    "edges_across",
    "edges_down",
    "edges_slanted",
)
SHADES = 5  # of either colour ratio
COLOURS = SHADES * SHADES + 2  # what has the bench's colour is brighter, as bright, or darker
TONES = (7, 7, 3)  # of either colour ratio, and bright, as bright as the bench, dark
PALETTE = TONES[0] * TONES[1] * TONES[2]
WINDOW_DIM = len(CHANNELS) * GRID[0] * GRID[1] + COLOURS + PALETTE
GLIMPSED = ("luminance", "edges_across", "edges_down")
DIM = WINDOWS * WINDOW_DIM
GLIMPSES = (GEOMETRY[0], len(GLIMPSED), GRID[0] * GRID[1])  # of a clip: frames, channels, cells

_GLIMPSED = tuple(CHANNELS.index(name) for name in GLIMPSED)
_POOL = 2  # pixels are averaged 2 x 2 before anything else: less sensor noise, a quarter of the work
_FLOOR = 0.12  # of the mean luminance, added before the logarithm so that black pixels stay quiet
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_STILL = 0.03  # changes of log luminance below this are sensor noise
_GAINS = np.array([1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 4.0, 4.0, 4.0], dtype=np.float32)
_SHADE = 0.6  # of a log colour ratio: from one shade to the next
_BRIGHTER, _DARKER = (0.25, 0.5), (0.35, 0.7)  # of log luminance: where it begins, and how far until it is wholly so
_TONE = 0.4  # of a log colour ratio: from one tone to the next
_FINE = 0.1  # of the same, and of log luminance: how finely pixels are counted first
_LIGHTS = (-1.1, 0.8)  # of log luminance: beyond it all is as dark, or as bright
_NOISE = 2.5  # times the median change of a picture is no movement
_LEAST_CHANGE = 0.06  # of log luminance and log colour ratios together
_COLOUR_GAIN = 20.0

Floats = NDArray[np.float32]


def embed(frames: NDArray[np.uint8]) -> Floats:
    """Embeds clips: `compute` without the glimpses, (clips, DIM)."""
    return compute(frames)[0]


def compute(frames: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """Embeds clips, and says what is seen at each of their frames.

    `frames` is (clips, 16, 96, 128, 3), RGB. Gives (clips, DIM) and (clips, 16, 3, 48): the maps of single frames in
    three of the channels, for what is over in less than a window, such as hands that are away for a moment. What a clip
    gives does not depend on the others of its batch. Raises `ValueError` on any other shape or type.
    """
    if frames.ndim != 5 or frames.shape[1:] != (*GEOMETRY, 3) or frames.dtype != np.uint8:
        raise ValueError(f"frames must be uint8 of shape (clips, {', '.join(map(str, GEOMETRY))}, 3)")
    embeddings = np.empty((len(frames), DIM), dtype=np.float32)
    glimpses = np.empty((len(frames), *GLIMPSES), dtype=np.float32)
    for index, clip in enumerate(frames):
        embeddings[index], glimpses[index] = _embed_clip(clip)
    return embeddings, glimpses


def _embed_clip(clip: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    luminance, red_green, blue_green = _log_channels(clip)
    motion = np.zeros_like(luminance)
    motion[1:] = np.maximum(np.abs(np.diff(luminance, axis=0)) - _STILL, 0.0)
    motion[0] = motion[1]
    across, down = _gradient(luminance)
    length = np.sqrt(across * across + down * down + 1e-4)
    maps = (
        luminance,
        np.maximum(red_green, 0.0),
        np.maximum(-red_green, 0.0),
        np.maximum(blue_green, 0.0),
        np.maximum(-blue_green, 0.0),
        motion,
        across * across / length,
        down * down / length,
        across * down / length,
    )
    pooled = [gain * _pooled(channel) for gain, channel in zip(_GAINS, maps, strict=True)]
    stacked = np.stack([_windows(cells) for cells in pooled], axis=1).reshape(WINDOWS, -1)
    colours = _moving_colours(luminance, red_green, blue_green)
    palette = _palette(luminance, red_green, blue_green)
    windows = np.concatenate([stacked, _COLOUR_GAIN * colours, palette], axis=1)
    return windows.ravel(), np.stack([pooled[channel] for channel in _GLIMPSED], axis=1).reshape(GLIMPSES)


def _moving_colours(luminance: Floats, red_green: Floats, blue_green: Floats) -> Floats:
    """Gives how much changes in each colour, a mean over the pixels of a window: (windows, colours).

    A pixel counts with how much it changes, and goes to the shades around it in proportion.
    """
    weights = _movement(luminance, red_green, blue_green)
    pixels = np.flatnonzero(weights)  # few of all: the rest is done for them alone
    weight, light = weights.ravel()[pixels], luminance.ravel()[pixels]
    row, row_share = _shade(red_green.ravel()[pixels])
    column, column_share = _shade(blue_green.ravel()[pixels])
    window = pixels // (luminance.size // WINDOWS)
    sums = np.zeros(WINDOWS * SHADES * SHADES)
    middle = np.zeros(len(weight))
    for down, across in ((0, 0), (0, 1), (1, 0), (1, 1)):
        part = weight * (row_share if down else 1 - row_share) * (column_share if across else 1 - column_share)
        shade = (row + down) * SHADES + column + across
        sums += np.bincount(window * SHADES * SHADES + shade, part, minlength=len(sums))
        middle += part * (shade == SHADES * SHADES // 2)
    found = np.zeros((WINDOWS, COLOURS), dtype=np.float32)
    found[:, : SHADES * SHADES] = sums.reshape(WINDOWS, -1)
    bright = np.clip((light - _BRIGHTER[0]) / _BRIGHTER[1], 0.0, 1.0)
    dark = np.clip((-light - _DARKER[0]) / _DARKER[1], 0.0, 1.0)
    for place, share in ((SHADES * SHADES // 2, 1 - bright - dark), (-2, bright), (-1, dark)):
        found[:, place] = np.bincount(window, middle * share, minlength=WINDOWS)
    return found / (luminance.size / WINDOWS)


def _palette(luminance: Floats, red_green: Floats, blue_green: Floats) -> Floats:
    """Gives the share of the picture in each tone, (windows, PALETTE), a pixel going to those around it in proportion.

    Pixels are counted finely first, and the counts shared out: for each pixel alone it would take ten times as long.
    """
    reach = _TONE * (TONES[0] // 2)
    fine = [_finely(red_green, -reach, reach), _finely(blue_green, -reach, reach), _finely(luminance, *_LIGHTS)]
    shape = (WINDOWS, *(len(shares) for shares in _SHARES))
    place = np.repeat(np.arange(WINDOWS), len(luminance) // WINDOWS)[:, None, None]
    for own, size in zip(fine, shape[1:], strict=True):
        place = place * size + own
    counts = np.bincount(place.ravel(), minlength=int(np.prod(shape))).reshape(shape).astype(np.float32)
    for shares in _SHARES:  # each takes the first of the axes that are left and puts its own last
        counts = np.tensordot(counts, shares, axes=(1, 0))
    return np.asarray(counts.reshape(WINDOWS, PALETTE) * (WINDOWS / luminance.size), dtype=np.float32)


def _finely(values: Floats, low: float, high: float) -> NDArray[np.int64]:
    return np.rint((np.clip(values, low, high) - low) / _FINE).astype(np.int64)


def _shade(ratio: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Gives the shade below a log colour ratio, and how far it is on the way to the next."""
    place = np.clip(ratio / _SHADE + SHADES // 2, 0.0, SHADES - 1.0)
    below = np.minimum(place.astype(np.int64), SHADES - 2)
    return below, place - below


def _movement(*channels: Floats) -> Floats:
    """Gives how much each pixel changes from the frames before and after it, beyond noise, over all channels."""
    changes = np.zeros_like(channels[0][1:])
    for channel in channels:
        changes += np.abs(_blurred(np.diff(channel, axis=0)))
    changes = np.maximum(changes - (_NOISE * _medians(changes) + _LEAST_CHANGE), 0.0)
    weights = np.zeros_like(channels[0])
    weights[1:] = changes
    weights[:-1] += changes
    weights[1:-1] /= 2
    return weights


def _blurred(pictures: Floats) -> Floats:
    """Averages 3 x 3 pixels; beyond the edge the edge goes on."""
    rows = pictures.copy()
    rows[:, 1:] += pictures[:, :-1]
    rows[:, :-1] += pictures[:, 1:]
    rows[:, [0, -1]] += pictures[:, [0, -1]]
    squares = rows.copy()
    squares[..., 1:] += rows[..., :-1]
    squares[..., :-1] += rows[..., 1:]
    squares[..., [0, -1]] += rows[..., [0, -1]]
    squares /= 9
    return squares


def _log_channels(clip: NDArray[np.uint8]) -> tuple[Floats, Floats, Floats]:
    # Pairs are added row by row, then column by column and colour by colour: much faster than one sum over blocks.
    rows = np.add(clip[:, 0::_POOL], clip[:, 1::_POOL], dtype=np.uint16)
    sums = np.empty((3, len(clip), clip.shape[1] // _POOL, clip.shape[2] // _POOL), dtype=np.uint16)
    for colour, own in enumerate(sums):
        np.add(rows[:, :, 0::_POOL, colour], rows[:, :, 1::_POOL, colour], out=own)
    colours = sums.astype(np.float32)
    luminance = np.tensordot(_LUMA, colours, axes=1)
    floor = np.float32(_FLOOR * float(luminance.mean()) + 1.0)
    log_luminance, red, green, blue = (np.log(channel + floor) for channel in (luminance, *colours))
    log_luminance -= _medians(log_luminance)
    red_green, blue_green = (ratio - _usual(ratio) for ratio in (red - green, blue - green))
    return log_luminance, red_green, blue_green


def _usual(ratio: Floats) -> np.float32:
    """Gives the mean of the middle half: a median would jump where a bench has two colours in equal parts."""
    quarter = ratio.size // 4
    ordered = np.partition(ratio.ravel(), (quarter, ratio.size - quarter))
    return np.float32(ordered[quarter : ratio.size - quarter].mean())


def _medians(pictures: Floats) -> Floats:
    """Gives the median of each of the pictures, (pictures, 1, 1); they have an even number of pixels.

    One place is looked for and the other half searched, which is several times as fast as looking for both places.
    """
    middle = pictures[0].size // 2
    parted = np.partition(pictures.reshape(len(pictures), -1), middle, axis=1)
    return np.asarray((parted[:, :middle].max(axis=1) + parted[:, middle])[:, None, None] / 2, dtype=np.float32)


def _gradient(image: Floats) -> tuple[Floats, Floats]:
    across = np.zeros_like(image)
    down = np.zeros_like(image)
    across[:, :, 1:-1] = image[:, :, 2:] - image[:, :, :-2]
    down[:, 1:-1, :] = image[:, 2:, :] - image[:, :-2, :]
    return across, down


def _pooled(channel: NDArray[np.floating]) -> Floats:
    return np.asarray(_DOWN @ channel @ _ACROSS.T, dtype=np.float32)


def _windows(grids: Floats) -> Floats:
    return np.asarray(grids.reshape(WINDOWS, -1, GRID[0] * GRID[1]).mean(axis=1), dtype=np.float32)


def _cells(cells: int, pixels: int) -> Floats:
    """Gives (cells, pixels): overlapping tents one cell apart and two wide, each summing to 1."""
    centres = (np.arange(cells) + 0.5) * pixels / cells
    distance = np.abs(np.arange(pixels)[None, :] + 0.5 - centres[:, None]) * cells / pixels
    tents = np.maximum(1.0 - distance, 0.0)
    return np.asarray(tents / tents.sum(axis=1, keepdims=True), dtype=np.float32)


_DOWN = _cells(GRID[0], GEOMETRY[1] // _POOL)
_ACROSS = _cells(GRID[1], GEOMETRY[2] // _POOL)


def _tones() -> Floats:
    """Gives the share of each tone in each finely counted colour ratio, (fine, tones)."""
    fine = np.arange(round(_TONE * (TONES[0] - 1) / _FINE) + 1) * _FINE / _TONE
    return np.asarray(np.maximum(1.0 - np.abs(fine[:, None] - np.arange(TONES[0])), 0.0), dtype=np.float32)


def _lights() -> Floats:
    """Gives how dark, neither, or bright each finely counted log luminance is, (fine, 3)."""
    fine = _LIGHTS[0] + np.arange(round((_LIGHTS[1] - _LIGHTS[0]) / _FINE) + 1) * _FINE
    bright = np.clip((fine - _BRIGHTER[0]) / _BRIGHTER[1], 0.0, 1.0)
    dark = np.clip((-fine - _DARKER[0]) / _DARKER[1], 0.0, 1.0)
    return np.stack([dark, 1.0 - bright - dark, bright], axis=1).astype(np.float32)


_SHARES = (_tones(), _tones(), _lights())
