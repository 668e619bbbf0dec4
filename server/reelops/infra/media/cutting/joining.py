"""How encoded and copied pieces become one stream; what a codec must know for that."""

from __future__ import annotations

from typing import Protocol

from av.video.codeccontext import VideoCodecContext

from reelops.infra.media.cutting.encoders import Format, open_encoder
from reelops.infra.media.cutting.model import Unjoinable


class Joiner(Protocol):
    """Makes pieces of one codec fit each other. One belongs to one cut."""

    def joins(self, data: bytes) -> bool:
        """Whether a copy may begin with this key frame after other pictures."""

    def encoder(self, picture: Format) -> VideoCodecContext:
        """Opens an encoder whose pictures fit the copied ones; raises `Unjoinable`."""

    def made(self, data: bytes) -> bytes:
        """Turns an encoder's packet into what stands in the joined stream."""

    def copied(self, data: bytes, *, first: bool) -> bytes:
        """Turns a packet of the source into what stands in the joined stream; `first` is the one after a seam."""

    def header(self) -> bytes | None:
        """Gives the stream's header for all pieces, after encoding; None to keep the source's."""

    def pictures(self, data: bytes, *, written: bool) -> bytes:
        """Gives the coded pictures of a packet alone: the same from the source and, `written`, from the clip."""

    def tag(self) -> str:
        """Gives the sample entry's four letters where the joined stream needs certain ones, else nothing."""


class SelfContained:
    """Codecs whose key frames carry all that a decoder needs, as VP8 and VP9, and those that are only copied."""

    def __init__(self, encoder: str | None, *, tag: str = "") -> None:
        self._encoder, self._tag = encoder, tag

    def joins(self, data: bytes) -> bool:
        return bool(data)

    def encoder(self, picture: Format) -> VideoCodecContext:
        if self._encoder is None:
            raise Unjoinable("pictures of this codec cannot be encoded to fit the copied ones")
        return open_encoder(self._encoder, picture)

    def made(self, data: bytes) -> bytes:
        return data

    def copied(self, data: bytes, *, first: bool) -> bytes:
        return data

    def header(self) -> bytes | None:
        return None

    def pictures(self, data: bytes, *, written: bool) -> bytes:
        return data

    def tag(self) -> str:
        return self._tag


class Av1(SelfContained):
    """AV1: every piece begins with its own sequence header."""

    def __init__(self, extradata: bytes, *, encodes: bool) -> None:
        # In the MP4 family one sequence header holds for all of a sample entry.
        super().__init__("libsvtav1" if encodes else None)
        self._sequence = extradata[4:]

    def copied(self, data: bytes, *, first: bool) -> bytes:
        if not first or _has_sequence(data):
            return data
        if not self._sequence:
            raise Unjoinable("the AV1 stream does not carry its sequence header")
        return self._sequence + data

    def pictures(self, data: bytes, *, written: bool) -> bytes:
        return data.removeprefix(self._sequence) if self._sequence else data


def _has_sequence(data: bytes) -> bool:
    """Looks for a sequence header among the units (OBUs) of a packet."""
    at = 0
    while at < len(data):
        head = data[at]
        if head >> 3 & 15 == 1:
            return True
        at += 2 if head & 4 else 1
        if not head & 2:
            return False
        size = shift = 0
        while at < len(data):
            byte, at = data[at], at + 1
            size |= (byte & 127) << shift
            shift += 7
            if not byte & 128:
                break
        at += size
    return False
