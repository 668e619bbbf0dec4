"""A file that names other files or hosts makes nobody open them."""

from __future__ import annotations

import contextlib
import http.server
import struct
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from reelops.errors import Invalid
from reelops.infra.media import ClipGeometry, MediaLimits, frame_at, probe, read_clips

from tests.infra.media.boxes import box, replaced, table
from tests.infra.media.watching import opened
from tests.media import write_video

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the notice of opened files is Linux's")
GEOMETRY = ClipGeometry(4, 32, 32)

# What refers to other things, by the name that the file would have. {other}, {path}: a real video beside it;
# {secret}: a file elsewhere; {web}: a server that counts who asks.
SCRIPTS = {
    "hls.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{other}\n#EXTINF:1,\n{web}/a.ts\n#EXT-X-ENDLIST\n",
    "system.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{secret}\n#EXT-X-ENDLIST\n",
    "keyed.m3u8": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{web}/key"\n#EXTINF:10,\n{other}\n#EXT-X-ENDLIST\n',
    "mapped.m3u8": '#EXTM3U\n#EXT-X-MAP:URI="{other}"\n#EXTINF:10,\nsubfile,,start,0,end,9,,:{secret}\n',
    "master.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{web}/b.m3u8\n",
    "list.ffconcat": "ffconcat version 1.0\nfile '{other}'\nfile '{path}'\n",
    "system.ffconcat": "ffconcat version 1.0\nfile '{secret}'\n",
    "web.ffconcat": "ffconcat version 1.0\nfile '{web}/a.mp4'\n",
    "dash.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'mediaPresentationDuration="PT4S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1">'
    "<BaseURL>{web}/a.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>",
    "smooth.ism": '<?xml version="1.0"?><SmoothStreamingMedia Url="{web}"><StreamIndex Url="{other}"/>'
    "</SmoothStreamingMedia>",
    "cinema.xml": '<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016">'
    "<Asset>{other}</Asset></CompositionPlaylist>",
    "session.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n"
    "a=rtpmap:96 H264/90000\n",
    "picture.svg": '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="64" height="64">'
    '<image href="{web}/a.png" width="64" height="64"/><image href="file://{secret}"/></svg>',
    "script.avs": 'AviSource("{other}")\n',
    "script.vpy": "import vapoursynth\nvideo = vapoursynth.core.std.BlankClip()\n",
    "words.ass": "[Script Info]\nTitle: x\n[Fonts]\nfontname: {path}\n[Events]\n"
    "Dialogue: 0,0:00:01.00,0:00:02.00,,,0,0,0,,x\n",
    "words.srt": "1\n00:00:01,000 --> 00:00:02,000\n<img src='{web}/a.png'>\n\n",
    "words.idx": "# VobSub index file, v7 (do not modify this line!)\nsize: 64x64\nid: en, index: 0\n"
    "timestamp: 00:00:01:000, filepos: 000000000\n",
    "words.vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\nx\n",
    "list.asx": '<asx version="3.0"><entry><ref href="{web}/a.asf"/></entry></asx>',
    "list.asf": "[Reference]\nRef1={web}/a.asf\n",
    "list.ram": "{web}/a.rm\nfile://{path}\n",
    "list.pls": "[playlist]\nFile1={path}\nNumberOfEntries=1\n",
    "movie.smil": '<smil><body><video src="{web}/a.mp4"/></body></smil>',
    "graph.lavfi": "movie={path}\n",
    "notes.ffmetadata": ";FFMETADATA1\ntitle=x\n",
}


