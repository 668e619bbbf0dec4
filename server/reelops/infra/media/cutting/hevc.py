"""Joining HEVC: the encoder always numbers its parameter sets 0, so its units are numbered anew.

A number from 15 to 30 takes nine bits where 0 takes one: each change adds exactly a byte, and what follows it
keeps its place within the bytes.
"""

from __future__ import annotations

from av.video.codeccontext import VideoCodecContext

from reelops.infra.media.cutting import nal
from reelops.infra.media.cutting.encoders import Format, open_encoder
from reelops.infra.media.cutting.model import Unjoinable

_BLA_WITHOUT_LEADING, _CRA = 18, 21
_INTRA = range(16, 24)
_VPS, _SPS, _PPS, _AUD = 32, 33, 34, 35
_SLICES = range(32)
_SPS_ID = 15


class Hevc:
    """Joins at any intra random access picture; a CRA after a seam becomes a BLA, which says just that."""

    def __init__(self, extradata: bytes) -> None:
        if extradata[:1] == b"\x01":
            sets, self._length_size = nal.hvcc_units(extradata)
        else:
            sets, self._length_size = nal.split(extradata, 0), 0
        self._sets = [unit for unit in sets if _kind(unit) in (_VPS, _SPS, _PPS)]
        self._others = [unit for unit in sets if unit not in self._sets and _kind(unit) != _AUD]
        if {_kind(unit) for unit in self._sets} != {_VPS, _SPS, _PPS}:
            raise Unjoinable("the stream's header is not where it is looked for")
        self._vps_id, self._pps_id = self._free_ids()
        self._own: list[bytes] = []
        self._strange = False

    def joins(self, data: bytes) -> bool:
        return any(_kind(unit) in range(16, 22) for unit in nal.split(data, self._length_size))

    def encoder(self, picture: Format) -> VideoCodecContext:
        frames = 2 if picture.reorders else 0
        parameters = f"log-level=error:info=0:repeat-headers=0:open-gop=0:b-pyramid=0:bframes={frames}:ref=2"
        encoder = open_encoder("libx265", picture, {"x265-params": parameters})
        units = nal.split(encoder.extradata or b"", 0)
        own = [self._renumbered(unit) for unit in units if _kind(unit) in (_VPS, _SPS, _PPS)]
        if not own or (self._own and own != self._own):
            raise Unjoinable("the encoder gave no header that fits")
        self._check_profile(own)
        self._own = own
        return encoder

    def made(self, data: bytes) -> bytes:
        units = [unit for unit in nal.split(data, 0) if _kind(unit) not in (_VPS, _SPS, _PPS, _AUD)]
        return nal.join(self._renumbered(unit) for unit in units)

    def copied(self, data: bytes, *, first: bool) -> bytes:
        units = [u for u in nal.split(data, self._length_size) if _kind(u) != _AUD and u not in self._sets]
        if any(_kind(unit) == _SPS for unit in units):
            raise Unjoinable("its pictures change their kind on the way")
        self._strange = self._strange or any(_kind(unit) in (_VPS, _PPS) for unit in units)
        return nal.join(_broken_link(unit) if first and _kind(unit) == _CRA else unit for unit in units)

    def header(self) -> bytes | None:
        return nal.join(self._sets + self._own + self._others)

    def pictures(self, data: bytes, *, written: bool) -> bytes:
        units = nal.split(data, 4 if written else self._length_size)
        # Without the two bytes that say what kind of picture it is: a seam may change them.
        return b"".join(unit[2:] for unit in units if _kind(unit) in _SLICES)

    def tag(self) -> str:
        return "hev1" if self._strange else "hvc1"

    def _free_ids(self) -> tuple[int, int]:
        vps, sps, pps = set(), set(), set()
        for unit in self._sets:
            payload = nal.unescape(unit[2:])
            if _kind(unit) == _VPS:
                vps.add(payload[0] >> 4)
            elif _kind(unit) == _PPS:
                number, at = nal.read_ue(payload, 0)
                pps.add(number)
                sps.add(nal.read_ue(payload, at)[0])
        if _SPS_ID in sps:
            raise Unjoinable("the stream uses every number for its parameter sets")
        return (
            next(number for number in range(15, -1, -1) if number not in vps),
            next(number for number in range(30, 14, -1) if number not in pps),
        )

    def _renumbered(self, unit: bytes) -> bytes:
        kind, head, payload = _kind(unit), unit[:2], nal.unescape(unit[2:])
        if kind == _VPS:
            payload = bytes([self._vps_id << 4 | payload[0] & 15]) + payload[1:]
        elif kind == _SPS:
            if payload[0] >> 1 & 7 or not payload[13] & 128:
                raise Unjoinable("the encoder gave a header of another kind than expected")
            first = bytes([self._vps_id << 4 | payload[0] & 15])
            payload = first + payload[1:13] + _widened(payload[13], 0, _SPS_ID) + payload[14:]
        elif kind == _PPS:
            if payload[0] >> 6 != 3:
                raise Unjoinable("the encoder numbered its parameter sets otherwise than expected")
            rest = payload[0] & 63
            wide = (self._pps_id + 1) << 15 | (_SPS_ID + 1) << 6 | rest
            payload = wide.to_bytes(3, "big") + payload[1:]
        elif kind in _SLICES:
            payload = _widened(payload[0], 2 if kind in _INTRA else 1, self._pps_id) + payload[1:]
        else:
            return unit
        return head + nal.escape(payload)

    def _check_profile(self, own: list[bytes]) -> None:
        def profile(units: list[bytes]) -> int:
            return next(nal.unescape(unit[2:])[1] & 31 for unit in units if _kind(unit) == _SPS)

        if profile(own) != profile(self._sets):
            raise Unjoinable("the encoder chose another profile than the video's")


def _widened(byte: int, before: int, number: int) -> bytes:
    """Replaces the single bit that stands for 0, after `before` bits, by the nine bits of `number`."""
    if not byte >> (7 - before) & 1:
        raise Unjoinable("the encoder numbered its parameter sets otherwise than expected")
    rest = 7 - before
    wide = (byte >> (8 - before)) << (9 + rest) | (number + 1) << rest | byte & ((1 << rest) - 1)
    return wide.to_bytes(2, "big")


def _broken_link(unit: bytes) -> bytes:
    return bytes([unit[0] & 0x81 | _BLA_WITHOUT_LEADING << 1]) + unit[1:]


def _kind(unit: bytes) -> int:
    return unit[0] >> 1 & 63
