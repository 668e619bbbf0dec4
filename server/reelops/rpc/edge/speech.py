"""How each surface speaks over REST: what its errors look like, how it spells the names of fields."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from google.protobuf.descriptor import FieldDescriptor


@dataclass(frozen=True, slots=True)
class Speech:
    """A surface's way. `dialect` is a key of `DIALECTS` in gateway/dialect.lua.

    With `camel_case` fields have their JSON names (`scheduleAt`), else those of the protos (`schedule_at`). With
    `strict` the edge holds JSON bodies to the types of the protos, and takes a query parameter once.
    """

    dialect: str = "sopilot"
    camel_case: bool = False
    strict: bool = False

    def name(self, field: FieldDescriptor) -> str:
        """Spells a field's name."""
        return str(field.json_name if self.camel_case else field.name)  # type: ignore[attr-defined]


SPEECH = {
    "core": Speech("wavestack", camel_case=True, strict=True),
    "clipper": Speech("wavestack", strict=True),
    "thumbnail": Speech("wavestack", strict=True),
}
"""The surfaces that speak otherwise than SOPilot does."""


def speech_of(surface: str) -> Speech:
    """Returns how a surface speaks."""
    return SPEECH.get(surface, Speech())


def common_speech(surfaces: Iterable[str]) -> Speech:
    """Returns how fields are spelled where several surfaces share a host.

    Raises ValueError where they spell them differently: the transcoder knows one way for a host.
    """
    found = [speech_of(surface) for surface in surfaces]
    if len({speech.camel_case for speech in found}) > 1:
        raise ValueError(f"{', '.join(surfaces)} cannot share a host: they spell fields differently")
    return found[0]
