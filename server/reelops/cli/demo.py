"""`reelops demo`: two videos of our own, from upload to report, over REST."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from reelops import errors
from reelops.cli.ports import taken_ports
from reelops.cli.up import service
from reelops.configured import credentials
from reelops.infra.media.synthesis import make_demo_pair
from reelops.settings import Settings

_TASK = "demo_assembly"
_WAIT_SEC = 300.0
_OFFSETS = (0, 10_000, 12_000, 14_000, 20_000, 21_000)


@dataclass(frozen=True, slots=True)
class Rest:
    """A few calls of the documented API."""

    base_url: str
    token: str

    def get(self, path: str) -> dict[str, Any]:
        """Reads a JSON answer."""
        return dict(json.loads(self.get_bytes(path)))

    def get_bytes(self, path: str) -> bytes:
        """Reads an answer as it is."""
        return self._send(urllib.request.Request(self.base_url + path))  # noqa: S310 - our own service

    def post(self, path: str, body: bytes, content_type: str) -> dict[str, Any]:
        """Sends a body and reads a JSON answer."""
        request = urllib.request.Request(self.base_url + path, data=body, headers={"Content-Type": content_type})  # noqa: S310
        return dict(json.loads(self._send(request)))

    def upload(self, path: str, video: Path) -> str:
        """Uploads a video as a form and gives the job's id."""
        boundary = uuid4().hex
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="task_id"\r\n\r\n{_TASK}\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{video.name}"\r\n\r\n'
        )
        body = head.encode() + video.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        return str(self.post(path, body, f"multipart/form-data; boundary={boundary}")["ingest_job_id"])

    def _send(self, request: urllib.request.Request) -> bytes:
        request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise errors.Internal("DEMO_FAILED", f"{request.full_url}: {error.read().decode()}") from None


async def run_demo(settings: Settings, console: Console) -> None:
    """Starts the service, scores a trainee that leaves a step out and exchanges two, and prints what came out."""
    started = time.monotonic()
    settings = _with_free_ports(settings)
    console.print(f"[bold]ReelOps demo[/] in {settings.folder}", highlight=False)
    with _progress(console) as progress:
        (settings.folder / "videos").mkdir(parents=True, exist_ok=True)
        task = progress.add_task("making a gold and a trainee video", total=1)
        gold, trainee = await asyncio.to_thread(make_demo_pair, settings.folder / "videos")
        progress.update(task, completed=1)
        starting = progress.add_task("starting Triton, server, worker and Envoy", total=4)
        async with service(settings, lambda _line: progress.advance(starting)):
            rest = Rest(f"http://{settings.bind}:{settings.port('sopilot_port')}", _token(settings))
            shown = await asyncio.to_thread(_score, rest, gold, trainee, progress)
            report = settings.folder / "report.pdf"
            report.write_bytes(await asyncio.to_thread(rest.get_bytes, f"/score/{shown['score_job_id']}/report.pdf"))
    _show(console, settings, shown, report)
    console.print(f"done in {time.monotonic() - started:.0f} s", highlight=False)


def _score(rest: Rest, gold: Path, trainee: Path, progress: Progress) -> dict[str, Any]:
    uploads = [("gold", rest.upload("/gold", gold)), ("trainee", rest.upload("/videos", trainee))]
    videos = {}
    for name, job_id in uploads:
        job = _wait(rest, f"/videos/jobs/{job_id}", progress, f"ingesting the {name} video")
        videos[f"{name}_video_id"] = job["video_id"]
    asked = rest.post("/score", json.dumps(videos).encode(), "application/json")
    return _wait(rest, f"/score/{asked['score_job_id']}", progress, "scoring")


def _wait(rest: Rest, path: str, progress: Progress, title: str) -> dict[str, Any]:
    task = progress.add_task(title, total=None)
    deadline = time.monotonic() + _WAIT_SEC
    while time.monotonic() < deadline:
        job = rest.get(path)
        if job["status"] == "completed":
            progress.update(task, total=1, completed=1)
            return job
        if job["status"] == "failed":
            raise errors.Internal("DEMO_FAILED", f"{title} failed: {job['error_message']}")
        time.sleep(0.1)
    raise errors.Internal("DEMO_FAILED", f"{title} took longer than {_WAIT_SEC:g} s")


def _show(console: Console, settings: Settings, job: dict[str, Any], report: Path) -> None:
    result = job["result"]
    console.print(f"\nscore [bold]{job['score']:g}[/] of 100 ({result['profile']}, {result['embedding_model']})\n")
    table = Table("fault", "step", "gold", "trainee", "confidence", "why", box=None, pad_edge=False)
    for fault in result["deviations"]:
        step = "" if fault["gold_step"] is None else str(fault["gold_step"] + 1)
        times = (_span(fault["gold_time"]), _span(fault["trainee_time"]))
        table.add_row(fault["type"], step, *times, f"{fault['confidence']:.2f}", fault["reason"])
    console.print(table)
    console.print(f"\nreport  {report}", highlight=False, soft_wrap=True)
    console.print("\n[bold]next[/]: start the service and ask it yourself", highlight=False)
    offset = f" --port-offset {settings.port_offset}" if settings.port_offset else ""
    base = f"http://{settings.bind}:{settings.port('sopilot_port')}"
    token = f"json.load(open('{settings.credentials_file}'))['tokens']['operator']"
    for line in (
        f".venv/bin/reelops up --data {settings.folder}{offset}",
        f'TOKEN=$(python3 -c "import json; print({token})")',
        f'curl -H "Authorization: Bearer $TOKEN" {base}/videos',
        f'curl -H "Authorization: Bearer $TOKEN" {base}/score/{job["score_job_id"]}',
        f'curl -H "Authorization: Bearer $TOKEN" -F file=@my_video.mp4 -F task_id={_TASK} {base}/videos',
    ):
        console.print(f"  {line}", highlight=False, markup=False, soft_wrap=True)


def _span(time_range: dict[str, float | None]) -> str:
    start, end = time_range["start_sec"], time_range["end_sec"]
    return "-" if start is None or end is None else f"{start:.1f}-{end:.1f} s"


def _token(settings: Settings) -> str:
    made = credentials(settings)
    if made is None:
        raise errors.Invalid(
            "DEMO_CREDENTIALS",
            "the demo uses credentials of its own: unset SOPILOT_API_ROLE_TOKENS and SOPILOT_BASIC_USER",
        )
    return made.tokens["operator"]


def _with_free_ports(settings: Settings) -> Settings:
    """Moves the demo to other ports where the usual ones are taken; a chosen offset is left alone."""
    if settings.port_offset:
        return settings
    for offset in _OFFSETS:
        moved = settings.model_copy(update={"port_offset": offset})
        if not taken_ports(moved):
            return moved
    return settings


def _progress(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=console,
    )
