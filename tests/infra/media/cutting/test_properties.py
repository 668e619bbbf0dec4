"""What a file says of its pictures stays with the clip, whether they were copied or encoded."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import av
import pytest
from av.video.frame import VideoFrame
from reelops.infra.media.cutting import Container, CutReport, cut
from reelops.infra.media.pictures import orientation

from tests.infra.media.cutting.footage import shown
from tests.media import rotate, write_video

HDR = (
    "keyint=25:log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=limited:"
    "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400"
)
MADE = {"smart": {"g": "25", "bf": "2"}, "encoded": {"g": "500", "bf": "2"}}


def clip_of(video: Path, container: Container = Container.mp4) -> tuple[CutReport, VideoFrame, Path]:
    target = video.with_name("clip")
    report = cut(video, target, start_sec=0.5, duration_sec=2, container=container)
    with av.open(str(target)) as opened:
        return report, next(opened.decode(video=0)), target


def boxes(data: bytes) -> list[str]:
    """Names the top boxes of an mp4 in order."""
    names, at = [], 0
    while at + 8 <= len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        names.append(name.decode())
        at += size if size > 1 else int.from_bytes(data[at + 8 : at + 16], "big")
    return names


@pytest.mark.parametrize("mode", MADE)
@pytest.mark.parametrize("container", [Container.mp4, Container.mov, Container.mkv])
def test_a_turned_video_stays_turned(mode: str, container: Container, tmp_path: Path) -> None:
    video = rotate(write_video(tmp_path / "v.mp4", count=75, options=MADE[mode]), 90, mirrored=mode == "smart")
    with av.open(str(video)) as opened:
        before = orientation(next(opened.decode(video=0)))
    report, frame, _ = clip_of(video, container)
    assert report.mode == mode
    assert orientation(frame) == before != (0, False)


def test_a_turned_video_of_another_codec_stays_turned(tmp_path: Path) -> None:
    video = rotate(write_video(tmp_path / "v.mp4", count=75, codec="mpeg4", options={"g": "500"}), 90)
    report, frame, _ = clip_of(video)
    assert report.mode == "encoded"
    assert orientation(frame) == (3, False)


@pytest.mark.parametrize("mode", MADE)
def test_colour_and_the_shape_of_pixels_are_kept(mode: str, tmp_path: Path) -> None:
    parameters = "colorprim=bt709:transfer=bt709:colormatrix=bt709:fullrange=on:sar=4/3"
    video = write_video(tmp_path / "v.mp4", count=75, options={**MADE[mode], "x264-params": parameters})
    for container in (Container.mp4, Container.mkv):
        report, frame, target = clip_of(video, container)
        assert report.mode == mode
        assert (frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range) == (1, 1, 1, 2)
        with av.open(str(target)) as opened:
            assert opened.streams.video[0].sample_aspect_ratio == pytest.approx(4 / 3)


def test_pixels_that_webm_cannot_describe_become_square(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=75, options={"x264-params": "sar=2/1"})
    _, frame, target = clip_of(video, Container.webm)
    assert (frame.width, frame.height) == (640, 180)
    assert [number for _, number in shown(target)] == list(range(12, 63))


@pytest.mark.parametrize("container", [Container.mp4, Container.mkv])
@pytest.mark.parametrize("keyint", [25, 500])
def test_high_dynamic_range_is_kept(container: Container, keyint: int, tmp_path: Path) -> None:
    options = {"x265-params": HDR.replace("keyint=25", f"keyint={keyint}")}
    video = write_video(tmp_path / "v.mp4", count=75, codec="libx265", pixel_format="yuv420p10le", options=options)
    report, frame, _ = clip_of(video, container)
    assert report.mode == ("smart" if keyint == 25 else "encoded")
    assert (frame.format.name, frame.color_primaries, frame.color_trc, frame.colorspace) == ("yuv420p10le", 9, 16, 9)
    data: Any = frame.side_data
    assert struct.unpack("<2I", bytes(data.get("CONTENT_LIGHT_LEVEL")))[:2] == (1000, 400)
    assert len(bytes(data.get("MASTERING_DISPLAY_METADATA"))) > 0


@pytest.mark.parametrize("mode", MADE)
def test_mp4_and_mov_begin_with_their_index(mode: str, tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", count=75, options=MADE[mode])
    for container, brand in ((Container.mp4, b"isom"), (Container.mov, b"qt  ")):
        data = clip_of(video, container)[2].read_bytes()
        names = boxes(data)
        assert names.index("moov") < names.index("mdat")
        assert data[8:12] == brand


def test_hevc_is_marked_as_players_want_it(tmp_path: Path) -> None:
    options = {"x265-params": "keyint=25:log-level=none"}
    video = write_video(tmp_path / "v.mp4", count=75, codec="libx265", options=options)
    for container in (Container.mp4, Container.mov):
        _, _, target = clip_of(video, container)
        with av.open(str(target)) as opened:
            assert opened.streams.video[0].codec_context.codec_tag == "hvc1"


def test_the_title_is_kept_and_chapters_are_not(tmp_path: Path) -> None:
    video = tmp_path / "v.mkv"
    plain = write_video(tmp_path / "plain.mkv", count=75, options=MADE["smart"])
    with av.open(str(plain)) as one, av.open(str(video), "w") as two:
        two.metadata["title"] = "Häkeln für Anfänger"
        out = two.add_stream_from_template(one.streams.video[0])
        two.set_chapters([{"id": 1, "start": 0, "end": 1, "time_base": out.time_base, "metadata": {}}])
        for packet in one.demux(video=0):
            if packet.size:
                packet.stream = out
                two.mux(packet)
    for container in Container:
        _, _, target = clip_of(video, container)
        with av.open(str(target)) as opened:
            assert opened.metadata.get("title") == "Häkeln für Anfänger"
            assert opened.chapters() == []


def test_an_odd_size_is_cut_to_an_even_one_only_where_the_codec_wants_it(tmp_path: Path) -> None:
    options = {"deadline": "realtime", "cpu-used": "8", "g": "25"}
    video = write_video(tmp_path / "v.webm", count=75, codec="libvpx-vp9", size=(321, 181), options=options)
    assert (clip_of(video, Container.webm)[1].width, clip_of(video, Container.webm)[1].height) == (321, 181)
    _, frame, target = clip_of(video, Container.mov)
    assert (frame.width, frame.height) == (320, 180)
    assert [number for _, number in shown(target)] == list(range(12, 63))
