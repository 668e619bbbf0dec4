"""Ingests 720p H.264 through the whole service against a plain OpenCV loop, and weighs two hours against two minutes.

    python -m tests.benchmarks.ingest.bench_ingest [--seconds 30] [--rounds 3] [--hours 2]

An ingest is timed from the answer to the upload until the job is completed: queue, decode, sample, embed in Triton,
write the embeddings and rows. The loop reads every frame, resizes it and takes a grey histogram, in a process of its
own that is timed without its start. They run in turn on the same cores, and the best round of each counts. `read_clips`
alone (decoding and sampling without Triton) is shown to say where the time goes. A trainee's video is looked at closely
when it is first scored beside a gold of short steps: that is timed beside the ingest of the same two minutes. For the
memory, the same small video of two minutes is repeated until it lasts two hours, and the worker's peak resident memory
is compared.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import httpx2

from tests.benchmarks.figures import Figure, publish
from tests.benchmarks.ingest.bench_decode import measure
from tests.benchmarks.ingest.looks import timed_look
from tests.benchmarks.ingest.scenes import repeat, write_scene
from tests.flow import upload
from tests.media import write_video
from tests.service_fixture import RunningService, running_service

# The noisier the sensor, the higher the bit rate, and the more of the time goes into decoding, which nothing can spare
# but for the frames that no other refers to.
SCENES = {"well-lit": (False, 1.5), "tripod": (False, 4.0), "handheld": (True, 4.0)}
_POLL_SEC = 0.02
_LONGEST_SEC = 1800.0
_SHORT_MINUTES = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hours", type=float, default=2.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reelops-bench-") as name:
        folder = Path(name)
        (folder / "service").mkdir()
        scenes = {
            kind: write_scene(folder / f"{kind}.mp4", seconds=options.seconds, handheld=handheld, noise=noise)
            for kind, (handheld, noise) in SCENES.items()
        }
        with running_service(folder / "service") as service, service.client("operator") as client:
            for kind, path in scenes.items():
                _report_speed(kind, path, options.seconds, _speed(client, path, kind, options.rounds))
            take = repeat(scenes["tripod"], folder / "take.mp4", max(1, round(_SHORT_MINUTES * 60 / options.seconds)))
            _report_look(service, client, take, options.rounds)
            _report_memory(_memory(service, client, folder, options.hours), options.hours)


def timed_ingest(client: httpx2.Client, path: Path, task_id: str) -> float:
    """Gives the seconds from the answer to the upload until the job is completed."""
    return timed_video(client, path, task_id)[0]


def timed_video(client: httpx2.Client, path: Path, task_id: str) -> tuple[float, int]:
    """Gives the same seconds, and the id of the video."""
    job_id = upload(client, path, task_id)
    begun = time.perf_counter()
    while (elapsed := time.perf_counter() - begun) < _LONGEST_SEC:
        job = client.get(f"/videos/jobs/{job_id}").json()
        if job["status"] not in ("queued", "running"):
            assert job["status"] == "completed", job
            return elapsed, int(job["video_id"])
        time.sleep(_POLL_SEC)
    raise TimeoutError(f"the ingest of {path.name} takes longer than {_LONGEST_SEC:.0f} s")


def _speed(client: httpx2.Client, path: Path, task_id: str, rounds: int) -> Mapping[str, float]:
    seconds: dict[str, float] = {}
    for _ in range(rounds):
        seen = {
            "opencv": measure("opencv", path)["wall"],
            "ingest": timed_ingest(client, path, task_id),
            "read_clips": measure("clips", path)["wall"],
        }
        seconds = {name: min(value, seconds.get(name, value)) for name, value in seen.items()}
    return seconds


def _report_speed(kind: str, path: Path, length: int, seconds: Mapping[str, float]) -> None:
    rate = path.stat().st_size * 8 / length / 1e6
    print(
        f"{kind}: {length} s of 720p at {rate:.1f} Mbit/s; OpenCV loop {seconds['opencv']:.2f} s, "
        f"ingest {seconds['ingest']:.2f} s, read_clips alone {seconds['read_clips']:.2f} s; "
        f"load average {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    publish(
        Figure(
            benchmark=f"ingest of 720p H.264, {kind}",
            ours=f"{length / seconds['ingest']:.0f} x real time",
            alternative=f"OpenCV loop {length / seconds['opencv']:.0f} x",
            ratio=seconds["opencv"] / seconds["ingest"],
            target=">= 3",
        )
    )


def _report_look(service: RunningService, client: httpx2.Client, path: Path, rounds: int) -> None:
    """Ingests and looks in turn; the best round of each counts."""
    ingests, looks, clips = [], [], 0
    for _ in range(rounds):
        seconds, video_id = timed_video(client, path, "looks")
        ingests.append(seconds)
        seconds, clips = timed_look(service, video_id)
        looks.append(seconds)
    look, ingest = min(looks), min(ingests)
    print(f"first close look at {path.name}: {clips} clips in {look:.2f} s; ingest {ingest:.2f} s", flush=True)
    publish(
        Figure(
            benchmark=f"first close look at {_SHORT_MINUTES} minutes of 720p H.264",
            ours=f"{look:.2f} s",
            alternative=f"its ingest {ingest:.2f} s",
            ratio=look / ingest,
        )
    )


def _memory(service: RunningService, client: httpx2.Client, folder: Path, hours: float) -> tuple[float, float]:
    """Gives the worker's peak MiB for the short and for the long video."""
    count = _SHORT_MINUTES * 60 * 25
    options = {"preset": "ultrafast", "x264-params": "keyint=50"}
    short = write_video(folder / "short.mp4", count=count, options=options)
    long = repeat(short, folder / "long.mp4", round(hours * 60 / _SHORT_MINUTES))
    worker = service.pid_of("work")
    peaks = []
    for path in (short, short, long):
        Path(f"/proc/{worker}/clear_refs").write_text("5")  # the peak counts from here
        seconds = timed_ingest(client, path, "memory")
        peaks.append(_peak_mib(worker))
        print(f"{path.name}: {path.stat().st_size / 1e6:.0f} MB in {seconds:.1f} s, worker's peak {peaks[-1]:.0f} MiB")
    return peaks[1], peaks[2]


def _peak_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


def _report_memory(peaks: tuple[float, float], hours: float) -> None:
    short, long = peaks
    publish(
        Figure(
            benchmark=f"worker's peak memory, {hours:g} hours",
            ours=f"{long:.0f} MiB",
            alternative=f"{_SHORT_MINUTES} minutes {short:.0f} MiB",
            ratio=long / short,
            target="<= 1.1",
        )
    )


if __name__ == "__main__":
    main()
