"""Still images that callers bring: PNG, JPEG, WebP. Anything else is left to the reading of video."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from reelops.errors import Invalid, TooLarge
from reelops.infra.media.model import MediaLimits, Pixels

# Where the libraries hold a whole file in memory, this is the most that is given to them.
_MAX_BYTES = 128 << 20
_DAMAGED = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, OverflowError, struct.error)


def read_image(path: Path, *, max_side: int, limits: MediaLimits | None = None) -> Pixels | None:
    """Reads an image as it is meant to be seen, uint8 (height, width, 3), its longest side at most `max_side`.

    None for a file that is no PNG, JPEG or WebP, and for a PNG that moves. What is transparent becomes white. Raises
    `Invalid("IMAGE_UNREADABLE")` for a damaged one, and `TooLarge("IMAGE_TOO_LARGE")` past the limit of pixels or for a
    file of more than 128 MB. Nothing is unfolded before its size is known.
    """
    limits = limits or MediaLimits()
    kind = _kind(path)
    if kind is None:
        return None
    if path.stat().st_size > _MAX_BYTES:
        raise TooLarge("IMAGE_TOO_LARGE", f"the image's file is larger than {_MAX_BYTES >> 20} MB")
    try:
        with kind(path) as image:
            if image.width * image.height > limits.max_pixels:
                size = f"{image.width}×{image.height}"
                raise TooLarge("IMAGE_TOO_LARGE", f"the image has {size} pixels, more than are taken")
            if isinstance(image, PngImageFile) and image.is_animated:
                return None
            return _shown(image, max_side)
    except Image.DecompressionBombError:
        raise TooLarge("IMAGE_TOO_LARGE", "the image has far more pixels than are taken") from None
    except _DAMAGED as error:
        raise Invalid("IMAGE_UNREADABLE", "the image is damaged") from error


def _kind(path: Path) -> type[ImageFile] | None:
    """Tells the format by the first bytes; its reader is called itself, as the size is judged here."""
    with path.open("rb") as file:
        head = file.read(12)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImageFile
    if head.startswith(b"\xff\xd8\xff"):
        return JpegImageFile
    return WebPImageFile if head[:4] == b"RIFF" and head[8:] == b"WEBP" else None


def _shown(image: Image.Image, max_side: int) -> Pixels:
    image.draft("RGB", (max_side, max_side))
    image.load()
    upright = _of_eight_bits(ImageOps.exif_transpose(image))
    clear = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    # Scaled before the white is laid under it: less to hold in memory.
    clear.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    if clear.mode == "RGBA":
        white = Image.new("RGBA", clear.size, "white")
        white.alpha_composite(clear)
        clear = white.convert("RGB")
    return np.asarray(clear)


def _of_eight_bits(image: Image.Image) -> Image.Image:
    """Halves the depth of grey in sixteen bits, which converting it would only cut off at white."""
    if not image.mode.startswith("I"):
        return image
    return Image.fromarray((np.clip(np.asarray(image), 0, 65535) // 256).astype(np.uint8))
