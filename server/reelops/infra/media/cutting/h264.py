"""Joining H.264: encoded pieces use parameter sets of their own ids, so that both kinds stand in one header."""

from __future__ import annotations

from av.video.codeccontext import VideoCodecContext

from reelops.infra.media.cutting import nal
from reelops.infra.media.cutting.encoders import Format, open_encoder
from reelops.infra.media.cutting.model import Unjoinable

_IDR, _SPS, _PPS, _AUD = 5, 7, 8, 9
_PROFILES = {66: "baseline", 77: "main", 100: "high", 110: "high10", 122: "high422", 244: "high444"}


class H264:
    """Joins at IDR pictures; everything is kept with start codes, which the muxers turn into lengths."""

    def __init__(self, extradata: bytes, *, opening: bytes) -> None:
        if extradata[:1] == b"\x01":
            sets, self._length_size = nal.avcc_units(extradata)
        else:
            sets, self._length_size = nal.split(extradata, 0), 0
        self._sets = [unit for unit in sets if _kind(unit) in (_SPS, _PPS)]
        sps = next((unit for unit in self._sets if _kind(unit) == _SPS), None)
        if sps is None or len(sps) < 5:
            raise Unjoinable("the stream's header is not where it is looked for")
        self._profile, self._level = sps[1], sps[3]
        self._signatures = nal.signatures(opening, extradata)
        self._own: list[bytes] = []
        self._strange = False

    def joins(self, data: bytes) -> bool:
        return any(_kind(unit) == _IDR for unit in nal.split(data, self._length_size))

    def encoder(self, picture: Format) -> VideoCodecContext:
        if picture.is_interlaced:
            raise Unjoinable("its pictures are interlaced")
        if self._profile not in _PROFILES:
            raise Unjoinable(f"H.264 profile {self._profile} cannot be encoded")
        profile = _PROFILES[self._profile]
        parameters = f"sps-id={self._free_id()}:open-gop=0:b-pyramid=none"
        options = {"profile": profile, "level": f"{self._level / 10:.1f}", "refs": "2", "x264-params": parameters}
        options["bf"] = "2" if picture.reorders and profile != "baseline" else "0"
        encoder = open_encoder("libx264", picture, options)
        own = [unit for unit in nal.split(encoder.extradata or b"", 0) if _kind(unit) in (_SPS, _PPS)]
        if not own or (self._own and own != self._own):
            raise Unjoinable("the encoder gave no header that fits")
        if own[0][1] != self._profile:
            raise Unjoinable("the encoder chose another profile than the video's")
        self._own = own
        return encoder

    def made(self, data: bytes) -> bytes:
        return nal.join(unit for unit in nal.split(data, 0) if _kind(unit) not in (_SPS, _PPS))

    def copied(self, data: bytes, *, first: bool) -> bytes:
        units = self._kept(nal.split(data, self._length_size))
        # The mistakes of old encoders are in 4:4:4: there a player that seeks has to be told again.
        told = first or (self._profile == 244 and any(_kind(unit) == _IDR for unit in units))
        missing = [unit for unit in self._signatures if told and unit not in units]
        return nal.join(missing + units)

    def header(self) -> bytes | None:
        return nal.join(self._sets + self._own)

    def pictures(self, data: bytes, *, written: bool) -> bytes:
        units = nal.split(data, 4 if written else self._length_size)
        return b"".join(unit for unit in units if 1 <= _kind(unit) <= _IDR)

    def tag(self) -> str:
        return "avc3" if self._strange else ""

    def _kept(self, units: list[bytes]) -> list[bytes]:
        """Leaves out the parameter sets that stand in the header already, as its kind of sample entry wants it."""
        kept = [unit for unit in units if _kind(unit) != _AUD and unit not in self._sets]
        if any(_kind(unit) == _SPS for unit in kept):
            raise Unjoinable("its pictures change their kind on the way")
        self._strange = self._strange or any(_kind(unit) == _PPS for unit in kept)
        return kept

    def _free_id(self) -> int:
        used = {nal.read_ue(nal.unescape(unit[:40]), 32 if _kind(unit) == _SPS else 8)[0] for unit in self._sets}
        return next(number for number in range(31, 0, -1) if number not in used)


def _kind(unit: bytes) -> int:
    return unit[0] & 31