@contextlib.contextmanager
def counting() -> Iterator[tuple[str, list[str]]]:
    """Runs a web server and gives its address, and the list of what it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()


def look(path: Path) -> str:
    """Does with a file whatever is done with files; says how it was refused, or nothing."""
    said = ""
    for step in (
        lambda: probe(path),
        lambda: list(read_clips(path, GEOMETRY)),
        lambda: frame_at(path, 0, max_side=32),
    ):
        try:
            step()
        except Invalid as error:
            said = error.code
    return said


def beside(folder: Path) -> Path:
    """Lays out what the scripts refer to."""
    other = write_video(folder / "other.ts", count=10, codec="mpeg2video", size=(64, 64))
    (folder / "words.sub").write_bytes(other.read_bytes())
    for number in range(3):
        (folder / f"still{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return other


@pytest.mark.parametrize("renamed", ["", "received.part", "video.mp4"])
@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_and_lists_are_refused_and_open_nothing(name: str, renamed: str, tmp_path: Path) -> None:
    other = beside(tmp_path)
    secret = tmp_path / "elsewhere" / "secret"
    secret.parent.mkdir()
    secret.write_bytes(other.read_bytes())
    path = tmp_path / (renamed or name)
    with counting() as (web, asked):
        path.write_text(SCRIPTS[name].format(other=other.name, path=other, web=web, secret=secret))
        with opened(tmp_path, secret.parent) as names:
            assert look(path) in ("VIDEO_UNREADABLE", "VIDEO_NO_STREAM")
        assert names == {path.name}
        assert asked == []


@pytest.mark.parametrize("name", ["still%d.png", "still%03d.png", "still*.png", "still[0-2].png", "%d.mp4"])
def test_names_that_are_patterns_are_names(name: str, tmp_path: Path) -> None:
    beside(tmp_path)
    path = write_video(tmp_path / "v.mp4", count=5, size=(64, 64)).rename(tmp_path / name)
    with opened(tmp_path) as names:
        # As a picture's pattern it may be refused, but nothing that it matches is opened.
        assert look(path) in ("", "VIDEO_UNREADABLE")
    assert names <= {name}


def alias(volume: bytes, target: bytes) -> bytes:
    """Makes the reference of a QuickTime alias record: the path of another file."""
    record = bytearray(150)
    record[10 : 11 + len(volume)] = bytes([len(volume)]) + volume
    name = target.rpartition(b"/")[2][:63]
    record[50 : 51 + len(name)] = bytes([len(name)]) + name
    record[130:134] = struct.pack(">hh", 1, 1)
    path = struct.pack(">hh", 2, len(target)) + target + bytes(len(target) % 2)
    return bytes(4) + bytes(record) + path + struct.pack(">hh", -1, 0)


def test_tracks_whose_data_lie_elsewhere_are_not_looked_for(tmp_path: Path) -> None:
    other = write_video(tmp_path / "other.mp4", count=20, size=(64, 64))
    plain = other.read_bytes()
    with counting() as (web, asked):
        references = {
            "alias": box(b"alis", alias(b"disk", str(other).encode())),
            "relative": box(b"alis", alias(b"disk", b"other.mp4")),
            "url": table(b"url ") + b"",
            "web": box(b"url ", bytes(4), f"{web}/a.mp4".encode(), b"\0"),
            "file": box(b"url ", bytes(4), f"file://{other}".encode(), b"\0"),
        }
        for name, reference in references.items():
            path = tmp_path / f"{name}.mov"
            path.write_bytes(replaced(plain, {b"dref": box(b"dref", bytes(4), struct.pack(">I", 1), reference)}))
            with opened(tmp_path) as names:
                look(path)
            assert names == {path.name}
        with opened(tmp_path) as names, av.open(str(tmp_path / "alias.mov"), options={"enable_drefs": "1"}):
            pass
        assert names == {"alias.mov", "other.mp4"}, "the reference is none that anybody would follow"
        movie = box(
            b"rmra", box(b"rmda", box(b"rdrf", bytes(4), b"url ", struct.pack(">I", 20), f"{web}/a.mov".encode()))
        )
        path = tmp_path / "reference.mov"
        path.write_bytes(box(b"ftyp", b"qt  ", bytes(4)) + box(b"moov", movie))
        with opened(tmp_path) as names:
            assert look(path) == "VIDEO_NO_STREAM"
        assert names == {path.name}
        assert asked == []


def test_segments_of_matroska_that_name_each_other_stay_apart(tmp_path: Path) -> None:
    other = beside(tmp_path)
    path = tmp_path / "v.mkv"
    with av.open(str(path), "w") as container:
        container.metadata.update({"PREV_FILENAME": other.name, "NEXT_FILENAME": str(other)})
        stream = container.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode())
    with opened(tmp_path) as names:
        assert look(path) == ""
    assert names == {path.name}


def test_a_watched_file_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "y").write_text("y")
    with opened(tmp_path, tmp_path / "y") as names:
        (tmp_path / "x").write_text("x")
        (tmp_path / "y").read_text()
    assert names == {"x", "y", str(tmp_path / "y")}
    assert probe(write_video(tmp_path / "v.mp4", count=5), limits=MediaLimits()).codec == "h264"
