"""Uploads and downloads 1 GB through Envoy and the server, against nginx writing and serving the same file.

    python -m tests.benchmarks.transfer.bench_transfer [--megabytes 1000] [--rounds 3]

curl sends and receives on both sides: a multipart form to us, a PUT to nginx. The file is a real video of some seconds
followed by a large empty box, so that it is ingested as any other. Memory is the resident memory of Envoy and of the
server, every 50 ms: the highest during a transfer less that before it, after one small transfer has warmed them up.
"""

from __future__ import annotations

import argparse
import json
import os
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.figures import Figure, publish, skip
from tests.benchmarks.transfer import nginx
from tests.flow import ingest, wait
from tests.media import write_video
from tests.service_fixture import TOKENS, RunningService, running_service

_EVERY_SEC = 0.05
_AUTH = ["-H", f"Authorization: Bearer {TOKENS['operator']}"]


@dataclass(slots=True)
class Seen:
    """What the rounds gave: seconds of the best one, and the highest growth of each process in MiB."""

    seconds: float = float("inf")
    growth: dict[str, float] = field(default_factory=dict)

    def add(self, seconds: float, growth: Mapping[str, float]) -> None:
        """Counts one round."""
        self.seconds = min(self.seconds, seconds)
        for part, mib in growth.items():
            self.growth[part] = max(mib, self.growth.get(part, 0.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reelops-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        small = folder / "small.mp4"
        write_video(small)
        large = pad(small, folder / "large.mp4", options.megabytes * 1_000_000)
        (folder / "service").mkdir()
        with running_service(folder / "service") as service:
            rows = measure(service, small, large, folder, options.rounds)
    report(rows, options.megabytes)


def pad(source: Path, target: Path, size: int) -> Path:
    """Writes a video followed by a box that players skip, so that the file has `size` bytes."""
    video = source.read_bytes()
    left = size - len(video) - 8
    noise = os.urandom(1 << 22)
    with target.open("wb") as file:
        file.write(video + struct.pack(">I4s", left + 8, b"free"))
        while left > 0:
            left -= file.write(noise[:left])
    return target


def measure(service: RunningService, small: Path, large: Path, folder: Path, rounds: int) -> dict[str, Seen]:
    """Transfers the file in turn to and from either side."""
    rows: dict[str, Seen] = {}
    admin = {"Authorization": f"Bearer {TOKENS['admin']}"}
    with service.client("operator") as client, _rival(folder / "nginx") as rival:
        warm = ingest(client, small, "transfer")
        curl("-o", os.devnull, *_AUTH, f"{service.url}/videos/{warm}/file")
        parts = {"envoy": service.pid_of("envoy"), "server": service.pid_of("serve")}

        def run(name: str, *arguments: str, watched: Mapping[str, int] | None = None) -> str:
            answer, seconds, growth = transfer(arguments, watched or {})
            rows.setdefault(name, Seen()).add(seconds, growth)
            return answer

        for number in range(rounds):
            form = ["-F", "task_id=transfer", "-F", f"file=@{large}"]
            answer = run("our upload", *_AUTH, *form, f"{service.url}/videos", watched=parts)
            job = wait(client, f"/videos/jobs/{json.loads(answer)['ingest_job_id']}")
            url = f"{service.url}/videos/{job['video_id']}/file"
            if rival:
                run("nginx upload", "-T", str(large), f"{rival}/{number}.mp4")
            run("our download", *_AUTH, "-o", os.devnull, url, watched=parts)
            if rival:
                run("nginx download", "-o", os.devnull, f"{rival}/{number}.mp4")
            removed = client.delete(f"/videos/{job['video_id']}", headers=admin)
            assert removed.status_code == 200, removed.text
    return rows


def transfer(arguments: Sequence[str], watched: Mapping[str, int]) -> tuple[str, float, dict[str, float]]:
    """Runs curl and gives what it printed, its seconds, and by how many MiB each watched process grew meanwhile."""
    with _memory(watched) as growth:
        begun = time.perf_counter()
        answer = curl(*arguments)
        seconds = time.perf_counter() - begun
    return answer, seconds, growth


def curl(*arguments: str) -> str:
    """Runs curl, which fails on any answer that is no success."""
    command = ["curl", "--silent", "--show-error", "--fail-with-body", "-H", "Expect:", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"curl: {done.stderr.strip()} {done.stdout[:500]}")
    return done.stdout


@contextmanager
def _memory(watched: Mapping[str, int]) -> Iterator[dict[str, float]]:
    """Samples resident memory until the block ends; the growth is filled in then."""
    before = {part: _resident_mib(pid) for part, pid in watched.items()}
    highest = dict(before)
    growth: dict[str, float] = {}
    ended = threading.Event()

    def sample() -> None:
        while not ended.wait(_EVERY_SEC):
            for part, pid in watched.items():
                highest[part] = max(highest[part], _resident_mib(pid))

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        yield growth
    finally:
        ended.set()
        sampler.join()
        growth.update({part: highest[part] - before[part] for part in watched})


def _resident_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


@contextmanager
def _rival(folder: Path) -> Iterator[str | None]:
    program = nginx.find()
    if program is None:
        yield None
        return
    with nginx.running(program, folder) as url:
        yield url


def report(rows: Mapping[str, Seen], megabytes: int) -> None:
    """Prints the best round of each, the ratios, and by how much memory grew at worst."""
    for name, seen in rows.items():
        grown = ", ".join(f"{part} grew {mib:.0f} MiB" for part, mib in seen.growth.items())
        print(f"{name:16} {seen.seconds:6.2f} s {megabytes / seen.seconds:6.0f} MB/s  {grown}")
    for way in ("upload", "download"):
        ours = rows[f"our {way}"]
        worst = max(ours.growth, key=lambda part: ours.growth[part])
        publish(
            Figure(
                benchmark=f"memory during a {way} of {megabytes} MB, MiB",
                ours=f"+{ours.growth[worst]:.0f} MiB ({worst})",
                alternative="",
                ratio=ours.growth[worst],
                target="< 64",
            )
        )
        if f"nginx {way}" not in rows:
            skip(f"{way} of {megabytes} MB against nginx", "nginx is not installed")
            continue
        rival = rows[f"nginx {way}"].seconds
        publish(
            Figure(
                benchmark=f"speed of a {way} of {megabytes} MB",
                ours=f"{megabytes / ours.seconds:.0f} MB/s",
                alternative=f"nginx {megabytes / rival:.0f} MB/s",
                ratio=rival / ours.seconds,
                target=">= 0.5",
            )
        )


if __name__ == "__main__":
    main()
