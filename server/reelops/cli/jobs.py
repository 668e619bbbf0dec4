"""`reelops jobs`: what the service is working on."""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import islice
from typing import Annotated

import typer
from reelops_client import Job, ReelOps
from reelops_client.jobs import FINAL, JobState
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Column, Table
from rich.text import Text

from reelops.cli.operate import say
from reelops.cli.service import on_service, out

WIDE = 140

app = typer.Typer(help="What the service is working on.", no_args_is_help=True)
STYLES = {"queued": "yellow", "running": "cyan", "completed": "green", "failed": "red", "cancelled": "magenta"}

Kind = Annotated[str | None, typer.Option(help="Only this kind, `sopilot.ingest` for one.")]
State = Annotated[str | None, typer.Option(help=f"Only this state: {', '.join(STYLES)}.")]
Task = Annotated[str | None, typer.Option(help="Only this task.")]
Limit = Annotated[int, typer.Option(min=1, max=500, help="Jobs to show at most.")]


def list_jobs(reelops: ReelOps, kind: Kind = None, state: State = None, task: Task = None, limit: Limit = 20) -> None:
    """Lists jobs, newest first."""
    out.print(table_of(newest(reelops, kind=kind, state=state, task=task, limit=limit)))


def watch(
    reelops: ReelOps,
    job_id: Annotated[str | None, typer.Argument(help="Only this job, until it ends; all where absent.")] = None,
    kind: Kind = None,
    state: State = None,
    task: Task = None,
    limit: Limit = 20,
    every: Annotated[float, typer.Option(min=0.1, max=60, help="Seconds between two looks.")] = 1.0,
    until_idle: Annotated[bool, typer.Option(help="End when no shown job is queued or running.")] = False,
) -> None:
    """Shows jobs as they go on, until interrupted; one job until it ends, and fails where it is not completed."""
    if job_id is not None:
        watch_one(reelops, job_id)
        return
    with Live(console=out, auto_refresh=False) as live:
        while True:
            jobs = newest(reelops, kind=kind, state=state, task=task, limit=limit)
            live.update(table_of(jobs), refresh=True)
            if until_idle and all(job.state in FINAL for job in jobs):
                return
            time.sleep(every)


def watch_one(reelops: ReelOps, job_id: str) -> None:
    job = Job()
    with Live(console=out, auto_refresh=False) as live:
        for job in reelops.jobs.watch(job_id):
            live.update(table_of([job]), refresh=True)
    if job.state != Job.STATE_COMPLETED:
        raise typer.Exit(1)


def cancel(reelops: ReelOps, job_id: Annotated[str, typer.Argument(help="The job's id.")]) -> None:
    """Asks a job to stop: at once while it waits, at its next checkpoint while it runs."""
    job = reelops.jobs.cancel(job_id)
    say(f"{job.job_id}: {'cancelled' if job.state == Job.STATE_CANCELLED else 'stops at its next checkpoint'}")


def newest(reelops: ReelOps, *, kind: str | None, state: str | None, task: str | None, limit: int) -> list[Job]:
    found = reelops.jobs.list(kind=kind, state=known_state(state), task_id=task, page_size=limit)
    return list(islice(found, limit))


def known_state(name: str | None) -> JobState | None:
    match name:
        case None | "queued" | "running" | "completed" | "failed" | "cancelled":
            return name
    raise ValueError(f"a job's state is one of {', '.join(STYLES)}, not {name!r}")


def table_of(jobs: Iterable[Job]) -> Table:
    wide = out.width >= WIDE
    # An id is there to be copied: it is never cut.
    table = Table(Column("job", no_wrap=True, overflow="ignore"), "state", "done", "doing", "took", box=None)
    for title in ("kind", "task", "attempt", "by") if wide else ():
        table.add_column(title)
    for job in jobs:
        name = state_name(job)
        more = (Text(job.kind), Text(job.task_id), f"{job.attempt}/{job.max_attempts}", Text(job.requested_by))
        table.add_row(
            Text(job.job_id),
            Text(name, style=STYLES.get(name, "")),
            ProgressBar(total=1.0, completed=job.progress, width=8),
            Text(job.error_message or job.stage, style="red" if job.error_message else ""),
            duration(job),
            *(more if wide else ()),
        )
    return table


def state_name(job: Job) -> str:
    return Job.State.Name(job.state).removeprefix("STATE_").lower()


def duration(job: Job) -> str:
    """Returns how long a job has been worked on, "" before that."""
    if not job.HasField("started_at"):
        return ""
    end = job.finished_at.ToNanoseconds() if job.HasField("finished_at") else time.time_ns()
    return f"{max(0, end - job.started_at.ToNanoseconds()) / 1e9:.1f} s"


app.command("list")(on_service(list_jobs))
app.command()(on_service(watch))
app.command()(on_service(cancel))
