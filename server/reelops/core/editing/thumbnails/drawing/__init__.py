"""Draws thumbnails. The same design gives the same bytes; nothing is read but fonts."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from random import Random

from PIL import Image

from reelops.core.editing.thumbnails.drawing.canvas import Canvas
from reelops.core.editing.thumbnails.drawing.colours import Palette, palette
from reelops.core.editing.thumbnails.drawing.designs import bare, custom, gaming, reaction, tutorial, vlog
from reelops.core.editing.thumbnails.model import Design, Style

_LARGEST_FILE = 1_500_000
_EFFORT = 2

_STYLES: dict[Style, tuple[Callable[[Design, Palette, Random], Canvas], tuple[tuple[str, ...], ...]]] = {
    Style.GAMING: (gaming.draw, gaming.OWN),
    Style.VLOG: (vlog.draw, vlog.OWN),
    Style.TUTORIAL: (tutorial.draw, tutorial.OWN),
    Style.REACTION: (reaction.draw, reaction.OWN),
    Style.CUSTOM: (custom.draw, custom.OWN),
}


def draw(design: Design) -> Image.Image:
    """Draws a design as a picture of 1280 by 720, mode RGB.

    Raises `Invalid` as `Design.checked` does, and GLYPH_MISSING when no face here has a character.
    """
    return compose(design).image


def compose(design: Design) -> Canvas:
    """Draws a design and says where its texts stand."""
    design = design.checked()
    chance = Random(_seed(design))  # noqa: S311 decoration, no secret
    paint, own = _STYLES[design.style]
    colours = palette(design.colors, chance.choice(own))
    if design.picture is not None and not design.title:
        return bare.draw(design.picture, colours)
    return paint(design, colours, chance)


def encode_png(image: Image.Image) -> bytes:
    """Encodes a picture as PNG without a time in it; one that would be larger than 1.5 MB gets 256 colours."""
    plain = _encoded(image)
    if len(plain) <= _LARGEST_FILE:
        return plain
    return _encoded(image.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG))


def _encoded(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=_EFFORT)
    return out.getvalue()


def _seed(design: Design) -> int:
    """Gives a number that is the same for the same request on every machine."""
    words = (design.style, design.title, design.subtitle, design.include_face, design.background, design.colors)
    digest = hashlib.sha256(repr(tuple(map(str, words))).encode("utf-8", "surrogatepass"))
    if design.picture is not None:
        digest.update(repr(design.picture.shape).encode() + design.picture.tobytes())
    return int.from_bytes(digest.digest()[:8], "big")
