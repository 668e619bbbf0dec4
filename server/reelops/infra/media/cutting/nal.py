"""Units of H.264 and HEVC streams (NAL units): taking packets apart, putting them together, and their ids."""

from __future__ import annotations

import re
from collections.abc import Iterable

_START = b"\x00\x00\x00\x01"
_ESCAPED = re.compile(rb"\x00\x00(?=[\x00-\x03])")
_LONGEST_UE = 32


def split(data: bytes, lengths: int) -> list[bytes]:
    """Takes a packet apart; `lengths` is the bytes before each unit, 0 where start codes separate them."""
    if lengths == 0:
        return [unit for part in data.split(b"\x00\x00\x01")[1:] if (unit := part.rstrip(b"\x00"))]
    units, at = [], 0
    while at + lengths <= len(data):
        size = int.from_bytes(data[at : at + lengths], "big")
        at += lengths
        if size:
            units.append(data[at : at + size])
        at += size
    return units


def join(units: Iterable[bytes]) -> bytes:
    """Puts units together with start codes, which muxers turn into what their container wants."""
    return b"".join(_START + unit for unit in units)


def length_size(avcc: bytes) -> int:
    """Gives the bytes before each unit of a stream with this header of H.264; 0 where it has start codes."""
    return (avcc[4] & 3) + 1 if avcc[:1] == b"\x01" and len(avcc) > 4 else 0


def signatures(data: bytes, extradata: bytes) -> list[bytes]:
    """Finds the units of an H.264 packet that name the encoder.

    Decoders look there for mistakes of old encoders that they have to follow, so pictures come out wrong without them.
    """
    units = split(data, length_size(extradata))
    return [u for u in units if u[0] & 31 == 6 and u[1:2] == b"\x05" and b"x264" in u[:64]]


def unescape(unit: bytes) -> bytes:
    """Takes the emulation prevention bytes out."""
    return unit.replace(b"\x00\x00\x03", b"\x00\x00")


def escape(payload: bytes) -> bytes:
    """Puts the emulation prevention bytes in."""
    return _ESCAPED.sub(b"\x00\x00\x03", payload)


def read_ue(payload: bytes, bit: int) -> tuple[int, int]:
    """Reads an unsigned Exp-Golomb number at a bit; gives the number and the bit after it."""
    zeros = 0
    while zeros < _LONGEST_UE and not _bit(payload, bit + zeros):
        zeros += 1
    value = 0
    for place in range(zeros + 1):
        value = value << 1 | _bit(payload, bit + zeros + place)
    return value - 1, bit + 2 * zeros + 1


def avcc_units(extradata: bytes) -> tuple[list[bytes], int]:
    """Gives the parameter sets of an avcC record and the bytes before each unit of its packets."""
    units: list[bytes] = []
    at = 5
    for mask in (0x1F, 0xFF):
        count, at = extradata[at] & mask, at + 1
        for _ in range(count):
            size = int.from_bytes(extradata[at : at + 2], "big")
            units.append(extradata[at + 2 : at + 2 + size])
            at += 2 + size
    return units, (extradata[4] & 3) + 1


def hvcc_units(extradata: bytes) -> tuple[list[bytes], int]:
    """Gives the parameter sets of an hvcC record and the bytes before each unit of its packets."""
    units: list[bytes] = []
    at = 23
    for _ in range(extradata[22]):
        count, at = int.from_bytes(extradata[at + 1 : at + 3], "big"), at + 3
        for _ in range(count):
            size = int.from_bytes(extradata[at : at + 2], "big")
            units.append(extradata[at + 2 : at + 2 + size])
            at += 2 + size
    return units, (extradata[21] & 3) + 1


def _bit(payload: bytes, bit: int) -> int:
    byte = bit >> 3
    return payload[byte] >> (7 - (bit & 7)) & 1 if byte < len(payload) else 0
