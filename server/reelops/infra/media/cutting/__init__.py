"""Cuts pieces out of videos, to the frame. See README.md for how."""

from reelops.infra.media.cutting.cutter import cut
from reelops.infra.media.cutting.model import Container, CutReport

__all__ = ["Container", "CutReport", "cut"]
