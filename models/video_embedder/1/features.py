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
from colours import COLOURS, PALETTE, moving_colours, palette
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
    channels = (luminance, red_green, blue_green)
    moving = moving_colours(_movement(*channels), *channels, windows=WINDOWS)
    windows = np.concatenate([stacked, _COLOUR_GAIN * moving, palette(*channels, windows=WINDOWS)], axis=1)
    return windows.ravel(), np.stack([pooled[channel] for channel in _GLIMPSED], axis=1).reshape(GLIMPSES)


def _movement(*channels: Floats) -> Floats:
    """Gives how much each pixel changes from the frames before and after it, beyond noise, over all channels."""
    changes = np.zeros_like(channels[0][1:])
    for channel in channels:
        change = _blurred(np.diff(channel, axis=0))
        changes += np.abs(change, out=change)
    changes -= _NOISE * _medians(changes) + _LEAST_CHANGE
    np.maximum(changes, 0.0, out=changes)
    weights = np.zeros_like(channels[0])
    weights[1:] = changes
    weights[:-1] += changes
    weights[1:-1] /= 2
    return weights


def _blurred(pictures: Floats) -> Floats:
    """Averages 3 x 3 pixels; beyond the edge the edge goes on."""
    squares = _summed(_summed(pictures, axis=1), axis=2)
    squares /= 9
    return squares


def _summed(pictures: Floats, *, axis: int) -> Floats:
    """Adds to each pixel those before and after it along an axis."""
    own, sums = pictures.swapaxes(0, axis), np.empty_like(pictures)
    added = sums.swapaxes(0, axis)
    added[0] = own[0]
    np.add(own[1:], own[:-1], out=added[1:])
    added[:-1] += own[1:]
    added[0] += own[0]
    added[-1] += own[-1]
    return sums


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
