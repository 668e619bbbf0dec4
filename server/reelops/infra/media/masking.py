"""Hides parts of the picture before anything is kept of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from PIL import Image, ImageFilter

from reelops.errors import Invalid
from reelops.infra.media.model import Pixels

_MAX_RECTANGLES = 64


class MaskMode(StrEnum):
    BLACK = "black"
    BLUR = "blur"
    PIXELATE = "pixelate"


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A part of the upright picture; each coordinate is a share of its width or height, 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PrivacyMask:
    """Rectangles that are blackened, blurred or pixelated in every picture that leaves this package."""

    rectangles: tuple[Rectangle, ...]
    mode: MaskMode

    @classmethod
    def parse(cls, text: str, *, mode: str = "black") -> PrivacyMask | None:
        """Reads `x1:y1:x2:y2;...`; nothing between the semicolons means no mask.

        Raises `Invalid` PRIVACY_MASK_INVALID for what is no rectangle inside 0 to 1, and for an unknown mode.
        """
        try:
            how = MaskMode(mode.strip().lower())
        except ValueError:
            raise _invalid(f"The mode {mode[:20]!r} is none of black, blur and pixelate.") from None
        parts = [part.strip() for part in text.split(";") if part.strip()]
        if len(parts) > _MAX_RECTANGLES:
            raise _invalid(f"At most {_MAX_RECTANGLES} rectangles are accepted.")
        return cls(tuple(_rectangle(part) for part in parts), how) if parts else None

    def apply(self, frame: Pixels) -> Pixels:
        """Gives a copy of a uint8 (height, width, 3) picture with the rectangles hidden."""
        hidden = frame.copy()
        height, width = frame.shape[:2]
        for box in self.rectangles:
            # Rounded outwards, so that no line of what is hidden stays at an edge.
            rows = slice(math.floor(box.top * height), max(1, math.ceil(box.bottom * height)))
            columns = slice(math.floor(box.left * width), max(1, math.ceil(box.right * width)))
            hidden[rows, columns] = _hide(hidden[rows, columns], self.mode)
        return hidden


def _hide(part: Pixels, mode: MaskMode) -> Pixels:
    height, width = part.shape[:2]
    if mode is MaskMode.BLACK or not part.size:
        return np.zeros_like(part)
    image = Image.fromarray(np.ascontiguousarray(part))
    if mode is MaskMode.BLUR:
        return np.asarray(image.filter(ImageFilter.GaussianBlur(max(4.0, min(width, height) / 4))))
    # A coarse grid whatever the size of the part, so that a small face keeps no detail either.
    coarse = image.resize((min(width, 4), min(height, 4)), Image.Resampling.BOX)
    return np.asarray(coarse.resize((width, height), Image.Resampling.NEAREST))


def _rectangle(text: str) -> Rectangle:
    try:
        left, top, right, bottom = (float(number) for number in text.split(":"))
    except ValueError:
        raise _invalid(f"{text[:60]!r} is not of the form x1:y1:x2:y2.") from None
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise _invalid(f"{text[:60]!r} is no rectangle inside 0 to 1 with x1 < x2 and y1 < y2.")
    return Rectangle(left, top, right, bottom)


def _invalid(message: str) -> Invalid:
    return Invalid("PRIVACY_MASK_INVALID", f"The privacy mask cannot be used. {message}")
