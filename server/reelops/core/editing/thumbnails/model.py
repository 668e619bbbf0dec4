"""What a thumbnail is to show: rules without drawing."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from reelops.errors import Invalid

Pixels = npt.NDArray[np.uint8]

WIDTH, HEIGHT = 1280, 720
MOST_CHARACTERS = 300
MOST_COLOURS = 6
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})\Z")


class Style(StrEnum):
    """The five looks."""

    GAMING = "gaming"
    VLOG = "vlog"
    TUTORIAL = "tutorial"
    REACTION = "reaction"
    CUSTOM = "custom"


class Expression(StrEnum):
    """What the drawn face feels."""

    EXCITED = "excited"
    HAPPY = "happy"
    SURPRISED = "surprised"
    SHOCKED = "shocked"
    SAD = "sad"
    ANGRY = "angry"
    NEUTRAL = "neutral"
    THINKING = "thinking"


class Background(StrEnum):
    """What lies behind everything else."""

    GRADIENT = "gradient"
    SOLID = "solid"
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """One thumbnail as somebody asked for it.

    `title` is 1 to 300 characters, `subtitle` at most as many; a picture may stand without either. `colors` are up to
    six of the forms #rgb and #rrggbb; without any the style has its own. `picture` is uint8 (height, width, 3), RGB, of
    any size: a frame of a video.
    """

    style: Style
    title: str
    subtitle: str | None = None
    include_face: bool = False
    expression: Expression = Expression.EXCITED
    background: Background = Background.GRADIENT
    colors: tuple[str, ...] = ()
    picture: Pixels | None = None

    def checked(self) -> Design:
        """Gives the design with its texts trimmed.

        Raises `Invalid` with TITLE_REQUIRED, TEXT_TOO_LONG, COLOR_INVALID, TOO_MANY_COLORS or PICTURE_INVALID;
        `details["field"]` names the field.
        """
        title, subtitle = self.title.strip(), (self.subtitle or "").strip() or None
        if not title and self.picture is not None:
            title, subtitle = subtitle or "", None
        if not title and self.picture is None:
            raise Invalid("TITLE_REQUIRED", "A thumbnail needs a title.", field="title")
        _check_length(title, "title")
        _check_length(subtitle or "", "subtitle")
        _check_colours(self.colors)
        _check_picture(self.picture)
        return replace(self, title=title, subtitle=subtitle)


def _check_length(text: str, field: str) -> None:
    if len(text) > MOST_CHARACTERS:
        sentence = f"The {field} has {len(text)} characters; at most {MOST_CHARACTERS} are accepted."
        raise Invalid("TEXT_TOO_LONG", sentence, field=field)


def _check_colours(colours: tuple[str, ...]) -> None:
    if len(colours) > MOST_COLOURS:
        raise Invalid("TOO_MANY_COLORS", f"At most {MOST_COLOURS} colors are accepted.", field="colors")
    wrong = next((colour for colour in colours if not _COLOUR.match(colour)), None)
    if wrong is not None:
        sentence = f"{wrong[:20]!r} is no color of the form #rgb or #rrggbb."
        raise Invalid("COLOR_INVALID", sentence, field="colors")


def _check_picture(picture: Pixels | None) -> None:
    if picture is None:
        return
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise Invalid("PICTURE_INVALID", "The picture is not made of red, green and blue bytes.", field="picture")
