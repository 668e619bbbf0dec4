"""What an operator does with videos: upload, score, wait, report, search."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from reelops_client import Deviation, Job, ReelOps, ScoreJob, TimeRange, Video
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

from reelops.cli.service import on_service, out

Timeout = Annotated[float | None, typer.Option(help="Seconds to wait at most; without end where absent.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it is done.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    for command in (upload, videos, score, wait, report, search, reembed, delete):
        app.command()(on_service(command))


def upload(
    reelops: ReelOps,
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="The videos.")],
    task: Annotated[str, typer.Option(help="The task that they show.")],
    role: Annotated[str, typer.Option(help="gold or trainee.")] = "trainee",
    site: Annotated[str | None, typer.Option(help="Where they were filmed.")] = None,
    camera: Annotated[str | None, typer.Option(help="What filmed them.")] = None,
    mask: Annotated[str | None, typer.Option(help="What to hide, `x1:y1:x2:y2;...`, each 0 to 1.")] = None,
    wait: Wait = True,
    timeout: Timeout = None,
) -> None:
    """Uploads videos and waits until they are ingested."""
    for file in files:
        with Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            console=out,
        ) as bar:
            row = bar.add_task(file.name, total=file.stat().st_size)
            handle = reelops.sopilot.upload(
                file,
                task_id=task,
                role=role,
                site_id=site,
                camera_id=camera,
                privacy_mask=mask,
                on_progress=lambda sent, total, bar=bar, row=row: bar.update(row, completed=sent),  # type: ignore[misc]
            )
        if not wait:
            say(f"{file.name}: job {handle.job_id}")
            continue
        with following(file.name) as update:
            ingested = handle.wait(timeout=timeout, on_update=update)
        say(f"{file.name}: video {ingested.video_id}, {ingested.num_clips} clips, {ingested.embedding_model}")


def videos(
    reelops: ReelOps,
    task: Annotated[str | None, typer.Option(help="Only videos of this task.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most this many.")] = 50,
) -> None:
    """Lists videos, newest first."""
    table = Table("video", "task", "role", "clips", "model", "added", box=None)
    for video in reelops.sopilot.videos.list(task_id=task, limit=limit):
        role = Video.Role.Name(video.role)
        added = f"{video.created_at.ToDatetime():%Y-%m-%d %H:%M:%S}"
        table.add_row(
            str(video.video_id), Text(video.task_id), role, str(video.num_clips), Text(video.embedding_model), added
        )
    out.print(table)


def delete(reelops: ReelOps, video: Annotated[int, typer.Argument(help="The video's id.")]) -> None:
    """Deletes a video with its files, and names them. Needs the admin role."""
    for file in reelops.sopilot.videos.delete(video).removed_files:
        say(f"removed {file}")


def reembed(
    reelops: ReelOps,
    task: Annotated[str, typer.Argument(help="The task.")],
    wait: Wait = True,
    timeout: Timeout = None,
) -> None:
    """Embeds a task's videos again by the model that is configured now, so that old and new ones compare."""
    job = reelops.sopilot.reembed(task)
    if not wait:
        say(job.job_id)
        return
    job.wait(timeout=timeout)
    say(f"{task}: every video is embedded by the present model")


def score(
    reelops: ReelOps,
    gold: Annotated[int, typer.Argument(help="The gold video's id.")],
    trainee: Annotated[int, typer.Argument(help="The trainee's video's id.")],
    profile: Annotated[str | None, typer.Option(help="How to score; the default where absent.")] = None,
    report: Annotated[Path | None, typer.Option(help="Where to save the PDF.")] = None,
    wait: Wait = True,
    timeout: Timeout = None,
) -> None:
    """Scores a trainee's video against a gold one and shows the faults."""
    handle = reelops.sopilot.score(gold=gold, trainee=trainee, profile=profile)
    if not wait:
        say(f"job {handle.job_id}")
        return
    with following("score") as update:
        scored = handle.wait(timeout=timeout, on_update=update)
    show_score(scored)
    if report is not None:
        say(f"report: {reelops.sopilot.scores.report(handle.job_id, report)}")


def wait(
    reelops: ReelOps,
    job_id: Annotated[str, typer.Argument(help="The job's id.")],
    timeout: Timeout = None,
) -> None:
    """Waits until a job is completed; fails where it ends otherwise."""
    with following(job_id) as update:
        job = reelops.jobs.wait(job_id, timeout=timeout, on_update=update)
    say(f"{job.kind} {job.job_id}: completed")


def report(
    reelops: ReelOps,
    score_job_id: Annotated[str, typer.Argument(help="The score's id.")],
    path: Annotated[Path, typer.Argument(help="Where to save the PDF.")] = Path("report.pdf"),
) -> None:
    """Saves the PDF report of a completed score."""
    say(f"report: {reelops.sopilot.scores.report(score_job_id, path)}")


def search(
    reelops: ReelOps,
    task: Annotated[str, typer.Argument(help="The task to search.")],
    video: Annotated[int, typer.Argument(help="The video of the clip to start from.")],
    clip: Annotated[int, typer.Argument(help="The clip, counted from 0.")],
    limit: Annotated[int, typer.Option(min=1, max=50, help="Clips to show at most.")] = 5,
) -> None:
    """Shows the clips of a task that look most like a clip."""
    table = Table("similarity", "video", "clip", "from", "to", "role")
    for item in reelops.sopilot.search(task_id=task, video_id=video, clip=clip, limit=limit):
        role = Video.Role.Name(item.role)
        spans = (f"{item.start_sec:.1f} s", f"{item.end_sec:.1f} s")
        table.add_row(f"{item.similarity:.3f}", str(item.video_id), str(item.clip_idx), *spans, role)
    out.print(table)


class following:
    """Shows a job's progress as a bar while the block runs."""

    def __init__(self, name: str) -> None:
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TimeElapsedColumn(),
            console=out,
            transient=True,
        )
        self._name = name

    def __enter__(self) -> Callable[[Job], None]:
        self._bar.start()
        row = self._bar.add_task(self._name, total=1.0)
        return lambda job: self._bar.update(
            row, completed=job.progress, description=f"{self._name}: {job.stage or 'waits'}"
        )

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


def show_score(scored: ScoreJob) -> None:
    result = scored.result
    say(f"score {result.score:.1f} of 100 ({result.profile}, {result.embedding_model})")
    if result.penalties:
        table = Table("points", "for", "because")
        for penalty in result.penalties:
            table.add_row(f"-{penalty.points:.1f}", Text(penalty.name), Text(penalty.reason))
        out.print(table)
    if not result.deviations:
        say("no faults found")
        return
    table = Table("fault", "step", "in the gold video", "in the trainee's video", "confidence", "because")
    for fault in result.deviations:
        step = str(fault.gold_step) if fault.HasField("gold_step") else ""
        if fault.HasField("gold_step_name"):
            step += f" {fault.gold_step_name}"
        kind = Deviation.Type.Name(fault.type)
        times = (span(fault.gold_time), span(fault.trainee_time))
        table.add_row(kind, Text(step), *times, f"{fault.confidence:.2f}", Text(fault.reason))
    out.print(table)


def span(time: TimeRange) -> str:
    """Returns a stretch of a video, "" where the video has no such stretch."""
    return f"{time.start_sec:.1f}-{time.end_sec:.1f} s" if time.HasField("start_sec") else ""


def say(line: str) -> None:
    out.print(line, markup=False, highlight=False, soft_wrap=True)
