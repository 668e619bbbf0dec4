"""What stands behind the score: the videos, the model, and the documented figures."""

from __future__ import annotations

from dataclasses import fields

from reportlab.lib.units import mm
from reportlab.platypus import Table

from reelops.core.scoring.model import Metrics, StepSpan, TimeRange
from reelops.core.scoring.report import style, words
from reelops.core.scoring.report.document import ReportDocument, VideoFacts

_NAMES = 40 * mm
_LIMIT = 240


def videos(document: ReportDocument) -> Table:
    """Tables the facts of both videos side by side."""
    head = [style.text(name, style.CELL_HEAD) for name in ("", "Gold", "Trainee")]
    both = zip(_facts(document.gold), _facts(document.trainee), strict=True)
    rows = [
        [style.text(name, style.CELL_NOTE), style.text(gold, limit=_LIMIT), style.text(trainee, limit=_LIMIT)]
        for (name, gold), (_, trainee) in both
    ]
    column = (style.WIDTH - _NAMES) / 2
    return Table([head, *rows], colWidths=[_NAMES, column, column], repeatRows=1, style=style.TABLE + style.HEAD_ROW)


def _facts(video: VideoFacts) -> list[tuple[str, str]]:
    return [
        ("Video", str(video.video_id)),
        ("File", video.filename or words.ABSENT),
        ("Site", video.site_id or words.ABSENT),
        ("Camera", video.camera_id or words.ABSENT),
        ("Length", words.clock(video.duration_sec, tenths=True)),
        ("Frames per second", f"{video.source_fps:.2f}" if video.source_fps else words.ABSENT),
        ("Clips compared", str(video.num_clips)),
        ("Added", words.moment(video.created_at)),
    ]


def steps(document: ReportDocument) -> Table:
    """Tables the named steps of the gold video, and where the trainee did them."""
    both = document.result.steps
    rows = [[style.text(name, style.CELL_HEAD) for name in ("No.", "Step", "Gold", "Trainee")]]
    for number, step in enumerate(both.gold):
        done = [_span(span) for span in both.trainee if span.gold_step == number]
        rows.append(
            [
                style.text(str(number + 1)),
                style.text(step.name or words.ABSENT, limit=_LIMIT),
                style.text(_span(step)),
                style.text(", ".join(done) or "not found", limit=_LIMIT),
            ]
        )
    widths = [11 * mm, style.WIDTH - 91 * mm, _NAMES, _NAMES]
    return Table(rows, colWidths=widths, repeatRows=1, style=style.TABLE + style.HEAD_ROW)


def _span(step: StepSpan) -> str:
    return words.span(TimeRange(step.start_sec, step.end_sec)) or words.ABSENT


def provenance(document: ReportDocument) -> Table:
    """Tables how the score came about, so that it can be made again."""
    result = document.result
    facts = [
        ("Task", document.task_id),
        ("Score job", document.score_job_id),
        ("Asked for by", document.requested_by),
        ("Queued", words.exact_moment(document.queued_at)),
        ("Finished", words.exact_moment(document.finished_at)),
        ("Scoring profile", result.profile),
        ("Embedding model", result.embedding_model),
        ("Feature adapter", result.adapter_version or "none"),
        ("Report made", words.exact_moment(document.generated_at)),
        ("ReelOps", document.reelops_version),
    ]
    rows = [[style.text(name, style.CELL_NOTE), style.text(value, limit=_LIMIT)] for name, value in facts]
    first = [("LINEABOVE", (0, 0), (-1, 0), 0.75, style.MUTED)]
    return Table(rows, colWidths=[_NAMES, style.WIDTH - _NAMES], style=style.TABLE + first)


def metrics(figures: Metrics) -> Table:
    """Tables the documented figures with what they mean."""
    head = [
        style.text("Figure", style.CELL_HEAD),
        style.text("What it says", style.CELL_HEAD),
        style.text("Value", style.CELL_HEAD_RIGHT),
    ]
    rows = []
    for name in (field.name for field in fields(Metrics)):
        plain, meaning = words.METRICS[name]
        value = words.metric_value(name, figures)
        rows.append([style.text(plain), style.text(meaning, style.CELL_NOTE), style.text(value, style.CELL_RIGHT)])
    widths = [_NAMES, style.WIDTH - _NAMES - 22 * mm, 22 * mm]
    return Table([head, *rows], colWidths=widths, repeatRows=1, style=style.TABLE + style.HEAD_ROW)
