"""Times a cut of a minute out of ten against the ffmpeg program, and says how exact each is.

Run with `python -m tests.benchmarks.cutting.bench_cut [--minutes 10] [--start 123.457] [--duration 60] [--rounds 2]`.
The source is 1080p H.264 as x264 makes it by default, with B-frames, a key frame every ten seconds and sound. Against
it stand ffmpeg encoding everything (`-ss -t -c:v libx264`) and ffmpeg copying (`-c copy`). The program comes from the
path or with imageio-ffmpeg; where there is neither, PyAV does the same. The rounds alternate and the best counts.
"""

from __future__ import annotations

import argparse
import math
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
from reelops.infra.media.cutting import Container, CutReport, cut

from tests.benchmarks.cutting.accuracy import Accuracy, measure
from tests.benchmarks.cutting.scene import FPS, write_source
from tests.benchmarks.figures import Figure, publish

Cut = Callable[[Path, Path, float, float], Any]


def program() -> str | None:
    """Finds the ffmpeg program."""
    found = shutil.which("ffmpeg")
    if found is not None:
        return found
    try:
        import imageio_ffmpeg  # type: ignore[import-untyped]  # publishes no types
    except ImportError:
        return None
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def ours(source: Path, target: Path, start: float, duration: float) -> CutReport:
    return cut(source, target, start_sec=start, duration_sec=duration, container=Container.mp4)


def encoding(source: Path, target: Path, start: float, duration: float) -> None:
    """Encodes everything, as people do it who want it exact."""
    ffmpeg = program()
    if ffmpeg is None:
        _encode_with_pyav(source, target, start, duration)
        return
    _run(ffmpeg, source, target, start, duration, "-c:v", "libx264", "-crf", "18", "-c:a", "aac")


def copying(source: Path, target: Path, start: float, duration: float) -> None:
    """Copies everything, as people do it who want it fast."""
    ffmpeg = program()
    if ffmpeg is None:
        _copy_with_pyav(source, target, start, duration)
        return
    _run(ffmpeg, source, target, start, duration, "-c", "copy")


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.mp4"
        begun = time.perf_counter()
        write_source(source, minutes=options.minutes)
        size = source.stat().st_size
        rate = size * 8 / options.minutes / 60 / 1e6
        print(
            f"source: {options.minutes} min of 1080p at {FPS}, {size / 1e6:.0f} MB ({rate:.1f} Mbit/s), made in "
            f"{time.perf_counter() - begun:.0f} s; the piece: {options.duration} s from {options.start} s; "
            f"alternatives: {program() or 'PyAV, for there is no ffmpeg program'}",
            flush=True,
        )
        _compare(source, Path(folder), options)


def _compare(source: Path, folder: Path, options: argparse.Namespace) -> None:
    ways: dict[str, Cut] = {"ours": ours, "encoding": encoding, "copying": copying}
    best: dict[str, float] = {}
    report: CutReport | None = None
    for _ in range(options.rounds):
        for name, way in ways.items():
            begun = time.perf_counter()
            result = way(source, folder / f"{name}.mp4", options.start, options.duration)
            best[name] = min(best.get(name, math.inf), time.perf_counter() - begun)
            report = result or report
    assert report is not None
    print(f"ours: {report.mode}, {report.copied_frames} frames copied, {report.encoded_frames} encoded")
    for name in ways:
        found = measure(source, folder / f"{name}.mp4", options.start, options.duration)
        size = (folder / f"{name}.mp4").stat().st_size / 1e6
        print(f"{name:9} {best[name]:7.2f} s {size:6.1f} MB  {found}", flush=True)
        _publish_quality(name, found)
    _publish_speed(best)


def _publish_speed(best: dict[str, float]) -> None:
    mine = f"{best['ours']:.2f} s"
    against = best["encoding"] / best["ours"]
    publish(
        Figure(
            benchmark="cut: speed against encoding",
            ours=mine,
            alternative=f"ffmpeg libx264 {best['encoding']:.2f} s",
            ratio=against,
            target=">= 5",
        )
    )
    publish(
        Figure(
            benchmark="cut: time against copying",
            ours=mine,
            alternative=f"ffmpeg -c copy {best['copying']:.2f} s",
            ratio=best["ours"] / best["copying"],
        )
    )


def _publish_quality(name: str, found: Accuracy) -> None:
    if name != "ours":
        return
    publish(
        Figure(
            benchmark="cut: frames wrong at both ends",
            ours=f"{found.start_off} and {found.end_off}",
            alternative="",
            ratio=float(abs(found.start_off) + abs(found.end_off)),
            target="<= 0",
        )
    )
    publish(
        Figure(
            benchmark="cut: PSNR of encoded frames, dB",
            ours=f"{found.psnr:.1f}, {found.identical} identical",
            alternative="",
            ratio=found.psnr,
            target=">= 38",
        )
    )


def _run(ffmpeg: str, source: Path, target: Path, start: float, duration: float, *how: str) -> None:
    window = ("-ss", f"{start:.6f}", "-t", f"{duration:.6f}")
    command = (ffmpeg, "-v", "error", "-y", *window, "-i", str(source), *how, "-movflags", "+faststart", str(target))
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def _encode_with_pyav(source: Path, target: Path, start: float, duration: float) -> None:
    with av.open(str(source)) as one, av.open(str(target), "w") as two:
        video = one.streams.video[0]
        video.thread_type = "AUTO"
        out: Any = two.add_stream("libx264", rate=FPS, options={"crf": "18"})
        out.width, out.height, out.pix_fmt = video.width, video.height, "yuv420p"
        assert video.time_base is not None
        one.seek(int(start / video.time_base), stream=video)
        for frame in one.decode(video):
            at = float(frame.time or 0)
            if at >= start + duration:
                break
            if at >= start:
                frame.pts = round((at - start) * FPS)
                frame.time_base, frame.pict_type = 1 / out.codec_context.framerate, 0
                two.mux(out.encode(frame))
        two.mux(out.encode(None))


def _copy_with_pyav(source: Path, target: Path, start: float, duration: float) -> None:
    with av.open(str(source)) as one, av.open(str(target), "w") as two:
        video = one.streams.video[0]
        out = two.add_stream_from_template(video)
        assert video.time_base is not None
        shift = int(start / video.time_base)
        one.seek(shift, stream=video)
        for packet in one.demux(video):
            if packet.dts is None or packet.pts is None:
                continue
            if packet.dts * video.time_base >= start + duration:
                break
            packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, out
            two.mux(packet)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--start", type=float, default=123.457)
    parser.add_argument("--duration", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
