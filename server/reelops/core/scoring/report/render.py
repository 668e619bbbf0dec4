"""From a score to the file that is handed to people."""

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer, Table

from reelops.core.scoring.model import ScoreResult
from reelops.core.scoring.report import details, style, summary, typefaces, words
from reelops.core.scoring.report.document import ReportDocument
from reelops.core.scoring.report.faults import fault_table
from reelops.core.scoring.report.pages import Heading, lay_out
from reelops.core.scoring.report.similarity import SimilarityPlot, SimilarityScale
from reelops.core.scoring.report.timeline import Timeline
from reelops.core.scoring.sopilot_v1 import PROFILE as FORMULA_PROFILE

_LEGEND = 52 * mm


def render_report(document: ReportDocument) -> bytes:
    """Renders the PDF report of a score.

    Blocks for up to some seconds when there are hundreds of faults: run it in a thread. The same document gives the
    same bytes. Text of any script and length is shown or shortened; pictures that cannot be read are left out.
    """
    typefaces.prepare()
    # Page numbers say how many pages there are, which only a first layout knows.
    _, total = lay_out(document, story(document), total=None)
    report, _ = lay_out(document, story(document), total=total)
    return report


def story(document: ReportDocument) -> list[Flowable]:
    """Lists what the report shows, from top to bottom."""
    result = document.result
    return [
        *summary.heading(document),
        summary.ScoreCard(document),
        *_timeline(document),
        *_section("Where the points went", summary.breakdown(result), room=50 * mm),
        *_steps(document),
        *_similarity(document),
        *_faults(document),
        *_section("Figures of the comparison", *_figures(result), room=60 * mm),
        *_section("Videos", details.videos(document), room=70 * mm),
        *_section("How this score was made", details.provenance(document), room=70 * mm),
    ]


def _section(name: str, *content: Flowable, room: float) -> list[Flowable]:
    return [CondPageBreak(room), Heading(name), *content]


def _timeline(document: ReportDocument) -> list[Flowable]:
    drawing = Timeline(document)
    note = "Numbers in the bars are steps of the gold video; a ribbon joins a step to where the trainee did it."
    if document.result.deviations:
        note += " Red marks carry the numbers of the faults below."
    if any(span.gold_step is None for span in document.result.steps.trainee):
        note += " A dashed part marked + is not in the gold video."
    if drawing.unnumbered:
        note += f" {words.counted(drawing.unnumbered, 'mark')} stand too close together to be numbered."
    return [KeepTogether([Heading("Timeline"), style.text(note, style.NOTE), Spacer(1, 4), drawing])]


def _steps(document: ReportDocument) -> list[Flowable]:
    """Lists the steps where somebody named them; numbers alone are in the timeline already."""
    if not any(span.name for span in document.result.steps.gold):
        return []
    return _section("Steps", details.steps(document), room=50 * mm)


def _similarity(document: ReportDocument) -> list[Flowable]:
    heading = Heading("Similarity")
    if document.preview.size == 0 or not len(document.clip_times.gold) or not len(document.clip_times.trainee):
        return [KeepTogether([heading, style.text("There is no similarity picture for this score.", style.NOTE)])]
    legend = [
        style.text("How alike the clips are", bold=True),
        Spacer(1, 4),
        SimilarityScale(document.preview, _LEGEND - 4),
        Spacer(1, 6),
        style.text(
            "Each cell compares a moment of the gold video (down) with one of the trainee's (across). Darker "
            "is more alike.",
            style.NOTE,
        ),
        Spacer(1, 6),
        style.text(
            "The orange line is the alignment: which moments belong together. It is broken where a moment has "
            "no partner.",
            style.NOTE,
        ),
        Spacer(1, 6),
        style.text("Dashed lines are where steps begin and end.", style.NOTE),
    ]
    flat = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
    ]
    both = Table([[SimilarityPlot(document), legend]], colWidths=[style.WIDTH - _LEGEND, _LEGEND], style=flat)
    return [KeepTogether([heading, both])]


def _faults(document: ReportDocument) -> list[Flowable]:
    if document.result.deviations:
        return _section("Faults", fault_table(document), room=60 * mm)
    text = "No faults were found: every step of the gold video is there, in order and in time."
    return [KeepTogether([Heading("Faults"), style.text(text, style.BODY)])]


def _figures(result: ScoreResult) -> list[Flowable]:
    if result.profile == FORMULA_PROFILE:
        note = "The points above are computed from these figures."
    else:
        note = (
            "These figures describe how the two videos were laid side by side; the points above come from the faults."
        )
    return [style.text(note, style.NOTE), Spacer(1, 4), details.metrics(result.metrics)]
