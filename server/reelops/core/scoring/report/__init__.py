"""The PDF report of a score: for the person who trains, and for the one who is trained."""

from reelops.core.scoring.report.document import FaultPictures, ReportDocument, VideoFacts
from reelops.core.scoring.report.render import render_report

__all__ = ["FaultPictures", "ReportDocument", "VideoFacts", "render_report"]
