"""The colours that emoji share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from reelops.core.editing.thumbnails.drawing.colours import Colour
from reelops.core.editing.thumbnails.drawing.faces.pen import Pen

LINE: Colour = (92, 54, 12)
YELLOW: Colour = (255, 204, 50)
GOLD: Colour = (248, 178, 24)
RED: Colour = (226, 42, 58)
BLUE: Colour = (84, 176, 250)
DARK: Colour = (40, 40, 52)

TONES: dict[str, Colour] = {
    "\U0001f3fb": (247, 215, 190),
    "\U0001f3fc": (230, 190, 150),
    "\U0001f3fd": (200, 146, 100),
    "\U0001f3fe": (150, 98, 62),
    "\U0001f3ff": (98, 64, 44),
}
"""The skin that a modifier asks for."""

Painter: TypeAlias = Callable[[Pen, Colour], None]
"""Draws an emoji of 240 units with a skin."""
