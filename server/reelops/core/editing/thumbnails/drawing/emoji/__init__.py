"""The emoji that titles use most, drawn, for systems without a face of coloured emoji."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image

from reelops.core.editing.thumbnails.drawing.emoji.colours import TONES, YELLOW
from reelops.core.editing.thumbnails.drawing.emoji.smileys import SMILEYS
from reelops.core.editing.thumbnails.drawing.emoji.things import THINGS
from reelops.core.editing.thumbnails.drawing.faces.pen import Pen

_DRAWN = SMILEYS | THINGS


def known(cluster: str) -> bool:
    """Whether there is a drawing of an emoji."""
    return _plain(cluster) in _DRAWN


@lru_cache(maxsize=64)
def drawing(cluster: str, size: int) -> Image.Image:
    """Draws an emoji, RGBA, `size` pixels wide and high."""
    pen = Pen((size, size), size / 240, (size / 2, size / 2))
    tone = next((TONES[char] for char in cluster if char in TONES), YELLOW)
    _DRAWN[_plain(cluster)](pen, tone)
    return pen.finished()


def _plain(cluster: str) -> str:
    return "".join(char for char in cluster if char != "\ufe0f" and char not in TONES)
