"""The frames that show a score's faults: one archive per score, made with its report and served one by one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from reelops.core.library.model import VideoRole
from reelops.core.scoring.report import FaultPictures

# The same frames always give the same bytes.
_MADE = (1980, 1, 1, 0, 0, 0)


def pack_frames(pictures: Mapping[int, FaultPictures]) -> bytes:
    """Packs JPEG files by the fault's position and the video they are of, as they are: JPEG does not get smaller."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for fault, pair in sorted(pictures.items()):
            for role, picture in ((VideoRole.gold, pair.gold), (VideoRole.trainee, pair.trainee)):
                if picture is not None:
                    archive.writestr(zipfile.ZipInfo(_name(fault, role), _MADE), picture)
    return buffer.getvalue()


def unpack_frame(packed: bytes, fault: int, role: VideoRole) -> bytes | None:
    """Takes one frame out; None where the fault has none in that video."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        try:
            return archive.read(_name(fault, role))
        except KeyError:
            return None


def _name(fault: int, role: VideoRole) -> str:
    return f"{fault}.{role.value}.jpg"
