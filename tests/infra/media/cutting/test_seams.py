"""The pieces of a smart cut are one stream: copied pictures stay the source's, and every player can follow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest
from reelops.infra.media.cutting import Container, cut, nal

from tests.media import read_number, write_video

SOURCES: dict[str, dict[str, Any]] = {
    "h264": {"options": {"g": "50", "bf": "3", "sc_threshold": "0"}},
    "hevc": {"codec": "libx265", "options": {"x265-params": "keyint=50:scenecut=0:log-level=none"}},
    "hevc closed": {"codec": "libx265", "options": {"x265-params": "keyint=50:scenecut=0:open-gop=0:log-level=none"}},
    "vp9": {"codec": "libvpx-vp9", "options": {"g": "50", "deadline": "realtime", "cpu-used": "8"}},
}


def pictures(path: Path) -> dict[int, npt.NDArray[Any]]:
    with av.open(str(path)) as container:
        return {
            read_number(np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)): np.asarray(frame.to_ndarray())
            for frame in container.decode(video=0)
        }


@pytest.mark.parametrize("container", [Container.mp4, Container.mkv])
@pytest.mark.parametrize("source", SOURCES)
def test_copied_pictures_are_the_same_to_the_bit_and_the_others_look_it(
    source: str, container: Container, tmp_path: Path
) -> None:
    video = write_video(tmp_path / "v.mkv", count=200, **SOURCES[source])
    report = cut(video, tmp_path / "clip", start_sec=1.2, duration_sec=5.3, container=container)
    assert report.mode == "smart"
    originals, clip = pictures(video), pictures(tmp_path / "clip")
    same = [number for number, picture in clip.items() if np.array_equal(picture, originals[number])]
    assert len(same) >= report.copied_frames >= 100
    assert set(range(50, 150)) <= set(same)
    for number, picture in clip.items():
        error = np.mean((picture.astype(float) - originals[number]) ** 2)
        assert error < 255**2 / 10**3.4  # 34 dB


@pytest.mark.parametrize("name", ["v.mp4", "v.ts"])
def test_an_mp4_of_h264_has_all_parameter_sets_in_its_header_and_none_elsewhere(name: str, tmp_path: Path) -> None:
    video = write_video(tmp_path / name, count=200, **SOURCES["h264"])
    cut(video, tmp_path / "clip.mp4", start_sec=1.2, duration_sec=5.3, container=Container.mp4)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        stream = container.streams.video[0]
        sets, lengths = nal.avcc_units(stream.codec_context.extradata or b"")
        sequences = [unit for unit in sets if unit[0] & 31 == 7]
        assert len(sequences) == 2
        assert len({nal.read_ue(nal.unescape(unit), 32)[0] for unit in sequences}) == 2
        assert len({bytes(unit[1:4]) for unit in sequences}) == 1  # profile and level
        assert stream.codec_context.codec_tag == "avc1"
        packets = [packet for packet in container.demux(stream) if packet.size]
    kinds = {unit[0] & 31 for packet in packets for unit in nal.split(bytes(packet), lengths)}
    assert not kinds & {7, 8, 9}
    times = [packet.dts for packet in packets if packet.dts is not None]
    assert len(times) == len(packets)
    assert np.all(np.diff(times) > 0)
    assert all(packet.dts <= packet.pts for packet in packets if packet.pts is not None and packet.dts is not None)


def test_a_clip_of_a_clip_is_cut_as_well(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=200, **SOURCES["h264"])
    cut(video, tmp_path / "once.mp4", start_sec=0.6, duration_sec=6.4, container=Container.mp4)
    report = cut(tmp_path / "once.mp4", tmp_path / "twice.mp4", start_sec=0.8, duration_sec=5, container=Container.mp4)
    assert report.mode == "smart"
    assert list(pictures(tmp_path / "twice.mp4")) == list(range(35, 160))


def test_every_key_frame_of_a_clip_can_be_sought(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=200, **SOURCES["hevc"])
    cut(video, tmp_path / "clip.mp4", start_sec=1.2, duration_sec=6, container=Container.mp4)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        stream = container.streams.video[0]
        keys = [p.pts for p in container.demux(stream) if p.is_keyframe and p.pts is not None]
        assert len(keys) >= 3
        for key in keys:
            container.seek(key, stream=stream)
            frame = next(container.decode(stream))
            number = read_number(np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8))
            assert number == 30 + round(float(frame.time or 0) * 25)


def test_units_are_taken_apart_and_put_together() -> None:
    units = [b"\x67\x42\x00\x03", b"\x68\x01", b"\x65" + bytes(range(1, 200))]
    assert nal.split(nal.join(units), 0) == units
    assert nal.split(b"".join(len(unit).to_bytes(2, "big") + unit for unit in units), 2) == units
    for payload in (b"\x00\x00\x01\x05", b"\x00\x00\x00\x00\x00\x02", b"\x01\x02\x00\x00\x03", b"\x00\x00\x04"):
        assert nal.unescape(nal.escape(payload)) == payload
    assert [nal.read_ue(bytes([bits]), 0) for bits in (0b1000_0000, 0b0100_0000, 0b0001_1100)] == [
        (0, 1),
        (1, 3),
        (13, 7),
    ]
