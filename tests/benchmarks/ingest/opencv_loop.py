"""The plain way to look at a video: read every frame, resize it, take a grey histogram."""

from __future__ import annotations

from pathlib import Path

import cv2

ANALYSIS_SIDE = 320


def read_every_frame(path: Path) -> int:
    """Gives the number of frames read."""
    capture = cv2.VideoCapture(str(path))
    count = 0
    while True:
        found, frame = capture.read()
        if not found:
            break
        height, width = frame.shape[:2]
        scale = ANALYSIS_SIDE / max(height, width)
        small = cv2.resize(frame, (round(width * scale), round(height * scale)))
        grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
        cv2.calcHist([grey], [0], None, [256], [0, 256])
        count += 1
    capture.release()
    return count
