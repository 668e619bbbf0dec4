"""The light that a high dynamic range picture was mastered for, as encoders want it said."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame


@dataclass(frozen=True, slots=True)
class Light:
    """`mastering` is SMPTE ST 2086 (in x265's notation), `content` the brightest pixel and the brightest mean."""

    mastering: str = ""
    content: str = ""

    @property
    def parameters(self) -> str:
        """Gives the parameters for x265, each with a colon before it."""
        mastering = f":master-display={self.mastering}" if self.mastering else ""
        return mastering + (f":max-cll={self.content}" if self.content else "")


def light_of(frame: VideoFrame) -> Light:
    """Reads what a decoded frame says of its light."""
    return Light(_mastering(_data(frame, "MASTERING_DISPLAY_METADATA")), _content(_data(frame, "CONTENT_LIGHT_LEVEL")))


def _data(frame: VideoFrame, name: str) -> bytes:
    found = frame.side_data.get(name)
    return bytes(found) if isinstance(found, SideData) else b""


def _mastering(data: bytes) -> str:
    """Reads AVMasteringDisplayMetadata: primaries R, G, B, white point, least and greatest light, all fractions."""
    if len(data) < 88:
        return ""
    numbers = struct.unpack("<20i", data[:80])
    has_primaries, has_light = struct.unpack("<2i", data[80:88])
    if not has_primaries or not has_light or not all(numbers[1::2]):
        return ""
    values = [number / divisor for number, divisor in zip(numbers[::2], numbers[1::2], strict=True)]
    xy = [round(value * 50_000) for value in values[:8]]
    least, greatest = (round(value * 10_000) for value in values[8:])
    return f"G({xy[2]},{xy[3]})B({xy[4]},{xy[5]})R({xy[0]},{xy[1]})WP({xy[6]},{xy[7]})L({greatest},{least})"


def _content(data: bytes) -> str:
    if len(data) < 8:
        return ""
    brightest, mean = struct.unpack("<2I", data[:8])
    return f"{brightest},{mean}" if brightest or mean else ""
