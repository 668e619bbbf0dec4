"""A drawn person with eight expressions, as a picture with a transparent surrounding."""

from reelops.core.editing.thumbnails.drawing.faces.portrait import Person, cast, portrait

__all__ = ["Person", "cast", "portrait"]
