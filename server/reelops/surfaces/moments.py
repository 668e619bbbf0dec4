"""Moments as every surface's messages hold them."""

from __future__ import annotations

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp


def timestamp(moment: datetime | None) -> Timestamp | None:
    """Converts a moment; None stays None."""
    if moment is None:
        return None
    made = Timestamp()
    made.FromDatetime(moment)
    return made
