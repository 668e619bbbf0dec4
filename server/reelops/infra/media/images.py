"""Still images that callers bring: PNG, JPEG, WebP. Anything else is left to the reading of video."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from reelops.errors import Invalid, TooLarge
from reelops.infra.media.model import MediaLimits, Pixels

FORMATS = ("PNG", "JPEG", "WEBP")


def read_image(path: Path, *, max_side: int, limits: MediaLimits | None = None) -> Pixels | None:
    """Reads an image as it is meant to be seen, uint8 (height, width, 3), its longest side at most `max_side`.

    None for a file that is no PNG, JPEG or WebP. What is transparent becomes white. Raises
    `Invalid("IMAGE_UNREADABLE")` for a damaged one and `TooLarge("IMAGE_TOO_LARGE")` past the limit of pixels.
    """
    limits = limits or MediaLimits()
    try:
        image = Image.open(path, formats=FORMATS)
    except (UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, OSError):
        return None
    with image:
        if image.width * image.height > limits.max_pixels:
            raise TooLarge("IMAGE_TOO_LARGE", f"the image has {image.width}×{image.height} pixels, more than are taken")
        try:
            image.draft("RGB", (max_side, max_side))
            image.load()
        except (OSError, SyntaxError, ValueError) as error:
            raise Invalid("IMAGE_UNREADABLE", "the image is damaged") from error
        upright = ImageOps.exif_transpose(image)
        shown = _on_white(upright)
        shown.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
        return np.asarray(shown)


def _on_white(image: Image.Image) -> Image.Image:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    white = Image.new("RGBA", seen.size, "white")
    white.alpha_composite(seen)
    return white.convert("RGB")
