"""Frames of video as parts of a design: cropped around what there is to see, graded, darkened where text stands."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from reelops.core.editing.thumbnails.drawing.canvas import Box, Canvas, ramp
from reelops.core.editing.thumbnails.drawing.colours import BLACK, Colour
from reelops.core.editing.thumbnails.model import HEIGHT, WIDTH, Pixels

Floats = npt.NDArray[np.float32]
_NOISY = 2200.0  # variance of the Laplacian; sharp footage stays below, noise is far above
_ZOOM = 1.06


def framed(picture: Pixels, size: tuple[int, int], *, focus: tuple[float, float] = (0.5, 0.5)) -> Image.Image:
    """Cuts a picture to a size, its most striking part as near to `focus` (shares of the size) as its edges allow."""
    return aimed(picture, size, focus=focus)[0]


def aimed(
    picture: Pixels, size: tuple[int, int], *, focus: tuple[float, float] = (0.5, 0.5)
) -> tuple[Image.Image, tuple[float, float]]:
    """Cuts a picture as `framed` does, and says where its most striking part is in the cut, in pixels."""
    image = Image.fromarray(picture)
    scale = max(size[0] / image.width, size[1] / image.height) * _ZOOM
    wide, high = size[0] / scale, size[1] / scale
    across, down = _striking(picture)
    left = min(max(0.0, across * image.width - focus[0] * wide), image.width - wide)
    top = min(max(0.0, down * image.height - focus[1] * high), image.height - high)
    cut = image.resize(size, Image.Resampling.LANCZOS, (left, top, left + wide, top + high), reducing_gap=2.0)
    place = (across * image.width - left) * scale, (down * image.height - top) * scale
    return _calmed(cut, scale), place


def _striking(picture: Pixels) -> tuple[float, float]:
    """Finds what is least like the border of the picture, as shares of width and height.

    What a picture is about rarely touches its border, and what surrounds it does (Wei et al., 2012).
    """
    small = Image.fromarray(picture).resize((64, 36), Image.Resampling.BOX)
    data = np.asarray(small.convert("LAB"), dtype=np.float32)
    border = np.concatenate([data[0], data[-1], data[:, 0], data[:, -1]])[::4]
    apart = np.sqrt(((data[:, :, None] - border[None, None]) ** 2).sum(axis=3))
    unlike = np.sort(apart, axis=2)[..., :8].mean(axis=2)
    heat = (255 * unlike / (unlike.max() + 1e-3)).astype(np.uint8)
    smooth = np.asarray(Image.fromarray(heat).filter(ImageFilter.GaussianBlur(3)), dtype=np.float32) + 1
    place = int((smooth * _middle()).argmax())
    return (place % 64 + 0.5) / 64, (place // 64 + 0.5) / 36


@cache
def _middle() -> Floats:
    across = np.linspace(-1, 1, 64, dtype=np.float32)[None]
    down = np.linspace(-0.8, 1.2, 36, dtype=np.float32)[:, None]  # heads are above the middle
    weight: Floats = np.exp(-(across**2 + down**2) / 0.7).astype(np.float32)
    return weight


def _calmed(image: Image.Image, scale: float) -> Image.Image:
    """Sharpens what was enlarged, and smooths noise, which no thumbnail shows and no file wants to hold."""
    grey = np.asarray(image.convert("L").resize((WIDTH // 2, HEIGHT // 2), Image.Resampling.NEAREST), dtype=np.int16)
    rough = grey[1:-1, 1:-1] * 4 - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    if float(rough.var()) > _NOISY * 4:
        return image.filter(ImageFilter.GaussianBlur(2.2))
    if scale > 1.4:
        return image.filter(ImageFilter.UnsharpMask(radius=min(6.0, scale * 1.6), percent=70, threshold=3))
    return image


def graded(image: Image.Image, *, colour: float = 1.28, contrast: float = 1.1, light: float = 1.0) -> Image.Image:
    """Makes a frame as lively as thumbnails are: stretched to the full range, more colour, more contrast."""
    stretched = Image.blend(image, ImageOps.autocontrast(image, cutoff=0.6, preserve_tone=True), 0.75)
    lively = ImageEnhance.Color(_lit(stretched)).enhance(colour)
    deep = ImageEnhance.Contrast(lively).enhance(contrast)
    return deep if light == 1.0 else ImageEnhance.Brightness(deep).enhance(light)


def _lit(image: Image.Image) -> Image.Image:
    """Brings a dark frame up and a pale one a little down, by gamma."""
    mean = float(np.asarray(image.convert("L").resize((64, 36), Image.Resampling.BOX)).mean()) / 255
    gamma = min(1.2, max(0.62, math.log(0.46) / math.log(min(0.97, max(0.03, mean)))))
    curve = [round(255 * (value / 255) ** gamma) for value in range(256)]
    return image.point(curve * 3)


def tinted(image: Image.Image, dark: Colour, light: Colour, share: float) -> Image.Image:
    """Moves a frame towards two colours, by its brightness."""
    grey = np.asarray(image.convert("L"), dtype=np.float32) / 255
    return Image.blend(image, ramp(grey, [dark, light]), share)


def vignette(canvas: Canvas, *, strength: float = 0.6, colour: Colour = BLACK) -> None:
    """Darkens the edges of the sheet."""
    canvas.lay(_edges(), colour, opacity=strength)


@cache
def _edges() -> Image.Image:
    across = np.linspace(-1, 1, WIDTH, dtype=np.float32)[None]
    down = np.linspace(-1, 1, HEIGHT, dtype=np.float32)[:, None]
    share = np.clip((np.sqrt(across**2 * 0.9 + down**2 * 0.9) - 0.55) / 0.85, 0, 1) ** 1.6
    return Image.fromarray((share * 255).round().astype(np.uint8))


def scrim(canvas: Canvas, box: Box, colour: Colour, *, side: str) -> None:
    """Lays a shade over a side of the sheet, as deep as what lies in `box` is bright or restless."""
    part = np.asarray(canvas.image.crop(box).convert("L").resize((80, 45), Image.Resampling.BOX), dtype=np.float32)
    bright, restless = float(np.percentile(part, 85)) / 255, float(part.std()) / 80
    depth = min(0.92, 0.35 + 0.4 * bright + 0.25 * min(1.0, restless))
    canvas.lay(_shade(side), colour, opacity=depth)


@cache
def _shade(side: str) -> Image.Image:
    across = np.linspace(0, 1, WIDTH, dtype=np.float32)[None]
    down = np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None]
    flat = np.ones((HEIGHT, WIDTH), dtype=np.float32)
    share = {"left": 1 - across / 0.82, "right": (across - 0.18) / 0.82, "bottom": (down - 0.3) / 0.7}[side] * flat
    smooth = np.clip(share, 0, 1)
    return Image.fromarray((smooth**1.15 * 255).round().astype(np.uint8))
