"""What a cut takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Mode = Literal["smart", "encoded", "copied"]

# A frame that stands for longer than this past the start or the end of the piece is shortened to it.
HELD_SEC = 0.1
# Covers containers that keep whole milliseconds, and seconds that were rounded on their way here.
TOLERANCE_SEC = 0.0005


class Container(StrEnum):
    """The kinds of file that a clip may be."""

    mp4 = "mp4"
    mov = "mov"
    webm = "webm"
    mkv = "mkv"

    @property
    def muxer(self) -> str:
        return "matroska" if self is Container.mkv else self.value

    @property
    def is_isom(self) -> bool:
        """Whether it is of the MP4 family: one sample entry, edit lists, an index at the start or the end."""
        return self in (Container.mp4, Container.mov)


@dataclass(frozen=True, slots=True)
class CutReport:
    """What was written, as read back from the file.

    `start_sec` is the moment of the source, counted from its first frame, at which the clip begins; it is the time of
    its first frame, or the moment asked for where that frame had been standing for long. `duration_sec` lasts to the
    end of the last frame. `reason` says why not everything could be copied where `mode` is "encoded". `width` and
    `height` are those of the coded picture, before any rotation.
    """

    mode: Mode
    start_sec: float
    duration_sec: float
    frames: int
    copied_frames: int
    encoded_frames: int
    audio_tracks: int
    width: int
    height: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """The piece that was asked for, in ticks of the source's video clock (fractions of them too); `end` is past it."""

    start: float
    end: float
    tolerance: float

    def includes(self, pts: int) -> bool:
        """Whether a frame that begins at `pts` begins before the end."""
        return pts < self.end - self.tolerance

    def begun(self, pts: int) -> bool:
        """Whether a frame that begins at `pts` is on by the start."""
        return pts <= self.start + self.tolerance


@dataclass(frozen=True, slots=True)
class Piece:
    """Where the clip begins and ends, in ticks of the source's video clock."""

    begin: int
    end: int


class Unjoinable(Exception):
    """The pieces of this video cannot be joined without encoding all of it; the text says why."""
