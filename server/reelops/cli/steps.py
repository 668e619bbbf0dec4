"""`reelops steps`: what the steps of a task are called, where they lie, how long they should take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from google.protobuf import json_format
from reelops_client import GoldSteps, ReelOps, Video
from rich.table import Table
from rich.text import Text

from reelops.cli.service import on_service, out


def add_to(app: typer.Typer) -> None:
    """Adds the command to the program."""
    app.command()(on_service(steps))


def steps(
    reelops: ReelOps,
    task: Annotated[str, typer.Argument(help="The task.")],
    gold: Annotated[int | None, typer.Option(help="The gold video; the newest of the task where absent.")] = None,
    save: Annotated[Path | None, typer.Option(help="Write the steps to this JSON file, to edit them.")] = None,
    load: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Set the steps of this JSON file.")
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Forget the steps that were set.")] = False,
) -> None:
    """Shows the steps of a task's gold video; saves, sets or resets them."""
    if load is not None and reset:
        raise ValueError("--load and --reset exclude each other")
    number = newest_gold(reelops, task) if gold is None else gold
    if load is not None:
        wanted = read_file(load)
        # The version in the file is the one that was saved: what others changed since is not overwritten.
        version = wanted.version if wanted.gold_video_id == number else None
        shown = reelops.sopilot.steps.set(task_id=task, gold=number, steps=wanted.steps, version=version)
    elif reset:
        shown = reelops.sopilot.steps.reset(task_id=task, gold=number)
    else:
        shown = reelops.sopilot.steps.list(task_id=task, gold=number)
    if save is not None:
        save.write_text(
            json_format.MessageToJson(
                shown, preserving_proto_field_name=True, always_print_fields_with_no_presence=True, ensure_ascii=False
            ),
            "utf-8",
        )
    show(shown)


def newest_gold(reelops: ReelOps, task: str) -> int:
    """Finds the gold video that was added last. Raises `ValueError` where there is none."""
    videos = reelops.sopilot.videos.list(task_id=task, limit=500)
    found = next((video.video_id for video in videos if video.role == Video.gold), None)
    if found is None:
        raise ValueError(f"task {task} has no gold video")
    return found


def read_file(path: Path) -> GoldSteps:
    """Reads what was saved. Raises `ValueError` that says what is wrong with it."""
    try:
        return json_format.Parse(path.read_text("utf-8"), GoldSteps())
    except (json_format.ParseError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} holds no steps: {error}") from None


def show(gold: GoldSteps) -> None:
    whose = f"set by {gold.changed_by}" if gold.source == GoldSteps.set else "found"
    table = Table("no.", "step", "from", "to", "expected", "critical", title_justify="left")
    table.title = Text(f"gold video {gold.gold_video_id}, version {gold.version}, {whose}")
    for number, step in enumerate(gold.steps, start=1):
        expected = f"{step.expected_sec:.1f} s" if step.HasField("expected_sec") else ""
        times = (f"{step.start_sec:.1f} s", f"{step.end_sec:.1f} s")
        table.add_row(str(number), Text(step.name), *times, expected, "yes" if step.critical else "")
    out.print(table)
