"""Typefaces that come with the service: their files, what they can write, and how any text is cut for them."""

from reelops.infra.fonts.clusters import clusters, visible
from reelops.infra.fonts.files import COLOURED, characters, face_with, file_bytes, open_face, source
from reelops.infra.fonts.ordering import Run, ordered, right_to_left, seen

__all__ = [
    "COLOURED",
    "Run",
    "characters",
    "clusters",
    "face_with",
    "file_bytes",
    "open_face",
    "ordered",
    "right_to_left",
    "seen",
    "source",
    "visible",
]
